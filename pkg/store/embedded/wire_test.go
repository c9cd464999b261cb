package embedded_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/embedded"
)

// listen starts a server on a real socket.
func listen(t *testing.T, password string) (addr string, server *embedded.Server) {
	t.Helper()
	server = embedded.New(password, store.MatchGlob)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // it ends when l is closed
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		server.Close()
	})
	return l.Addr().String(), server
}

// wire is a client that sends bytes.
type wire struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, addr string) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &wire{t, conn, bufio.NewReader(conn)}
}

// send sends bytes as they are.
func (w *wire) send(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		w.t.Fatal(err)
	}
}

// command spells a command.
func command(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
	}
	return b.String()
}

// reply reads a reply, as redis-cli would show it in one line.
func (w *wire) reply() string {
	w.t.Helper()
	text, err := w.read()
	if err != nil {
		w.t.Fatalf("no reply: %v", err)
	}
	return text
}

func (w *wire) read() (string, error) {
	line, err := w.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	n := 0
	_, _ = fmt.Sscanf(line[1:], "%d", &n)
	switch line[0] {
	case '$':
		if n < 0 {
			return "(nil)", nil
		}
		text := make([]byte, n+2)
		_, err := io.ReadFull(w.in, text)
		return string(text[:n]), err
	case '*', '>':
		parts := make([]string, n)
		for i := range parts {
			if parts[i], err = w.read(); err != nil {
				return "", err
			}
		}
		return "[" + strings.Join(parts, " ") + "]", nil
	}
	return line, nil
}

// ask sends a command and returns the reply.
func (w *wire) ask(words ...string) string {
	w.t.Helper()
	w.send(command(words...))
	return w.reply()
}

// want asks and compares.
func (w *wire) want(want string, words ...string) {
	w.t.Helper()
	if got := w.ask(words...); got != want {
		w.t.Errorf("%q: got %q, want %q", words, got, want)
	}
}

// gone checks that the server has ended the connection.
func (w *wire) gone() {
	w.t.Helper()
	if rest, err := io.ReadAll(w.in); err != nil || len(rest) > 0 {
		w.t.Errorf("the connection is still there: %q, %v", rest, err)
	}
}

// list asks and returns the strings of the reply, those of lists within it as well.
func (w *wire) list(words ...string) []string {
	w.t.Helper()
	w.send(command(words...))
	var all []string
	var read func()
	read = func() {
		line, err := w.in.ReadString('\n')
		if err != nil {
			w.t.Fatalf("%q: %v", words, err)
		}
		n := 0
		if _, err := fmt.Sscanf(line[1:], "%d", &n); err != nil {
			w.t.Fatalf("%q: %q", words, line)
		}
		if line[0] == '$' {
			text := make([]byte, n+2)
			if _, err := io.ReadFull(w.in, text); err != nil {
				w.t.Fatal(err)
			}
			all = append(all, string(text[:n]))
			return
		}
		for range n {
			read()
		}
	}
	read()
	return all
}

func even(list []string) (half []string) {
	for i := 0; i < len(list); i += 2 {
		half = append(half, list[i])
	}
	return half
}

func asSet(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

func same(t *testing.T, what string, got []string, want map[string]bool) {
	t.Helper()
	if set := asSet(got); len(set) != len(got) || fmt.Sprint(set) != fmt.Sprint(want) {
		t.Errorf("%q: got %q, want %v", what, got, want)
	}
}
