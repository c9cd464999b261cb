//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// followLimit is how much longer everything may take once the servers are ready than it
// takes at rest, and three times that, as machines that run tests are busy.
const followLimit = 2 * time.Second

// failoverCount returns how many failovers a test makes. They take minutes, and measure time,
// which a machine that runs all the other tests has none of: so the variable
// STORE_TEST_FAILOVERS has to ask for them.
func failoverCount(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("STORE_TEST_FAILOVERS"))
	if err != nil || n < 1 {
		t.Skip("set STORE_TEST_FAILOVERS to the number of failovers, 20 say, and run -run Failover alone")
	}
	return n
}

// failovers is what a test of them needs of a deployment.
type failovers struct {
	url string
	env []string
	// over makes the primary that holds the key fail and returns when another is ready;
	// rejoin brings the old one back.
	over   func(ctx context.Context, key string) (*storetest.Server, error)
	rejoin func(ctx context.Context, s *storetest.Server) error
}

// TestClusterFailover kills primaries of a cluster again and again.
func TestClusterFailover(t *testing.T) {
	n := failoverCount(t)
	t.Parallel()
	cluster := storetest.RunCluster(t, 3, storetest.WithReplicas(1))
	testFailovers(t, n, failovers{url: cluster.URL(), over: cluster.FailOver, rejoin: cluster.Rejoin})
}

// TestClusterFailoverOverTLS does so over TLS.
func TestClusterFailoverOverTLS(t *testing.T) {
	n := failoverCount(t)
	t.Parallel()
	c, env := certificates(t)
	cluster := storetest.RunCluster(t, 3, storetest.WithReplicas(1), storetest.WithTLS(c))
	testFailovers(t, n, failovers{cluster.URL(), env, cluster.FailOver, cluster.Rejoin})
}

// TestSentinelFailover kills primaries that Sentinels watch.
func TestSentinelFailover(t *testing.T) {
	n := failoverCount(t)
	t.Parallel()
	group := storetest.RunSentinels(t, storetest.WithPassword("s3cret"))
	over := func(ctx context.Context, _ string) (*storetest.Server, error) { return group.FailOver(ctx) }
	testFailovers(t, n, failovers{url: group.URL(), over: over, rejoin: group.Rejoin})
}

// TestSentinelFailoverOverTLS does so over TLS.
func TestSentinelFailoverOverTLS(t *testing.T) {
	n := failoverCount(t)
	t.Parallel()
	c, env := certificates(t)
	group := storetest.RunSentinels(t, storetest.WithTLS(c))
	over := func(ctx context.Context, _ string) (*storetest.Server, error) { return group.FailOver(ctx) }
	testFailovers(t, n, failovers{group.URL(), env, over, group.Rejoin})
}

// certificates returns an authority and the environment by which store uses it.
func certificates(t *testing.T) (*storetest.Certificates, []string) {
	t.Helper()
	c, err := storetest.NewCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	client := c.Client()
	return c, []string{"STORE_TLS_CA=" + c.CA, "STORE_TLS_CERT=" + client.Cert, "STORE_TLS_KEY=" + client.Key}
}

const fixedKeys = 2000

// testFailovers lets primaries fail while commands run.
func testFailovers(t *testing.T, times int, f failovers) {
	s := newSession(t, f.url, "api", f.env...)
	s.steps(t, []step{{0, fmt.Sprintf(`seq %d | sed 's/.*/{"key":"fixed:&","value":&}/' | store batch set -f - -q; `+
		`store stream group ensure s g`, fixedKeys), "2000\ncreated\n"}})
	ctx, cancel := context.WithCancel(t.Context())
	sub := s.follow(t, ctx, "store sub tick -o raw")
	tail := s.follow(t, ctx, "store stream tail s -n 1 --follow -o raw")
	worker := s.follow(t, ctx, "store stream consume s --group g --consumer c -- cat")
	holder := s.follow(t, ctx, `store claim run job --ttl 30s -- sh -c 'echo up; while sleep 0.1; do :; done'`)
	holder.waitFor(t, "up")
	sub.waitSaid(t, "subscribed")
	defer cancel()
	work := func(n int) time.Duration {
		begun, text := time.Now(), fmt.Sprint(n)
		s.steps(t, []step{{0, "store kv set ready " + text + "; store stream append s " + text + " -q", "true\n.*"}})
		tail.waitFor(t, text)
		worker.waitFor(t, text)
		for deadline := begun.Add(waitLimit); !sub.has(text); {
			s.run(t, "store pub tick "+text)
			if time.Now().After(deadline) {
				t.Fatalf("the subscriber is still deaf after %s; it says\n%s", waitLimit, sub.said())
			}
		}
		return time.Since(begun)
	}
	atRest := work(0)
	var slowest time.Duration
	var holes tally
	for n := 1; n <= times; n++ {
		busy, stop := context.WithCancel(ctx)
		var running sync.WaitGroup
		running.Go(func() { holes.scan(t, busy, s) })
		running.Go(func() { holes.batch(t, busy, s, n) })
		killed, err := f.over(ctx, "igniter:store:api:streams:s")
		if err != nil {
			stop()
			t.Fatal(err)
		}
		slowest = max(slowest, work(n)-atRest)
		stop()
		running.Wait()
		if err := f.rejoin(ctx, killed); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-holder.ended:
		t.Errorf("the claim was lost: %s", holder.said())
	default:
	}
	if slowest > followLimit+3*atRest {
		t.Errorf("it took up to %s until everything worked again, and %s at rest", slowest, atRest)
	}
	tail.inOrder(t, times)
	worker.inOrder(t, times)
	t.Logf("%d failovers: up to %s more than the %s at rest until everything works; %s",
		times, slowest, atRest, holes.String())
}

