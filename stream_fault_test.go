//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// The tests in this file kill readers and workers of streams, and cut their connections,
// while numbered messages flow, and then account for every number.

// long asks for the full size of tests that are long: CI sets CI.
func long(full, short int) int {
	if os.Getenv("CI") != "" {
		return full
	}
	return short
}

// streamWorld is a server, a stream "s" with the numbers from 0 to n-1, and a group "g".
type streamWorld struct {
	server *storetest.Server
	client *store.Client
	n      int
}

func newStreamWorld(t *testing.T, n int) *streamWorld {
	t.Helper()
	w := &streamWorld{server: storetest.RunRedis(t), n: n}
	var err error
	if w.client, err = store.Open(w.server.URL(), store.WithService("api")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.client.Close() })
	w.restart(t)
	return w
}

// restart begins again with a fresh stream and group.
func (w *streamWorld) restart(t *testing.T) {
	t.Helper()
	if err := w.server.Client().FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	w.append(t, 0, w.n)
	if _, err := w.group().Ensure(t.Context(), "0"); err != nil {
		t.Fatal(err)
	}
}

func (w *streamWorld) group() store.Group { return w.client.Streams().Group("s", "g") }

// append appends the numbers from first to past-1.
func (w *streamWorld) append(t *testing.T, first, past int) {
	t.Helper()
	var lines strings.Builder
	for i := first; i < past; i++ {
		fmt.Fprintln(&lines, i)
	}
	report, err := w.client.Streams().AppendAll(t.Context(), "s",
		store.ReadMessages(strings.NewReader(lines.String()), false), store.AppendOptions{})
	if err != nil || report.Written != past-first {
		t.Fatalf("appended %+v, %v", report, err)
	}
}

// command is store for the stream's service, at a URL.
func (w *streamWorld) command(url string, args ...string) *exec.Cmd {
	cmd := exec.Command("store", "--url", url, "--service", "api", "stream")
	cmd.Args = append(cmd.Args, args...)
	cmd.Env = os.Environ()
	return cmd
}

func (w *streamWorld) pending(t *testing.T) int64 {
	t.Helper()
	summary, err := w.group().Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return summary.Pending
}

// TestStreamReadKilled reads with --ack, kills the reader after it has shown some, and
// goes on as the same consumer, again and again. Every number is shown, and nothing is
// acknowledged that was not.
func TestStreamReadKilled(t *testing.T) {
	t.Parallel()
	rounds := long(100, 10)
	w := newStreamWorld(t, 1000)
	for round := range rounds {
		w.restart(t)
		shown := map[string]int{}
		w.readAndKill(t, shown, 1+rand.IntN(w.n))
		w.acknowledgedWereShown(t, round, shown)
		for _, pending := range []string{"--pending", ""} {
			w.readRest(t, shown, pending)
		}
		for i := range w.n {
			if shown[strconv.Itoa(i)] == 0 {
				t.Errorf("round %d: %d was never shown", round, i)
			}
		}
		if n := w.pending(t); n > 0 {
			t.Errorf("round %d: %d are left pending", round, n)
		}
	}
}

// readAndKill reads everything in small steps, and kills the reader when it has shown k.
func (w *streamWorld) readAndKill(t *testing.T, shown map[string]int, k int) {
	t.Helper()
	left := k
	for left > 0 {
		cmd := w.command(w.server.URL(), "read", "s", "--group", "g", "--consumer", "c",
			"--count", strconv.Itoa(1+w.n/3), "--ack", "-o", "raw")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		some := false
		lines := bufio.NewReader(out) // whatever reached the pipe was shown, also what it holds
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				break // a line that was cut was not shown
			}
			shown[strings.TrimSuffix(line, "\n")]++
			some = true
			if left--; left == 0 {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
		if !some {
			return
		}
	}
}

// acknowledgedWereShown checks that everything that was delivered and is not pending was
// shown before.
func (w *streamWorld) acknowledgedWereShown(t *testing.T, round int, shown map[string]int) {
	t.Helper()
	pending := map[string]bool{}
	for e, err := range w.group().PendingEntries(t.Context(), store.PendingOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		pending[e.ID] = true
	}
	info, err := w.group().Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := store.RangeOptions{End: info.LastDelivered}
	for m, err := range w.client.Streams().Range(t.Context(), "s", o) {
		if err != nil {
			t.Fatal(err)
		}
		if !pending[m.ID] && shown[m.Message.String()] == 0 {
			t.Errorf("round %d: %s was acknowledged and never shown", round, m.Message)
		}
	}
}

