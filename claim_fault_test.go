//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// The tests in this file run `store claim run` as a process of its own and then do to
// it, to its server, or to the claim what happens in the real world.

// claimRun is a `store claim run`, and the pipe by which we know its command.
type claimRun struct {
	key, pipe string
	cmd       *exec.Cmd
	stdin     *os.File      // the command's, to be closed
	err       *os.File      // what store says; a file, since nobody waits for its end
	ended     chan struct{} // closed when store has ended

	lines chan string   // what the command says
	gone  chan struct{} // closed when no process of the command's group is left
	when  time.Time     // of that; to be read after gone is closed
}

// Commands for claim run: shell scripts that say "up" on descriptor 3 and then wait to
// be ended. The descriptor is a pipe which all they start inherits, so that the pipe's
// end is the end of the last of them.
const (
	// A shell acts on a trapped signal when what it waits for has ended.
	polite    = `trap 'echo term >&3; exit 7' TERM; echo up >&3; ` + forever
	stubborn  = `trap '' TERM INT HUP QUIT; echo up >&3; sleep 600`
	forking   = `(trap '' TERM; sleep 600) & sleep 600 & echo up >&3; exec sleep 600`
	forever   = `while :; do sleep 0.05; done`
	listening = `echo up >&3; read line; echo done >&3; exit 5`
)

// runClaim starts store and waits until the command is up.
func runClaim(t *testing.T, url, script string, flags ...string) *claimRun {
	t.Helper()
	r := newClaimRun(t)
	r.start(t, exec.Command("store"), url, script, flags...)
	r.says(t, "up")
	return r
}

func newClaimRun(t *testing.T) *claimRun {
	t.Helper()
	dir := t.TempDir()
	r := &claimRun{
		key:   filepath.Base(dir) + " of " + t.Name(),
		pipe:  filepath.Join(dir, "pipe"),
		ended: make(chan struct{}), lines: make(chan string, 16), gone: make(chan struct{}),
	}
	if err := syscall.Mkfifo(r.pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	// Were the tests started by nohup, store would ignore the signal as well. It does
	// not if we receive it.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
	return r
}

// start runs a program that is store, or becomes it.
func (r *claimRun) start(t *testing.T, program *exec.Cmd, url, script string, flags ...string) {
	t.Helper()
	r.cmd = program
	r.cmd.Args = slices.Concat(r.cmd.Args,
		[]string{"--url", url, "--service", "api", "claim", "run", r.key}, flags,
		[]string{"--", "sh", "-c", `exec 3>"$0" 2>/dev/null; ` + script, r.pipe})
	var err error
	if r.err, err = os.Create(r.pipe + ".err"); err != nil {
		t.Fatal(err)
	}
	defer r.err.Close() // the other end keeps it
	r.cmd.Stderr = r.err
	var stdin *os.File
	if stdin, r.stdin, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	r.cmd.Stdin = stdin
	go r.listen()
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.cmd.Wait() // the exit code is looked at later
	}()
	t.Cleanup(r.stop)
}

// listen passes on what the command says until it is gone.
func (r *claimRun) listen() {
	defer close(r.gone)
	file, err := os.Open(r.pipe) // waits until the other side is opened as well
	if err != nil {
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		r.lines <- lines.Text()
	}
	r.when = time.Now()
	close(r.lines)
}

// stop ends what a failed test left behind.
func (r *claimRun) stop() {
	_ = r.cmd.Process.Signal(syscall.SIGCONT)
	_ = r.cmd.Process.Signal(syscall.SIGTERM) // passed on to the command
	r.stdin.Close()
	select {
	case <-r.ended:
	case <-time.After(waitLimit):
		_ = r.cmd.Process.Kill()
		<-r.ended
	}
	// Nobody may ever have opened the pipe.
	if file, err := os.OpenFile(r.pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		file.Close()
	}
}

// says waits until the command says exactly this.
func (r *claimRun) says(t *testing.T, want string) {
	t.Helper()
	select {
	case line, ok := <-r.lines:
		if !ok || line != want {
			t.Fatalf("%s: the command says %q, want %q; store says %s", r.key, line, want, r.said())
		}
	case <-time.After(waitLimit):
		t.Fatalf("%s: the command does not say %q; store says %s", r.key, want, r.said())
	}
}

// silent checks that the command has said nothing more.
func (r *claimRun) silent(t *testing.T) {
	t.Helper()
	select {
	case line, ok := <-r.lines:
		if ok {
			t.Errorf("%s: the command says %q", r.key, line)
		}
	default:
	}
}

