package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
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
