package storetest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// set writes a key and fails the test if it cannot.
func set(t *testing.T, client redis.Cmdable, key, value string) {
	t.Helper()
	if err := client.Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}

// expect compares a key with a value, "" for a missing one.
func expect(t *testing.T, client redis.Cmdable, key, want string) {
	t.Helper()
	got, err := client.Get(t.Context(), key).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s is %q, want %q", key, got, want)
	}
}

// dial connects as a client of the URL would, without repeating anything.
func dial(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries, options.DialerRetries = -1, 1
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

// gone waits until nobody listens on an address.
func gone(t *testing.T, addr string) {
	t.Helper()
	err := storetest.WaitFor(t.Context(), 5*time.Second, func() error {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return nil
		}
		conn.Close()
		return errors.New("somebody listens on " + addr)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRedisServesItsURL(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t, storetest.WithPassword("p@ss word"))
	set(t, dial(t, server.URL()), "k", "v")
	expect(t, server.Client(), "k", "v")

	open := dial(t, "redis://"+server.Addr)
	if err := open.Ping(t.Context()).Err(); err == nil {
		t.Error("the server asks for no password")
	}
}

func TestRedisStopLeavesNothing(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	server.Stop()
	gone(t, server.Addr)
	if _, err := os.Stat(server.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory: %v", err)
	}
	server.Stop()
}

func TestRedisUnixSocket(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t, storetest.WithUnixSocket())
	set(t, dial(t, "unix://"+server.Socket), "k", "v")
	expect(t, server.Client(), "k", "v")
}

func TestRedisForgetsOnRestart(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	set(t, server.Client(), "k", "v")
	restart(t, server)
	expect(t, server.Client(), "k", "")
}

func TestRedisKeepsWhatItSaved(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	set(t, server.Client(), "k", "v")
	if err := server.Client().Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	restart(t, server)
	expect(t, server.Client(), "k", "v")
}

func TestRedisAppendOnlySurvivesKill(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t, storetest.WithAppendOnly())
	set(t, server.Client(), "k", "v")
	server.Kill()
	gone(t, server.Addr)
	restart(t, server)
	expect(t, server.Client(), "k", "v")
}

func restart(t *testing.T, server *storetest.Server) {
	t.Helper()
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
}

func TestRedisPause(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	client := dial(t, server.URL())
	set(t, client, "k", "v")
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := client.Ping(ctx).Err(); err == nil {
		t.Error("a paused server answered")
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	expect(t, client, "k", "v")
}

func TestRedisStopsWhilePaused(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	gone(t, server.Addr)
}

func TestRedisReplica(t *testing.T) {
	t.Parallel()
	primary := storetest.RunRedis(t)
	set(t, primary.Client(), "k", "v")
	replica := storetest.RunRedis(t, storetest.WithReplicaOf(primary))
	expect(t, replica.Client(), "k", "v")
	if err := replica.Client().Set(t.Context(), "k", "w", 0).Err(); err == nil {
		t.Error("the replica took a write")
	}
}

func TestRedisSaysWhyItDidNotStart(t *testing.T) {
	t.Parallel()
	storetest.Require(t, "redis-server")
	_, err := storetest.StartRedis(storetest.WithArgs("--no-such-option", "1"))
	if err == nil || !strings.Contains(err.Error(), "no-such-option") {
		t.Errorf("got %v", err)
	}
}

func TestRedisGivesUpOnTakenPort(t *testing.T) {
	t.Parallel()
	storetest.Require(t, "redis-server")
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	port := fmt.Sprint(other.Addr().(*net.TCPAddr).Port)
	_, err = storetest.StartRedis(storetest.WithArgs("--port", port))
	if err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Errorf("got %v", err)
	}
}

// TestRedisDoesNotOutliveTheTest kills a test process that runs a server.
func TestRedisDoesNotOutliveTheTest(t *testing.T) {
	t.Parallel()
	storetest.Require(t, "redis-server")
	victim := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), "STORETEST_VICTIM=1")
	stdin, err := victim.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	output, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(output).ReadString('\n')
	addr, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
	victim.Process.Kill()
	victim.Wait()
	if dir == "" {
		t.Fatalf("the victim started no server but said %q", line)
	}
	gone(t, addr)
	os.RemoveAll(dir)
}

// TestVictim is the other side of TestRedisDoesNotOutliveTheTest. It pauses its
// server, which then could not end even if it wanted to.
func TestVictim(t *testing.T) {
	if os.Getenv("STORETEST_VICTIM") == "" {
		t.SkipNow()
	}
	server := storetest.RunRedis(t)
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	fmt.Println(server.Addr, server.Dir)
	io.Copy(io.Discard, os.Stdin)
}

// TestRedisInScript shows a server that lives as long as a script.
func TestRedisInScript(t *testing.T) {
	dir := t.TempDir()
	script := []byte("exec sh -c 'echo $STORE_URL'\nstdout redis://")
	if err := os.WriteFile(dir+"/url.txtar", script, 0o600); err != nil {
		t.Fatal(err)
	}
	addr := ""
	t.Run("scripts", func(t *testing.T) {
		testscript.Run(t, testscript.Params{Dir: dir, Setup: func(env *testscript.Env) error {
			storetest.Require(env.T(), "redis-server")
			server, err := storetest.StartRedis()
			if err != nil {
				return err
			}
			env.Defer(server.Stop)
			env.Setenv("STORE_URL", server.URL())
			addr = server.Addr
			return nil
		}})
	})
	if addr != "" {
		gone(t, addr)
	}
}