// readRest reads what is left, as a person would go on.
func (w *streamWorld) readRest(t *testing.T, shown map[string]int, pending string) {
	t.Helper()
	args := strings.Fields("read s --group g --consumer c --count 2000 --ack -o raw")
	if pending != "" {
		args = append(args, pending)
	}
	out, err := w.command(w.server.URL(), args...).Output()
	exit, ended := errors.AsType[*exec.ExitError](err)
	if err != nil && (!ended || exit.ExitCode() != 1) {
		t.Fatalf("%v: %v", args, err)
	}
	for line := range strings.Lines(string(out)) {
		shown[strings.TrimSuffix(line, "\n")]++
	}
}

// TestStreamWorkersKilled has four workers consume numbered messages while they flow,
// kills them at random and starts others in their place. Every number is worked on at
// least once and none is left pending; what was worked on twice was delivered twice. The
// variable STORE_TEST_MESSAGES is how many numbers there are; 100,000 take ten minutes.
func TestStreamWorkersKilled(t *testing.T) {
	t.Parallel()
	n := long(4000, 1500)
	if asked, err := strconv.Atoi(os.Getenv("STORE_TEST_MESSAGES")); err == nil {
		n = asked
	}
	w := newStreamWorld(t, 0)
	log := filepath.Join(t.TempDir(), "log")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var workers sync.WaitGroup
	for i := range 4 {
		workers.Go(func() { w.work(ctx, t, fmt.Sprintf("w%d", i), log) })
	}
	for first := 0; first < n; first += 100 {
		w.append(t, first, min(first+100, n))
	}
	limit := 10*waitLimit + time.Duration(n)*10*time.Millisecond
	err := storetest.WaitFor(t.Context(), limit, func() error {
		info, err := w.group().Info(t.Context())
		if err == nil && (info.Lag != 0 || info.Pending > 0) {
			err = fmt.Errorf("lag %s, pending %d", info.Lag, info.Pending)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	cancel()
	workers.Wait()
	w.account(t, log, n)
}

// work runs one worker after the other under one name. Each is killed after a random
// time; its last command is let finish by the shell.
func (w *streamWorld) work(ctx context.Context, t *testing.T, name, log string) {
	for ctx.Err() == nil {
		life, cancel := context.WithTimeout(ctx, 200*time.Millisecond+rand.N(2*time.Second))
		cmd := w.command(w.server.URL(), "consume", "s", "--group", "g", "--consumer", name,
			"--jobs", "2", "--claim-idle", "1s", "-q", "--",
			"sh", "-c", `read n && echo "$n $STORE_STREAM_DELIVERIES" >> "$0"`, log)
		if err := cmd.Start(); err != nil {
			t.Error(err)
			cancel()
			return
		}
		<-life.Done()
		cancel()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// account checks what was worked on.
func (w *streamWorld) account(t *testing.T, log string, n int) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	times, again := make([]int, n), make([]int, n)
	for line := range strings.Lines(string(text)) {
		var number, delivery int
		if _, err := fmt.Sscanf(line, "%d %d\n", &number, &delivery); err != nil || number >= n {
			t.Fatalf("line %q: %v", line, err)
		}
		times[number]++
		if delivery > 1 {
			again[number]++
		}
	}
	doubles := 0
	for number, count := range times {
		switch {
		case count == 0:
			t.Errorf("%d was never worked on", number)
		case count-1 > again[number]:
			t.Errorf("%d was worked on %d times, %d of them deliveries after the first",
				number, count, again[number])
		case count > 1:
			doubles++
		}
	}
	t.Logf("%d numbers, %d of them worked on more than once, each after a redelivery", n, doubles)
}

// TestStreamTailReconnects cuts a follower's connection again and again while numbered
// messages are appended: no hole, and nothing twice.
func TestStreamTailReconnects(t *testing.T) {
	t.Parallel()
	n := 20_000
	w := newStreamWorld(t, 0)
	proxy := storetest.RunProxy(t, w.server.Addr)
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w.append(t, 0, 1)
	cmd := w.command(proxy.URL(), "tail", "s", "-n", "1", "--follow", "-o", "raw", "--timeout", "1s")
	said, err := os.Create(out.Name() + ".err")
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd.Stdout, cmd.Stderr = out, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	w.lines(t, out.Name(), 1)
	for first := 1; first < n; first += 1000 {
		switch rand.IntN(3) {
		case 0:
			proxy.LoseReplies(rand.IntN(3000))
		case 1:
			proxy.Cut()
		case 2:
			proxy.Reset()
		}
		past := min(first+1000, n)
		w.append(t, first, past)
		proxy.Pass()
		w.lines(t, out.Name(), past)
	}
	text, err := os.ReadFile(said.Name())
	if back := strings.Count(string(text), "connected again"); err != nil || back < 5 {
		t.Errorf("connected again %d times, %v:\n%s", back, err, text)
	}
	got, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range slices.Collect(strings.Lines(string(got))) {
		if line != fmt.Sprintln(i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

// lines waits until a file has so many lines.
func (w *streamWorld) lines(t *testing.T, name string, n int) {
	t.Helper()
	err := storetest.WaitFor(t.Context(), 3*waitLimit, func() error {
		text, err := os.ReadFile(name)
		if got := strings.Count(string(text), "\n"); err == nil && got < n {
			err = fmt.Errorf("%d lines, want %d", got, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStreamAppendLost cuts the connection in the middle of an append -f: what the report
// says is what is in the stream, nothing twice, in order.
func TestStreamAppendLost(t *testing.T) {
	t.Parallel()
	const n = 20_000
	w := newStreamWorld(t, 0)
	proxy := storetest.RunProxy(t, w.server.Addr)
	var input strings.Builder
	for i := range n {
		fmt.Fprintln(&input, i)
	}
	for range long(30, 8) {
		w.restart(t)
		proxy.LoseReplies(rand.IntN(n * 20))
		client, err := store.Open(proxy.URL(), store.WithService("api"))
		if err != nil {
			t.Fatal(err)
		}
		report, err := client.Streams().AppendAll(t.Context(), "s",
			store.ReadMessages(strings.NewReader(input.String()), false), store.AppendOptions{})
		client.Close()
		proxy.Pass()
		if !errors.Is(err, store.ErrOutcomeUnknown) && report.Written < n {
			t.Errorf("report %+v, %v", report, err)
		}
		i := 0
		for m, err := range w.client.Streams().Range(t.Context(), "s", store.RangeOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			if m.Message.String() != strconv.Itoa(i) {
				t.Fatalf("message %d is %s", i, m.Message)
			}
			i++
		}
		if i < report.Written || i > report.Written+report.Unknown {
			t.Errorf("%d messages; report %+v", i, report)
		}
	}
}

// TestStreamConsumerLosesAnswers works through a stream over a connection that breaks,
// also between a message being handed out and its arrival.
func TestStreamConsumerLosesAnswers(t *testing.T) {
	t.Parallel()
	w := newStreamWorld(t, 300)
	proxy := storetest.RunProxy(t, w.server.Addr)
	client, err := store.Open(proxy.URL(), store.WithService("api"), store.WithTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	lost := 0
	o := store.ConsumeOptions{OnLink: func(e store.LinkEvent) {
		if e.Err == nil {
			return
		}
		lost++
		proxy.Pass()
	}}
	got := map[string]int{}
	for d, err := range client.Streams().Group("s", "g").Consume(t.Context(), "c", o) {
		if err != nil {
			t.Fatal(err)
		}
		got[d.Message.Message.String()]++
		if err := d.Ack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(got) == w.n {
			break
		}
		switch {
		case len(got)%20 == 0:
			proxy.LoseReplyTo("xreadgroup")
		case len(got)%33 == 0:
			proxy.Cut()
		}
	}
	if n := w.pending(t); n > 0 || len(got) != w.n || lost < 10 {
		t.Errorf("%d pending, %d of %d seen, %d connections lost", n, len(got), w.n, lost)
	}
}

// TestStreamReadDeadServer reads from a server that says nothing any more: that is
// noticed, though --block has not passed.
func TestStreamReadDeadServer(t *testing.T) {
	t.Parallel()
	w := newStreamWorld(t, 0)
	cmd := w.command(w.server.URL(), "read", "s", "--group", "g", "--consumer", "c",
		"--block", "1h", "--timeout", "500ms")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	err := storetest.WaitFor(t.Context(), waitLimit, func() error {
		clients, err := w.server.Client().ClientList(t.Context()).Result()
		if err == nil && !strings.Contains(clients, "cmd=xreadgroup") {
			err = errors.New("nobody reads")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.server.Pause(); err != nil {
		t.Fatal(err)
	}
	defer w.server.Resume()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
		if code := cmd.ProcessState.ExitCode(); code != 6 {
			t.Errorf("exit code %d, want 6: a message may have been handed out", code)
		}
	case <-time.After(waitLimit):
		t.Error("the dead server is not noticed")
	}
}
