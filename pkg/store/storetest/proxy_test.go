package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// behindProxy returns a proxy, a connection through it, and one past it.
func behindProxy(t *testing.T) (proxy *storetest.Proxy, through, past *redis.Client) {
	t.Helper()
	server := storetest.RunEmbedded(t)
	proxy = storetest.RunProxy(t, server.Addr)
	return proxy, dial(t, proxy.URL()), dial(t, server.URL())
}

// command returns a command as it stands on the wire.
func command(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, arg := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(arg), arg)
	}
	return b.String()
}

func TestProxyPasses(t *testing.T) {
	t.Parallel()
	proxy, through, past := behindProxy(t)
	set(t, through, "k", "v")
	expect(t, past, "k", "v")
	proxy.Stop()
	gone(t, proxy.Addr)
}

func TestProxyLosesTheReplyToOneCommand(t *testing.T) {
	t.Parallel()
	proxy, through, past := behindProxy(t)
	proxy.LoseReplyTo("INCR")
	set(t, through, "other", "served")
	for range 3 {
		if err := through.Incr(t.Context(), "n").Err(); !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want EOF", err)
		}
	}
	expect(t, past, "n", "3")
	if proxy.Lost() != 3 {
		t.Errorf("%d replies were lost, want 3", proxy.Lost())
	}
	proxy.Pass()
	expect(t, through, "n", "3")
}

func TestProxyLosesRepliesAfterSomeBytes(t *testing.T) {
	t.Parallel()
	proxy, _, past := behindProxy(t)
	conn, err := net.Dial("tcp", proxy.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	proxy.LoseReplies(len("+OK\r\n:1"))
	io.WriteString(conn, command("SET", "k", "v")+command("INCR", "n"))
	reply, err := io.ReadAll(conn)
	if string(reply) != "+OK\r\n:1" || err != nil {
		t.Errorf("got %q, %v", reply, err)
	}
	expect(t, past, "n", "1")
}

func TestProxyResetsInTheMiddleOfAReply(t *testing.T) {
	t.Parallel()
	proxy, _, past := behindProxy(t)
	conn, err := net.Dial("tcp", proxy.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	proxy.ResetReplies(len("+O"))
	io.WriteString(conn, command("SET", "k", "v"))
	if reply, err := io.ReadAll(conn); len(reply) > len("+O") || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %q, %v", reply, err)
	}
	expect(t, past, "k", "v")
}

func TestProxyBlackHole(t *testing.T) {
	t.Parallel()
	proxy, through, past := behindProxy(t)
	set(t, through, "k", "before")
	proxy.BlackHole()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := through.Set(ctx, "k", "lost", 0).Err()
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
	proxy.Pass()
	expect(t, past, "k", "before")
	set(t, through, "k", "after")
	expect(t, past, "k", "after")
}

func TestProxyBlackHoleIsForEver(t *testing.T) {
	t.Parallel()
	proxy, _, _ := behindProxy(t)
	conn, err := net.Dial("tcp", proxy.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ping := func() error {
		conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		io.WriteString(conn, command("PING"))
		_, err := conn.Read(make([]byte, 8))
		return err
	}
	if err := ping(); err != nil {
		t.Fatal(err)
	}
	proxy.BlackHole()
	if err := ping(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	proxy.Pass()
	if err := ping(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a reply came after one was lost: %v", err)
	}
}

func TestProxyHalfOpen(t *testing.T) {
	t.Parallel()
	proxy, through, past := behindProxy(t)
	set(t, through, "k", "v")
	proxy.HalfOpen()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := through.Set(ctx, "k", "lost", 0).Err(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want a timeout", err)
	}
	expect(t, past, "k", "v")
	expect(t, through, "k", "v")
	if n := proxy.Accepted(); n != 2 {
		t.Errorf("%d connections, want the one that is dead and another", n)
	}
}

func TestProxyReset(t *testing.T) {
	t.Parallel()
	proxy, through, _ := behindProxy(t)
	conn, err := net.Dial("tcp", proxy.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, command("PING"))
	if _, err := conn.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	proxy.Reset()
	if _, err := conn.Read(make([]byte, 16)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset", err)
	}
	if err := through.Ping(t.Context()).Err(); err == nil {
		t.Error("a new connection was served")
	}
	proxy.Pass()
	set(t, through, "k", "v")
}

func TestProxyCut(t *testing.T) {
	t.Parallel()
	proxy, through, _ := behindProxy(t)
	subscription := through.Subscribe(t.Context(), "news")
	defer subscription.Close()
	if _, err := subscription.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	proxy.Cut()
	if _, err := subscription.Receive(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
	set(t, through, "k", "v")
}

func TestProxyLatency(t *testing.T) {
	t.Parallel()
	proxy, through, _ := behindProxy(t)
	set(t, through, "k", "v")
	proxy.Latency(30 * time.Millisecond)
	begin := time.Now()
	expect(t, through, "k", "v")
	if took := time.Since(begin); took < 30*time.Millisecond {
		t.Errorf("the reply took %v", took)
	}
}

func TestProxyBandwidth(t *testing.T) {
	t.Parallel()
	proxy, through, _ := behindProxy(t)
	long := strings.Repeat("v", 5000)
	set(t, through, "k", long)
	proxy.Bandwidth(50_000)
	begin := time.Now()
	expect(t, through, "k", long)
	if took := time.Since(begin); took < 80*time.Millisecond {
		t.Errorf("the reply took %v, at a tenth of a second for as many bytes", took)
	}
}
