package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// tally counts events by their names, and operations that began and have not ended.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
	open   int
	code   store.Code // of the last failure
}

func (c *tally) Emit(_ context.Context, name string, _ slog.Level, attrs ...slog.Attr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[strings.TrimPrefix(name, "igniter.store.")]++
	for _, a := range attrs {
		if a.Key == "ctx.error.code" {
			c.code = store.Code(a.Value.String())
		}
	}
}

func (c *tally) Begin(context.Context, string, ...slog.Attr) func(...slog.Attr) {
	c.add(1)
	return func(...slog.Attr) { c.add(-1) }
}

func (c *tally) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open += n
}

// balanced makes sure that everything that began has ended, once.
func (c *tally) balanced(t *testing.T) {
	t.Helper()
	for name, began := range c.counts {
		operation, isBeginning := strings.CutSuffix(name, ".started")
		ended := c.counts[operation+".success"] + c.counts[operation+".error"]
		if isBeginning && began != ended {
			t.Errorf("%s began %d times and ended %d times", operation, began, ended)
		}
	}
	if c.open != 0 || len(c.counts) == 0 {
		t.Errorf("%d operations have not ended, of %v", c.open, c.counts)
	}
}

// TestTelemetryPairs drives every operation on each kind of server: what begins ends.
func TestTelemetryPairs(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		var c tally
		drive(t, open(t, url, store.WithTelemetry(&c), store.WithTelemetryExtensions()), true)
		c.balanced(t)
		for _, name := range store.TelemetryEvents() {
			name = strings.TrimPrefix(name, "igniter.store.")
			if !strings.HasSuffix(name, ".error") && c.counts[name] == 0 {
				t.Errorf("%s was not emitted", name)
			}
		}
	})
}

// TestTelemetryCalls makes one call for each operation of the npm library: it emits the
// beginning and the success of that one and nothing else.
func TestTelemetryCalls(t *testing.T) {
	var c tally
	client := open(t, "memory://", store.WithTelemetry(&c), store.WithTelemetryExtensions())
	ctx, kv, counter, s := t.Context(), client.KV(), client.Counter(), client.Streams()
	g, keys := s.Group("jobs", "g"), store.Keys("k")
	rows := store.ReadRows(strings.NewReader(`{"key":"k","value":1}`))
	minute := time.Minute
	calls := []struct {
		operation string
		call      func() error
	}{
		{"kv.set", func() error { return second(kv.Set(ctx, "k", 1, store.SetOptions{})) }},
		{"kv.get", func() error { return second(kv.GetWithTTL(ctx, "k")) }},
		{"kv.exists", func() error { return second(kv.Exists(ctx, "k")) }},
		{"kv.expire", func() error { return second(kv.Expire(ctx, "k", minute)) }},
		{"kv.touch", func() error { return second(kv.Touch(ctx, "k", minute)) }},
		{"kv.set", func() error { return kv.Replace(ctx, "k", store.Value("1"), 2) }},
		{"kv.remove", func() error { return second(kv.Remove(ctx, "k")) }},
		{"counter.increment", func() error { return second(counter.Increment(ctx, "n", 1, 0)) }},
		{"counter.decrement", func() error { return second(counter.Decrement(ctx, "n", 1, minute)) }},
		{"counter.expire", func() error { return second(counter.Expire(ctx, "n", minute)) }},
		{"claim.acquire", func() error {
			return second(client.Claim().Acquire(ctx, "job", store.Value("1"), minute, minute))
		}},
		{"batch.set", func() error {
			return second(client.Batch().Set(ctx, rows, store.BatchOptions{}))
		}},
		{"batch.get", func() error { return last(client.Batch().Get(ctx, keys)) }},
		{"events.publish", func() error {
			return second(client.Events().Publish(ctx, "x", 1, store.PublishOptions{}))
		}},
		{"stream.append", func() error {
			return second(s.Append(ctx, "jobs", 1, store.AppendOptions{}))
		}},
		{"stream.append", func() error {
			return second(s.AppendAll(ctx, "jobs", rows, store.AppendOptions{}))
		}},
		{"stream.range", func() error { return last(s.Range(ctx, "jobs", store.RangeOptions{})) }},
		{"stream.group", func() error { return second(g.Ensure(ctx, "0")) }},
		{"stream.read", func() error { return second(g.Read(ctx, "w", store.ReadOptions{})) }},
		{"stream.ack", func() error { return second(g.Ack(ctx, "1-1")) }},
		{"dev.scan", func() error { return last(client.Scan(ctx, store.ScanOptions{})) }},
		{"dev.scan", func() error { return second(client.ScanPage(ctx, "0", store.ScanOptions{})) }},
		{"dev.scan", func() error { return last(client.Claim().List(ctx, "", false)) }},
		{"stream.pending", func() error { return second(g.Pending(ctx)) }},
		{"stream.claim", func() error { return last(g.AutoClaim(ctx, "w", 0, 0)) }},
	}
	for _, made := range calls {
		c.counts = nil
		err := made.call()
		want := map[string]int{made.operation + ".started": 1, made.operation + ".success": 1}
		if err != nil || !maps.Equal(c.counts, want) {
			t.Errorf("%s: emitted %v, %v", made.operation, c.counts, err)
		}
	}
}