// exits waits for store to end with this code, and returns what it said.
func (r *claimRun) exits(t *testing.T, want int) string {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(waitLimit):
		t.Fatalf("%s: store does not end", r.key)
	}
	if code := r.cmd.ProcessState.ExitCode(); code != want {
		t.Errorf("%s: exit code %d, want %d: %s", r.key, code, want, r.said())
	}
	return r.said()
}

// said returns what store has said so far.
func (r *claimRun) said() string {
	text, err := os.ReadFile(r.err.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// vanishes waits until nothing is left of the command, and returns when that was.
func (r *claimRun) vanishes(t *testing.T) time.Time {
	t.Helper()
	select {
	case <-r.gone:
	case <-time.After(waitLimit):
		t.Fatalf("%s: the command's group lives on", r.key)
	}
	return r.when
}

func (r *claimRun) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// redisKey is the whole key of the claim.
func (r *claimRun) redisKey() string { return "igniter:store:api:claim:" + r.key }

// renewed waits until the claim has just been renewed, and returns when it ends if it
// never is again.
func (r *claimRun) renewed(t *testing.T, client *redis.Client, ttl time.Duration) time.Time {
	t.Helper()
	var end time.Time
	await(t, func() error {
		now := time.Now()
		left, err := client.PTTL(t.Context(), r.redisKey()).Result()
		if end = now.Add(left); err == nil && left < ttl*9/10 {
			err = fmt.Errorf("%s has %s left", r.key, left)
		}
		return err
	})
	return end
}

// holds checks what the claim's key holds; "" is nothing.
func (r *claimRun) holds(t *testing.T, client *redis.Client, want string) {
	t.Helper()
	got, err := client.Get(t.Context(), r.redisKey()).Result()
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	if err != nil || got != want {
		t.Errorf("%s holds %q, %v; want %q", r.redisKey(), got, err, want)
	}
}

// await waits until check is content.
func await(t *testing.T, check func() error) {
	t.Helper()
	if err := storetest.WaitFor(t.Context(), waitLimit, check); err != nil {
		t.Fatal(err)
	}
}

// TestClaimRunServerSilent takes the server away for longer than the TTL. The command
// and all it started must be gone before the claim is: TERM first, KILL for who ignores
// that.
func TestClaimRunServerSilent(t *testing.T) {
	for name, fault := range map[string]func(*storetest.Server, *storetest.Proxy) error{
		"stopped":    func(s *storetest.Server, _ *storetest.Proxy) error { return s.Pause() },
		"killed":     func(s *storetest.Server, _ *storetest.Proxy) error { s.Kill(); return nil },
		"black hole": func(_ *storetest.Server, p *storetest.Proxy) error { p.BlackHole(); return nil },
		"paused": func(s *storetest.Server, _ *storetest.Proxy) error {
			return s.Client().ClientPause(context.Background(), time.Minute).Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := storetest.RunRedis(t)
			proxy := storetest.RunProxy(t, server.Addr)
			const ttl = 5 * time.Second
			flags := []string{"--ttl", "5s", "--grace", "1s", "--timeout", "500ms"}
			runs := []*claimRun{
				runClaim(t, proxy.URL(), polite, append(flags, "--lost-code", "9")...),
				runClaim(t, proxy.URL(), stubborn, flags...),
				runClaim(t, proxy.URL(), forking, flags...),
			}
			ends := make([]time.Time, len(runs))
			for i, r := range runs {
				ends[i] = r.renewed(t, server.Client(), ttl)
			}
			if err := fault(server, proxy); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			for i, r := range runs {
				// A claim may have been renewed once more before the fault.
				if next := ends[i].Add(-ttl + ttl/3); next.Before(began) {
					ends[i] = began.Add(ttl)
				}
				if gone := r.vanishes(t); !gone.Before(ends[i]) {
					t.Errorf("%s: gone %s after the claim", r.key, gone.Sub(ends[i]))
				}
			}
			runs[0].says(t, "term")
			said := runs[0].exits(t, 9)
			for _, r := range runs[1:] {
				said = r.exits(t, 3)
			}
			if !strings.Contains(said, "the claim was lost: it could not be renewed before it ran out; "+
				"the command was ended\nhint: ") {
				t.Errorf("store says %s", said)
			}
		})
	}
}

// TestClaimRunServerComesBack crashes the server and brings it back with its data
// before the claim runs out: nothing is lost.
func TestClaimRunServerComesBack(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t, storetest.WithAppendOnly(),
		storetest.WithArgs("--appendfsync", "always"))
	const ttl = 12 * time.Second
	r := runClaim(t, server.URL(), listening, "--ttl", "12s", "--grace", "1s")
	end := r.renewed(t, server.Client(), ttl)
	server.Kill()
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	await(t, func() error {
		left, err := server.Client().PTTL(t.Context(), r.redisKey()).Result()
		if err == nil && !time.Now().Add(left).After(end.Add(time.Second)) {
			err = fmt.Errorf("not renewed, %s left", left)
		}
		return err
	})
	r.silent(t)
	r.stdin.Close()
	r.says(t, "done")
	if said := r.exits(t, 5); said != "" {
		t.Errorf("store says %s", said)
	}
	r.holds(t, server.Client(), "")
}

