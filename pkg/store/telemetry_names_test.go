package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// base are the attributes of every event; those of a scope come where there is one.
const base = "store.service store.namespace store.scope_key store.scope_depth"

// named lists the operations of the npm library: the attributes from the beginning on, and
// those of a success. A "?" marks one that is there only where there is something to say.
var named = []struct{ operation, begin, success string }{
	{"kv.get", "", "kv.found"},
	{"kv.set", "kv.ttl?", ""},
	{"kv.remove", "", ""},
	{"kv.exists", "", "kv.existed"},
	{"kv.expire", "kv.ttl", ""},
	{"kv.touch", "kv.ttl", ""},
	{"counter.increment", "counter.delta", "counter.value"},
	{"counter.decrement", "counter.delta", "counter.value"},
	{"counter.expire", "counter.ttl", ""},
	{"claim.acquire", "claim.ttl?", "claim.acquired"},
	{"batch.get", "batch.count", "batch.found"},
	{"batch.set", "batch.count", ""},
	{"events.publish", "events.channel", ""},
	{"events.subscribe", "events.channel events.wildcard", ""},
	{"events.unsubscribe", "events.channel events.wildcard", ""},
	{"stream.append", "stream.name stream.count?", "stream.count"},
	{"stream.range", "stream.name", "stream.count"},
	{"stream.group", "stream.name stream.group stream.consumer", ""},
	{"stream.read", "stream.name stream.group stream.consumer", "stream.count"},
	{"stream.ack", "stream.name stream.group stream.consumer stream.count", ""},
	{"dev.scan", "", ""},
}

// shape is an event without the values of its attributes.
type shape struct {
	level slog.Level
	attrs []string // sorted
	text  string   // all values
}

// shapes remembers which events came, and how.
type shapes struct {
	mu   sync.Mutex
	seen map[string][]shape
}

func (s *shapes) Emit(_ context.Context, name string, level slog.Level, attrs ...slog.Attr) {
	one := shape{level: level}
	for _, a := range attrs {
		one.attrs = append(one.attrs, strings.TrimPrefix(a.Key, "ctx."))
		one.text += a.Value.String() + "\n"
	}
	slices.Sort(one.attrs)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string][]shape{}
	}
	s.seen[name] = append(s.seen[name], one)
}