// follower is a command that runs for as long as the test wants, writing to files.
type follower struct {
	out, err string
	ended    chan struct{}
}

func (s *session) follow(t *testing.T, ctx context.Context, line string) *follower {
	t.Helper()
	dir := t.TempDir()
	f := &follower{out: filepath.Join(dir, "out"), err: filepath.Join(dir, "err"), ended: make(chan struct{})}
	cmd := s.command(ctx, "exec "+line+" >"+f.out+" 2>"+f.err)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // to end what it runs
	cmd.WaitDelay = waitLimit
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait()
		close(f.ended)
	}()
	t.Cleanup(func() { <-f.ended })
	return f
}

func (f *follower) lines() []string {
	text, _ := os.ReadFile(f.out)
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func (f *follower) said() string {
	text, _ := os.ReadFile(f.err)
	return string(text)
}

func (f *follower) has(line string) bool {
	return slices.Contains(f.lines(), line)
}

func (f *follower) wait(t *testing.T, check func() bool) {
	t.Helper()
	err := storetest.WaitFor(t.Context(), waitLimit, func() error {
		select {
		case <-f.ended:
			t.Fatalf("the command has ended: %s", f.said())
		default:
		}
		if !check() {
			return fmt.Errorf("printed so far %q, and on stderr\n%s", f.lines(), f.said())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (f *follower) waitFor(t *testing.T, line string) {
	t.Helper()
	f.wait(t, func() bool { return f.has(line) })
}

func (f *follower) waitSaid(t *testing.T, text string) {
	t.Helper()
	f.wait(t, func() bool { return strings.Contains(f.said(), text) })
}

// inOrder checks that the numbers from 0 to n came, none twice.
func (f *follower) inOrder(t *testing.T, n int) {
	t.Helper()
	var want strings.Builder
	for i := range n + 1 {
		want.WriteString(fmt.Sprintln(i))
	}
	if got := strings.Join(f.lines(), "\n") + "\n"; got != want.String() {
		t.Errorf("printed %q, want %q; on stderr:\n%s", got, want.String(), f.said())
	}
}

// tally counts how commands ended that ran while primaries failed.
type tally struct {
	mu    sync.Mutex
	ended map[string]int
}

func (c *tally) count(what string, code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == nil {
		c.ended = map[string]int{}
	}
	c.ended[fmt.Sprintf("%s exit %d", what, code)]++
}

func (c *tally) String() string { return strings.TrimPrefix(fmt.Sprint(c.ended), "map") }

// scan scans again and again. A scan that ends with 0 has listed every key, once.
func (c *tally) scan(t *testing.T, ctx context.Context, s *session) {
	for ctx.Err() == nil {
		out, code := c.run(t, ctx, s, "store scan 'fixed:*' -o raw --count 20 -q")
		if ctx.Err() != nil {
			return
		}
		c.count("scan", code)
		lines := strings.Fields(out)
		seen := map[string]bool{}
		for _, line := range lines {
			seen[line] = true
		}
		switch {
		case code == 0 && (len(seen) != fixedKeys || len(lines) != fixedKeys):
			t.Errorf("a scan ended with 0 and listed %d keys, %d of them different", len(lines), len(seen))
		case code != 0 && code != 4 && code != 5:
			t.Errorf("a scan ended with %d", code)
		}
	}
}

// batch writes again and again and has every row accounted for.
func (c *tally) batch(t *testing.T, ctx context.Context, s *session, n int) {
	const rows = 1000
	for i := 0; ctx.Err() == nil; i++ {
		out, code := c.run(t, ctx, s, fmt.Sprintf(
			`seq %d | sed 's/.*/{"key":"b:%d:%d:&","value":&}/' | store batch set -f - -o json -q`, rows, n, i))
		if ctx.Err() != nil {
			return
		}
		c.count("batch set", code)
		var report struct{ Written, Failed, Unknown int }
		if err := json.Unmarshal([]byte(out), &report); err != nil {
			t.Errorf("a batch reports %q", out)
			continue
		}
		whole := report.Written == rows
		if sum := report.Written + report.Failed + report.Unknown; sum != rows || (code == 0) != whole ||
			(code == 6) != (report.Unknown > 0) {
			t.Errorf("a batch of %d rows ended with %d and reports %+v", rows, code, report)
		}
	}
}

// run runs a command to its end, and returns what it wrote to stdout.
func (c *tally) run(t *testing.T, ctx context.Context, s *session, line string) (out string, code int) {
	cmd := s.command(ctx, line)
	begun := time.Now()
	text, err := cmd.Output()
	if took := time.Since(begun); took > waitLimit {
		t.Errorf("%s took %s", line, took)
	}
	if exit, ended := errors.AsType[*exec.ExitError](err); ended {
		return string(text), exit.ExitCode()
	}
	return string(text), 0
}