// TestClaimRunLost takes the claim away on a server that works. It is noticed at the
// next renewal, and the thief keeps the claim.
func TestClaimRunLost(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	deleted := runClaim(t, server.URL(), polite, "--ttl", "3s")
	stolen := runClaim(t, server.URL(), forking, "--ttl", "3s", "--grace", "200ms")
	if n, err := server.Client().Del(t.Context(), deleted.redisKey()).Result(); n != 1 {
		t.Fatalf("deleted %d claims, %v", n, err)
	}
	if err := server.Client().Set(t.Context(), stolen.redisKey(), `"thief"`, 0).Err(); err != nil {
		t.Fatal(err)
	}
	for r, want := range map[*claimRun]string{
		deleted: "the claim was lost: it was removed or ran out; the command was ended\n",
		stolen:  "the claim was lost: it was taken over by thief; the command was ended\n",
	} {
		r.vanishes(t)
		if said := r.exits(t, 3); !strings.Contains(said, want) {
			t.Errorf("store says %s", said)
		}
	}
	deleted.says(t, "term")
	deleted.holds(t, server.Client(), "")
	stolen.holds(t, server.Client(), `"thief"`)
}

// TestClaimRunStopped stops store itself for longer than the TTL. It cannot end the
// command while it stands still; when it goes on it does, and leaves the claim of the
// next holder alone.
func TestClaimRunStopped(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	r := runClaim(t, server.URL(), polite, "--ttl", "2s")
	r.signal(t, syscall.SIGSTOP)
	await(t, func() error {
		taken, err := server.Client().SetNX(t.Context(), r.redisKey(), `"next"`, 0).Result()
		if err == nil && !taken {
			err = errors.New("still held")
		}
		return err
	})
	r.silent(t)
	r.signal(t, syscall.SIGCONT)
	r.vanishes(t)
	if said := r.exits(t, 3); !strings.Contains(said, "the claim was lost") {
		t.Errorf("store says %s", said)
	}
	r.holds(t, server.Client(), `"next"`)
}

// TestClaimRunKilled kills store. The command lives on, as is documented, and the claim
// ends by its TTL.
func TestClaimRunKilled(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	r := runClaim(t, server.URL(), listening, "--ttl", "2s")
	r.signal(t, syscall.SIGKILL)
	<-r.ended
	await(t, func() error {
		n, err := server.Client().Exists(t.Context(), r.redisKey()).Result()
		if err == nil && n != 0 {
			err = errors.New("still held")
		}
		return err
	})
	select {
	case <-r.gone:
		t.Error("the command is gone as well")
	default:
	}
	r.silent(t)
	r.stdin.Close()
	r.says(t, "done")
	r.vanishes(t)
}

// TestClaimRunSignals sends signals to store. The command's whole group gets them, its
// exit code is ours, and the claim is given back.
func TestClaimRunSignals(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	for _, s := range []struct {
		name   string
		signal syscall.Signal
	}{
		{"INT", syscall.SIGINT},
		{"TERM", syscall.SIGTERM},
		{"HUP", syscall.SIGHUP},
		{"QUIT", syscall.SIGQUIT},
	} {
		trapping := fmt.Sprintf(`trap 'echo %s >&3; exit 7' %s; echo up >&3; `, s.name, s.name) + forever
		trapped := runClaim(t, server.URL(), trapping, "--ttl", "60s")
		trapped.signal(t, s.signal)
		trapped.says(t, s.name)
		trapped.vanishes(t)
		if said := trapped.exits(t, 7); said != "" {
			t.Errorf("store says %s", said)
		}
		trapped.holds(t, server.Client(), "")

		plain := runClaim(t, server.URL(), `echo up >&3; exec sleep 600`, "--ttl", "60s")
		plain.signal(t, s.signal)
		plain.exits(t, 128+int(s.signal))
		plain.holds(t, server.Client(), "")
	}
}