// allowed checks the attributes of an event against a list.
func allowed(got []string, lists ...string) error {
	var must, may []string
	for word := range strings.FieldsSeq(strings.Join(lists, " ")) {
		name, optional := strings.CutSuffix(word, "?")
		may = append(may, name)
		if !optional {
			must = append(must, name)
		}
	}
	for i, name := range got {
		if !slices.Contains(may, name) || i > 0 && got[i-1] == name {
			return fmt.Errorf("%s is one too many", name)
		}
	}
	for _, name := range must {
		if !slices.Contains(got, name) {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return nil
}

// TestTelemetryNames drives every operation to a success and to a failure. What is emitted
// is exactly the npm library's 63 events, each with its attributes and its level.
func TestTelemetryNames(t *testing.T) {
	var s shapes
	succeed := open(t, "memory://", store.WithTelemetry(&s))
	drive(t, succeed, true)
	fail := open(t, "memory://", store.WithTelemetry(&s), store.WithAdapter(broken{}))
	drive(t, fail, false)
	hear, err := open(t, "memory://", store.WithTelemetry(&s), store.WithAdapter(&deaf{})).
		Scope("organization", "secret-id")
	if err != nil {
		t.Fatal(err)
	}
	o := store.SubscribeOptions{Channels: []string{"user:created"}, MaxWait: time.Millisecond}
	if err := last(hear.Events().Subscribe(t.Context(), o)); err == nil {
		t.Error("the subscription ended without an error")
	}
	for _, o := range named {
		check(t, &s, o.operation, "started", slog.LevelDebug, base, o.begin)
		check(t, &s, o.operation, "success", slog.LevelDebug, base, o.begin, o.success)
		check(t, &s, o.operation, "error", slog.LevelError, base, o.begin,
			"error.operation error.code error.message")
	}
	got, want := slices.Sorted(maps.Keys(s.seen)), store.TelemetryEvents()
	if len(want) != 63 {
		t.Errorf("%d names are listed", len(want))
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("emitted are\n%s\nlisted are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func check(t *testing.T, s *shapes, operation, stage string, level slog.Level, attrs ...string) {
	t.Helper()
	name := "igniter.store." + operation + "." + stage
	if len(s.seen[name]) == 0 {
		t.Errorf("%s was not emitted", name)
	}
	for _, e := range s.seen[name] {
		if err := allowed(e.attrs, attrs...); err != nil {
			t.Errorf("%s: %v in %v", name, err, e.attrs)
		}
		if e.level != level {
			t.Errorf("%s has the level %v", name, e.level)
		}
		for _, secret := range []string{"secret-id", "secret-key", "secret-value"} {
			if strings.Contains(e.text, secret) {
				t.Errorf("%s gives %s away: %s", name, secret, e.text)
			}
		}
	}
}

// drive carries out every operation once, also those that the npm library does not have.
func drive(t *testing.T, c *store.Client, ok bool) {
	t.Helper()
	c, err := c.Scope("organization", "secret-id")
	if err != nil {
		t.Fatal(err)
	}
	const key = "secret-key"
	value := store.Value(`"secret-value"`)
	ctx, kv, counter, claim := t.Context(), c.KV(), c.Counter(), c.Claim()
	for i, do := range []func() error{
		func() error { return second(kv.Set(ctx, key, value, store.SetOptions{})) },
		func() error { return second(kv.Set(ctx, key, value, store.SetOptions{TTL: time.Minute})) },
		func() error { return second(kv.Get(ctx, key)) },
		func() error { return second(kv.TTL(ctx, key)) },
		func() error { return second(kv.Exists(ctx, key)) },
		func() error { return second(kv.Expire(ctx, key, time.Minute)) },
		func() error { return second(kv.Touch(ctx, key, time.Minute)) },
		func() error { return second(kv.Persist(ctx, key)) },
		func() error { return second(kv.Remove(ctx, key)) },
		func() error { return second(counter.Increment(ctx, key, 2, time.Minute)) },
		func() error { return second(counter.Decrement(ctx, key, 1, 0)) },
		func() error { return second(counter.Expire(ctx, key, time.Minute)) },
		func() error { return second(counter.Get(ctx, key)) },
		func() error { return second(counter.TTL(ctx, key)) },
		func() error { return counter.Set(ctx, key, 7) },
		func() error { return second(counter.Remove(ctx, key)) },
		func() error { return second(claim.Once(ctx, key, value, time.Minute)) },
		func() error { return second(claim.Extend(ctx, key, value, time.Minute)) },
		func() error { return second(claim.Show(ctx, key)) },
		func() error { return second(claim.Release(ctx, key, value)) },
		func() error { return driveBatch(ctx, c.Batch(), key, value) },
		func() error { return driveEvents(ctx, c.Events(), value) },
		func() error { return driveStreams(ctx, c.Streams(), value) },
		func() error { return last(c.Scan(ctx, store.ScanOptions{})) },
	} {
		if err := do(); (err == nil) != ok {
			t.Errorf("operation %d: %v", i, err)
		}
	}
}

func driveBatch(ctx context.Context, b store.Batch, key string, v store.Value) error {
	rows := func(yield func(store.Row, error) bool) { yield(store.Row{Key: key, Value: v}, nil) }
	keys := func(yield func(string, error) bool) { yield(key, nil) }
	return errors.Join(second(b.Set(ctx, rows, store.BatchOptions{})), last(b.Get(ctx, keys)),
		second(b.Remove(ctx, rows, store.BatchOptions{})))
}

func driveEvents(ctx context.Context, e store.Events, v store.Value) error {
	o := store.SubscribeOptions{Channels: []string{"user:created", "job:*"}}
	for n, err := range e.Subscribe(ctx, o) {
		switch {
		case err != nil:
			return errors.Join(err, second(e.Publish(ctx, "user:created", v, store.PublishOptions{})))
		case n.Event != nil:
			return nil
		}
		if _, err := e.Publish(ctx, "user:created", v, store.PublishOptions{}); err != nil {
			return err
		}
	}
	return errors.New("the subscription ended")
}

func driveStreams(ctx context.Context, s store.Streams, v store.Value) error {
	rows := func(yield func(store.Row, error) bool) { yield(store.Row{Value: v}, nil) }
	g := s.Group("jobs", "workers")
	id, err := s.Append(ctx, "jobs", v, store.AppendOptions{})
	if err != nil {
		id = "1-1"
	}
	err = errors.Join(err, second(s.AppendAll(ctx, "jobs", rows, store.AppendOptions{})),
		last(s.Range(ctx, "jobs", store.RangeOptions{})), second(g.Ensure(ctx, "0")),
		second(g.Read(ctx, "w1", store.ReadOptions{Count: 1})),
		second(g.Claim(ctx, "w2", 0, id)), last(g.AutoClaim(ctx, "w2", 0, 1)),
		second(g.Pending(ctx)), last(g.PendingEntries(ctx, store.PendingOptions{})),
		last(s.Tail(ctx, []string{"jobs"}, store.TailOptions{Last: 1})), second(g.Ack(ctx, id)))
	for d, failed := range g.Consume(ctx, "w1", store.ConsumeOptions{}) {
		if failed != nil {
			return errors.Join(err, failed)
		}
		return errors.Join(err, d.Ack(ctx))
	}
	return errors.New("the consumer ended")
}

// second drops what an operation returns besides its error.
func second[T any](_ T, err error) error { return err }

// last returns the error of a sequence.
func last[T any](seq func(func(T, error) bool)) (failed error) {
	for _, err := range seq {
		failed = err
	}
	return failed
}
