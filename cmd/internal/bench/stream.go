package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// benchStream is the stream that the measurements work on.
const benchStream = "igniter:store:api:tenant:t1:streams:jobs"

// xadd is the command XADD for message n in the server's own protocol.
func xadd(n int) string {
	value := newRow(n).value
	return fmt.Sprintf("*5\r\n$4\r\nXADD\r\n$%d\r\n%s\r\n$1\r\n*\r\n$4\r\ndata\r\n$%d\r\n%s\r\n",
		len(benchStream), benchStream, len(value), value)
}

// streamAppend appends many messages. The peer is given ready-made commands.
func (b *workbench) streamAppend() measurement {
	lines, commands := b.path("messages.ndjson"), b.path("messages.resp")
	store := process{args: b.storeArgs("stream", "append", "jobs", "-f", "-"), stdin: lines}
	peer := process{args: b.cliArgs("--pipe"), stdin: commands}
	return duel{
		work: fmt.Sprintf("stream append -f, %s", count(b.rows)),
		prepare: func(context.Context) error {
			return cmp.Or(
				writeFile(lines, b.rows, func(n int) string { return newRow(n).value + "\n" }),
				writeFile(commands, b.rows, xadd))
		},
		store:    b.appending(store),
		peerName: "redis-cli --pipe",
		peer:     b.appending(peer),
		warm:     1,
		pairs:    b.options.pairs(3),
		goal:     goal{ratio: 1.3, peak: 40},
	}.measurement()
}

// appending runs p on an empty server, which must hold all messages afterwards.
func (b *workbench) appending(p process) runner {
	return func(ctx context.Context) (sample, error) {
		if err := b.server.empty(ctx); err != nil {
			return sample{}, err
		}
		s, err := b.time(ctx, p)
		if err != nil {
			return s, err
		}
		return s, b.server.expect(ctx, strconv.Itoa(b.rows), "XLEN", benchStream)
	}
}

// streamRange lists a long stream. The peer asks for all of it at once.
func (b *workbench) streamRange() measurement {
	store := process{args: b.storeArgs("stream", "range", "jobs", "-o", "jsonl")}
	peer := process{args: b.cliArgs("XRANGE", benchStream, "-", "+")}
	return duel{
		work:     fmt.Sprintf("stream range -o jsonl, %s", count(b.rows)),
		prepare:  b.loadStream,
		store:    b.ranging(store, 1, `"message":`),
		peerName: "redis-cli XRANGE",
		peer:     b.ranging(peer, 3, `{"id":`),
		limit:    "the server's own XRANGE time",
		warm:     1,
		pairs:    b.options.pairs(3),
		goal:     goal{ratio: 2, peak: 40},
	}.measurement()
}

func (b *workbench) loadStream(ctx context.Context) error {
	return b.server.load(ctx, "messages", 1, func(w io.Writer) error {
		return writeAll(w, b.rows, xadd)
	})
}

// ranging runs p, which must list all messages, each in so many lines, of which one holds
// mark and the message.
func (b *workbench) ranging(p process, linesEach int, mark string) runner {
	return func(ctx context.Context) (sample, error) {
		before, err := b.server.spent(ctx, "xrange")
		if err != nil {
			return sample{}, err
		}
		s, err := b.time(ctx, p)
		if err != nil {
			return s, err
		}
		after, err := b.server.spent(ctx, "xrange")
		s.limit = after - before
		return s, cmp.Or(err, b.ranged(linesEach, mark))
	}
}

// ranged checks that what was listed last is every message in its order.
func (b *workbench) ranged(linesEach int, mark string) error {
	f, err := b.output()
	if err != nil {
		return err
	}
	defer f.Close()

	lines := bufio.NewScanner(f)
	seen, messages := 0, 0
	for ; lines.Scan(); seen++ {
		if !bytes.Contains(lines.Bytes(), []byte(mark)) {
			continue
		}
		messages++
		if !bytes.Contains(lines.Bytes(), []byte(newRow(messages).value)) {
			return fmt.Errorf("message %d is %.200q", messages, lines.Text())
		}
	}
	if err == nil && (messages != b.rows || seen != b.rows*linesEach) {
		err = fmt.Errorf("listed %d messages in %d lines, want %d", messages, seen, b.rows)
	}
	return cmp.Or(lines.Err(), err)
}

// followRate is how many appends a second a follower has to keep up with.
const followRate = 200_000

// streamFollow follows a stream while redis-cli appends as fast as it can, until every
// message was shown.
func (b *workbench) streamFollow() measurement {
	work := fmt.Sprintf("stream tail --follow, %s", count(b.rows))
	return measurement{work: work, measure: func(ctx context.Context) ([]line, error) {
		commands := b.path("messages.resp")
		if err := writeFile(commands, b.rows, xadd); err != nil {
			return nil, err
		}
		var rates, took []float64
		for range b.options.pairs(3) {
			d, err := b.follow(ctx, process{args: b.cliArgs("--pipe"), stdin: commands})
			if err != nil {
				return nil, err
			}
			took = append(took, float64(d))
			rates = append(rates, float64(b.rows)/d.Seconds())
		}
		return []line{{
			work: work, store: duration(time.Duration(median(took))), peer: "redis-cli --pipe appends",
			ratio:   fmt.Sprintf("%.0f k messages/s", median(rates)/1e3),
			goal:    fmt.Sprintf("≥ %d k/s, none missed", followRate/1000),
			verdict: verdict(median(rates) >= followRate),
		}}, nil
	}}
}

// follow runs one follower and one feeder, and returns how long it took from the first
// append until the last message was shown.
func (b *workbench) follow(ctx context.Context, feeder process) (time.Duration, error) {
	if err := b.server.empty(ctx); err != nil {
		return 0, err
	}
	if _, err := b.server.ask(ctx, "XADD", benchStream, "*", "data", "0"); err != nil {
		return 0, err
	}
	args := b.storeArgs("stream", "tail", "jobs", "-n", "1", "--follow", "-o", "raw")
	tail := exec.CommandContext(ctx, args[0], args[1:]...)
	tail.Env, tail.Stderr = b.environment(), os.Stderr
	out, err := tail.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := tail.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = tail.Process.Kill()
		_ = tail.Wait()
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() { // it is up
		return 0, fmt.Errorf("the follower shows nothing: %w", lines.Err())
	}
	fed := make(chan error, 1)
	began := time.Now()
	go func() {
		_, err := b.time(ctx, feeder)
		fed <- err
	}()
	for n := 1; n <= b.rows; n++ {
		if !lines.Scan() || lines.Text() != newRow(n).value {
			return 0, fmt.Errorf("message %d is shown as %.200q", n, lines.Text())
		}
	}
	return time.Since(began), <-fed
}