// TestClaimRunInterruptedTwice sends SIGINT to a command that does not want to end.
// Whoever says it twice means it.
func TestClaimRunInterruptedTwice(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	r := runClaim(t, server.URL(),
		`trap 'echo again >&3' INT; echo up >&3; `+forever, "--ttl", "60s")
	r.signal(t, syscall.SIGINT)
	r.says(t, "again")
	r.signal(t, syscall.SIGINT)
	r.vanishes(t)
	r.exits(t, 128+int(syscall.SIGKILL))
	r.holds(t, server.Client(), "")
}

// TestClaimRunNohup has store ignore SIGHUP from the start, as nohup does: then it is
// not passed on.
func TestClaimRunNohup(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	r := newClaimRun(t)
	r.start(t, exec.Command("sh", "-c", `trap '' HUP; exec store "$@"`, "sh"), server.URL(),
		`trap 'echo int >&3; exit 7' INT; echo up >&3; `+forever, "--ttl", "60s")
	r.says(t, "up")
	r.signal(t, syscall.SIGHUP)
	r.signal(t, syscall.SIGINT)
	r.says(t, "int")
	r.exits(t, 7)
}

// TestClaimRunInterruptedWhileWaiting sends signals before there is a command: it never
// runs.
func TestClaimRunInterruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	for s, code := range map[syscall.Signal]int{
		syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 130, syscall.SIGQUIT: 130,
	} {
		if err := server.Client().ConfigResetStat(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		r := newClaimRun(t)
		if err := server.Client().Set(t.Context(), r.redisKey(), `"other"`, 0).Err(); err != nil {
			t.Fatal(err)
		}
		r.start(t, exec.Command("store"), server.URL(), polite, "--ttl", "60s", "--wait", "1h")
		await(t, func() error { // the test's own SET is counted, too
			if calls(t, server)["set"] < 2 {
				return errors.New("store has not tried")
			}
			return nil
		})
		r.signal(t, s)
		if said := r.exits(t, code); said != "" {
			t.Errorf("store says %s", said)
		}
		r.silent(t)
		r.holds(t, server.Client(), `"other"`)
	}
}

// TestClaimRunInterruptedWhenTaken sends a signal when the server has granted the claim
// and the answer is on its way. The command never runs, and the claim is given back.
func TestClaimRunInterruptedWhenTaken(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	proxy := storetest.RunProxy(t, server.Addr)
	proxy.Latency(250 * time.Millisecond)
	// The last thing asked before the command runs is a script; the server knows it.
	if _, err := open(t, server.URL()).Claim().Extend(
		t.Context(), "x", store.Value(`"x"`), time.Minute); err != nil {
		t.Fatal(err)
	}
	for s, code := range map[syscall.Signal]int{
		syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 130, syscall.SIGQUIT: 130,
	} {
		if err := server.Client().ConfigResetStat(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		r := newClaimRun(t)
		r.start(t, exec.Command("store"), proxy.URL(), polite, "--ttl", "60s")
		await(t, func() error {
			if calls(t, server)["evalsha"] == 0 {
				return errors.New("not taken yet")
			}
			return nil
		})
		r.signal(t, s)
		if said := r.exits(t, code); said != "" {
			t.Errorf("store says %s", said)
		}
		r.silent(t)
		r.holds(t, server.Client(), "")
	}
}

// TestClaimRunRenewsRarely counts what a server is asked while a claim is held: one
// command every third of the TTL.
func TestClaimRunRenewsRarely(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	r := runClaim(t, server.URL(), listening, "--ttl", "3s")
	if err := server.Client().ConfigResetStat(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	const enough = 5
	await(t, func() error {
		if n := calls(t, server)["evalsha"]; n < enough {
			return fmt.Errorf("%d renewals", n)
		}
		return nil
	})
	// The first may come at once, each further one a second after the one before.
	if took := time.Since(start); took < (enough-1)*time.Second-100*time.Millisecond {
		t.Errorf("%d renewals in %s, want one a second", enough, took)
	}
	for name, n := range calls(t, server) {
		switch name {
		case "evalsha", "get", "expire": // the script and what it does
			if n > enough+1 {
				t.Errorf("%d times %s", n, name)
			}
		case "info", "config|resetstat": // our own
		default:
			t.Errorf("%d times %s, want nothing but renewals", n, name)
		}
	}
	r.stdin.Close()
	r.says(t, "done")
	r.exits(t, 5)
}