// TestTelemetryTail reports the streams of a tail, and what they held as a range.
func TestTelemetryTail(t *testing.T) {
	var c tally
	s := open(t, "memory://", store.WithTelemetry(&c), store.WithTelemetryExtensions()).Streams()
	must(s.Append(t.Context(), "jobs", 1, store.AppendOptions{}))(t)
	c.counts = nil
	tail := s.Tail(t.Context(), []string{"jobs", "mails"}, store.TailOptions{Last: 1})
	if err := last(tail); err != nil {
		t.Error(err)
	}
	want := map[string]int{
		"stream.range.started": 2, "stream.range.success": 2, "stream.tail.started": 2,
		"stream.tail.success": 2,
	}
	if !maps.Equal(c.counts, want) {
		t.Errorf("emitted %v, want %v", c.counts, want)
	}
}

// TestTelemetryUnreachable makes sure that every operation that cannot reach its server
// says so. A subscription that never began does not end.
func TestTelemetryUnreachable(t *testing.T) {
	var c tally
	drive(t, open(t, "redis://127.0.0.1:1", store.WithTelemetry(&c)), false)
	c.balanced(t)
	for _, o := range named {
		if c.counts[o.operation+".error"] == 0 && o.operation != "events.unsubscribe" {
			t.Errorf("%s.error was not emitted", o.operation)
		}
	}
}

// TestTelemetryExtensions lists the events that only WithTelemetryExtensions lets through.
func TestTelemetryExtensions(t *testing.T) {
	var c tally
	drive(t, open(t, "memory://", store.WithTelemetry(&c), store.WithTelemetryExtensions()), true)
	var got []string
	for name := range c.counts {
		operation, isBeginning := strings.CutSuffix(name, ".started")
		if isBeginning && !slices.Contains(store.TelemetryEvents(), "igniter.store."+name) {
			got = append(got, operation)
		}
	}
	slices.Sort(got)
	want := []string{
		"batch.remove", "claim.extend", "claim.release", "claim.show", "counter.get",
		"counter.remove", "counter.set", "counter.ttl", "kv.persist", "kv.ttl", "stream.claim",
		"stream.pending", "stream.tail",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTelemetryCodes makes sure that telemetry names a failure as its error does.
func TestTelemetryCodes(t *testing.T) {
	var c tally
	refuse := open(t, "", store.WithTelemetry(&c), store.WithTelemetryExtensions(),
		store.WithAdapter(broken{}))
	forbid := open(t, "", store.WithTelemetry(&c),
		store.WithAdapter(forbidding{open(t, "memory://").Adapter()}))
	ctx, s, g := t.Context(), refuse.Streams(), refuse.Streams().Group("jobs", "g")
	for i, do := range []func() error{
		func() error { return second(refuse.KV().Get(ctx, "k")) },
		func() error { return second(forbid.KV().Set(ctx, "k", 1, store.SetOptions{})) },
		func() error { return second(forbid.KV().Remove(ctx, "k")) },
		func() error { return second(forbid.KV().Touch(ctx, "k", time.Minute)) },
		func() error { return second(forbid.Counter().Increment(ctx, "k", 1, 0)) },
		func() error { return second(forbid.Claim().Once(ctx, "k", store.Value("1"), 0)) },
		func() error { return last(refuse.Batch().Get(ctx, store.Keys("k"))) },
		func() error { return second(refuse.Events().Publish(ctx, "x", 1, store.PublishOptions{})) },
		func() error { return second(s.Append(ctx, "jobs", 1, store.AppendOptions{})) },
		func() error { return last(s.Range(ctx, "jobs", store.RangeOptions{})) },
		func() error { return second(g.Ensure(ctx, "0")) },
		func() error { return second(g.Read(ctx, "w", store.ReadOptions{})) },
		func() error { return second(g.Ack(ctx, "1-1")) },
		func() error { return second(g.Claim(ctx, "w", 0, "1-1")) },
		func() error { return last(g.AutoClaim(ctx, "w", 0, 1)) },
		func() error { return second(g.Pending(ctx)) },
		func() error { return last(refuse.Scan(ctx, store.ScanOptions{})) },
	} {
		c.code = ""
		err := do()
		e, ok := errors.AsType[*store.Error](err)
		if !ok || c.code != e.Code {
			t.Errorf("operation %d: telemetry has %q, the error is %v %+v", i, c.code, err, e)
		}
	}
}

// TestTelemetryCanary looks in the lines, of successes and of failures, for the word that
// begins every key, value and identifier of drive.
func TestTelemetryCanary(t *testing.T) {
	for _, adapter := range []store.Adapter{nil, broken{}} {
		var out bytes.Buffer
		lines := store.NewTelemetryLines(&out, nil)
		opts := []store.Option{store.WithTelemetry(lines), store.WithTelemetryExtensions()}
		if adapter != nil {
			opts = append(opts, store.WithAdapter(adapter))
		}
		drive(t, open(t, "memory://", opts...), adapter == nil)
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(out.String()) {
			n++
			if strings.Contains(line, "secret") || !json.Valid([]byte(line)) {
				t.Error(line)
			}
		}
		if n < len(store.TelemetryEvents())/2 {
			t.Errorf("only %d lines", n)
		}
	}
}
