package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The events that are published: as many as a busy service may have in a second, on one
// channel.
const (
	benchEvent   = "user:created"
	benchChannel = "igniter:store:api:tenant:t1:events:" + benchEvent
	benchMessage = `{"type":"user:created","data":{"id":123456,"n":1},` +
		`"timestamp":"2026-11-23T01:20:05.696Z","scope":{"key":"tenant","identifier":"t1"}}`
)

// publish is the command PUBLISH in the server's own protocol, for a payload in an envelope.
func publish(data string) string {
	message := `{"type":"user:created","data":` + data +
		`,"timestamp":"2026-11-23T01:20:05.696Z","scope":{"key":"tenant","identifier":"t1"}}`
	return fmt.Sprintf("*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n",
		len(benchChannel), benchChannel, len(message), message)
}

// pubFile publishes many events. The peer is given ready-made commands and only has to copy
// bytes; store parses each payload and puts it into its envelope.
func (b *workbench) pubFile(events, usual int, g goal) measurement {
	lines, commands := b.path("events.ndjson"), b.path("events.resp")
	replies := fmt.Sprintf("errors: 0, replies: %d", events)
	return duel{
		work: fmt.Sprintf("pub -f %s events", count(events)),
		prepare: func(context.Context) error {
			return cmp.Or(
				writeFile(lines, events, func(n int) string { return newRow(n).value + "\n" }),
				writeFile(commands, events, func(n int) string { return publish(newRow(n).value) }))
		},
		store: b.printing(process{
			args:  b.storeArgs("pub", benchEvent, "-f", "-"),
			stdin: lines,
		}, strconv.Itoa(events)),
		peerName: "redis-cli --pipe",
		peer:     b.ending(process{args: b.cliArgs("--pipe"), stdin: commands}, replies),
		warm:     1,
		pairs:    b.options.pairs(usual),
		goal:     g,
	}.measurement()
}

// ending runs p, whose output must end with want.
func (b *workbench) ending(p process, want string) runner {
	return func(ctx context.Context) (sample, error) {
		s, err := b.time(ctx, p)
		if err != nil {
			return s, err
		}
		f, err := b.output()
		if err != nil {
			return s, err
		}
		defer f.Close()
		var out bytes.Buffer
		if _, err := out.ReadFrom(f); err != nil {
			return s, err
		}
		if !strings.HasSuffix(strings.TrimSpace(out.String()), want) {
			err = fmt.Errorf("printed %.500q, want %q", out.String(), want)
		}
		return s, err
	}
}

// listening is what a subscriber made of the events that were published.
type listening struct {
	took     time.Duration // until all had come, or the publisher had ended
	received int
	peak     float64
	gaps     bool
}

// subscribe listens while redis-benchmark publishes as fast as it can. Nothing may be lost.
// The peer is fed in the same way; how far it gets is shown.
func (b *workbench) subscribe(format string, events int) measurement {
	work := fmt.Sprintf("sub %s events, %s", count(events), format)
	const most = 64 + 64 // the program, and the backlog that its help promises
	return measurement{work: work, measure: func(ctx context.Context) ([]line, error) {
		store, err := b.listen(ctx, events, b.storeArgs("sub", benchEvent, "-o", format,
			"--count", strconv.Itoa(events), "--for", "60s"))
		if err != nil {
			return nil, err
		}
		peer, err := b.listen(ctx, events, b.cliArgs("subscribe", benchChannel))
		if err != nil {
			return nil, err
		}
		lost := events - store.received
		return []line{{
			work: work, store: duration(store.took), peer: "redis-cli subscribe",
			peerTime: fmt.Sprintf("got %d", peer.received/3),
			ratio:    fmt.Sprintf("lost %d, gaps: %t", lost, store.gaps),
			goal:     fmt.Sprintf("lost 0, ≤ %d MiB", most),
			peak:     fmt.Sprintf("%.1f", store.peak),
			verdict:  verdict(lost == 0 && !store.gaps && store.peak <= most),
		}}, nil
	}}
}

// listen runs a subscriber and feeds it. One that does not end by itself is ended when
// nothing comes any more.
func (b *workbench) listen(ctx context.Context, events int, args []string) (listening, error) {
	var l listening
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = b.dir, b.environment()
	files, err := b.redirect(cmd, "")
	defer closeAll(files)
	if err != nil {
		return l, err
	}
	if err := cmd.Start(); err != nil {
		return l, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // what it printed tells how it went
	}()
	if err := b.awaitListener(ctx); err != nil {
		_ = cmd.Process.Kill()
		<-ended
		return l, err
	}
	began := time.Now()
	failed := b.flood(ctx, events)
	b.settle(ended)
	l.took = time.Since(began)
	_ = cmd.Process.Kill()
	<-ended
	l.peak = peakMiB(cmd.ProcessState)
	l.gaps = bytes.Contains(b.complaint(), []byte("gap:"))
	if failed != nil {
		return l, failed
	}
	f, err := b.output()
	if err != nil {
		return l, err
	}
	defer f.Close()
	lines, err := tallyLines(f, "")
	l.received = lines.lines
	return l, err
}

// awaitListener waits until somebody listens.
func (b *workbench) awaitListener(ctx context.Context) error {
	for range 500 {
		got, err := b.server.ask(ctx, "PUBSUB", "NUMSUB", benchChannel)
		if err != nil {
			return err
		}
		if strings.HasSuffix(got, "\n1") {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("nobody listens")
}

// flood publishes with redis-benchmark. Its connections are two: in one round of its loop the
// server takes 16 KiB from each, and sends a subscriber 64 KiB at most. With more of them it
// would cut off every subscriber, however fast.
func (b *workbench) flood(ctx context.Context, events int) error {
	path, err := tool("redis-benchmark")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, "-p", b.server.port, "-c", "2", "-P", "200",
		"-n", strconv.Itoa(events), "-q", "PUBLISH", benchChannel, benchMessage)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("redis-benchmark: %w: %.500s", err, out)
	}
	return nil
}

// settle waits until a subscriber has ended, or until it prints nothing any more.
func (b *workbench) settle(ended <-chan struct{}) {
	for last := int64(-1); ; {
		select {
		case <-ended:
			return
		case <-time.After(2 * time.Second):
		}
		f, err := b.output()
		if err != nil {
			return
		}
		info, err := f.Stat()
		_ = f.Close()
		if err != nil || info.Size() == last {
			return
		}
		last = info.Size()
	}
}
