package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tenantstore/store/pkg/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the golden text of the scripts")

// TestMain lets the test binary play the program itself in scripts.
func TestMain(m *testing.M) {
	// A program built with the race detector sleeps for a second when it ends.
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=10")
	}
	testscript.Main(m, map[string]func(){"store": main})
}

// TestScripts runs every script against the embedded server and against Redis, each
// time with a server of its own. The conditions [embedded] and [real] tell a script
// which one it has.
func TestScripts(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { runScripts(t, "embedded", startEmbedded) })
	t.Run("real", func(t *testing.T) {
		storetest.Require(t, "redis-server")
		runScripts(t, "real", startReal)
	})
}

func runScripts(t *testing.T, kind string, start func() (*world, error)) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/scripts",
		Setup:               func(env *testscript.Env) error { return setup(env, start) },
		Condition:           func(name string) (bool, error) { return condition(kind, name) },
		Cmds:                commands(),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func condition(kind, name string) (bool, error) {
	if name != "embedded" && name != "real" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	return name == kind, nil
}

// setup gives a script its server and a home that holds nothing.
func setup(env *testscript.Env, start func() (*world, error)) error {
	w, err := start()
	if err != nil {
		return err
	}
	env.Defer(w.stop)
	w.t = env.T()
	env.Values[worldKey{}] = w
	env.Setenv("ADDR", w.addr)
	env.Setenv("STORE_URL", "redis://"+w.addr)
	env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "home", ".config"))
	return nil
}

// world is what a script runs in.
type world struct {
	t       testscript.T
	addr    string
	client  *redis.Client
	server  *storetest.Server // nil where it is embedded
	proxy   *storetest.Proxy  // nil until the script asks for one
	feeds   map[string]*os.File
	last    *exec.Cmd // the program that was signalled last
	stopped []func()  // what ends with the script
}

// worldKey finds the world among the values of a script.
type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func startEmbedded() (*world, error) {
	server, err := storetest.StartEmbedded()
	if err != nil {
		return nil, err
	}
	w := newWorld(server.Addr)
	w.defers(server.Stop)
	return w, nil
}

func startReal() (*world, error) {
	server, err := storetest.StartRedis()
	if err != nil {
		return nil, err
	}
	w := newWorld(server.Addr)
	w.server = server
	w.defers(server.Stop)
	return w, nil
}

// newWorld connects to a server. There is one connection, so what a script does to
// it (SELECT, AUTH) stays, and replies come in the older protocol, whose types are
// few.
func newWorld(addr string) *world {
	client := redis.NewClient(&redis.Options{
		Addr: addr, Protocol: 2, PoolSize: 1, MaxRetries: -1, DialerRetries: 1,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	w := &world{addr: addr, client: client, feeds: map[string]*os.File{}}
	w.defers(func() { w.client.Close() })
	return w
}

// defers has f called when the script ends.
func (w *world) defers(f func()) { w.stopped = append(w.stopped, f) }

// stop ends everything the script started, the last thing first.
func (w *world) stop() {
	for i := len(w.stopped) - 1; i >= 0; i-- {
		w.stopped[i]()
	}
}
