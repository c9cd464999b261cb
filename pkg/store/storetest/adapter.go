package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// TestAdapter checks that an adapter keeps the contract of [store.Adapter], and those of
// [store.EventAdapter] and [store.StreamAdapter] where it is one. open returns an adapter
// without data, or whose keys under "storetest:" may be written; each part opens its own and
// closes it.
//
//	func TestMine(t *testing.T) {
//		storetest.TestAdapter(t, func(t *testing.T) store.Adapter { return mine.New() })
//	}
func TestAdapter(t *testing.T, open func(t *testing.T) store.Adapter) {
	for _, part := range []struct {
		name string
		test func(*adapterTest)
	}{
		{"read", (*adapterTest).read},
		{"conditions", (*adapterTest).conditions},
		{"ttl", (*adapterTest).ttl},
		{"add", (*adapterTest).add},
		{"order", (*adapterTest).order},
		{"scan", (*adapterTest).scan},
		{"events", (*adapterTest).events},
		{"streams", (*adapterTest).streams},
	} {
		t.Run(part.name, func(t *testing.T) {
			a := open(t)
			t.Cleanup(func() {
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			})
			part.test(&adapterTest{t, a, "storetest:" + part.name + ":"})
		})
	}
}

// adapterTest is one part of the check.
type adapterTest struct {
	*testing.T
	adapter store.Adapter
	prefix  string // of its keys
}

// write carries out one op on a key and reports whether it changed anything.
func (t *adapterTest) write(op store.Op) bool {
	t.Helper()
	op.Key = t.prefix + op.Key
	results := t.adapter.Write(t.Context(), []store.Op{op})
	if len(results) != 1 || results[0].Err != nil {
		t.Fatalf("%+v: %+v", op, results)
	}
	return results[0].Changed
}

// look reads keys.
func (t *adapterTest) look(want store.Fields, keys ...string) []store.Record {
	t.Helper()
	whole := make([]string, len(keys))
	for i, key := range keys {
		whole[i] = t.prefix + key
	}
	records, err := t.adapter.Read(t.Context(), whole, want)
	if err != nil || len(records) != len(keys) {
		t.Fatalf("%v: %+v, %v", keys, records, err)
	}
	return records
}

func (t *adapterTest) read() {
	value := store.Value("\"\x00\xff\r\n\"") // any bytes
	t.write(store.Op{Verb: store.OpSet, Key: "a", Value: value})
	t.write(store.Op{Verb: store.OpSet, Key: "", Value: store.Value("")})
	records := t.look(store.FieldValue|store.FieldTTL|store.FieldType, "a", "missing", "a", "")
	for i, want := range []struct {
		found bool
		value store.Value
	}{{true, value}, {false, nil}, {true, value}, {true, nil}} {
		r := records[i]
		if r.Found != want.found || string(r.Value) != string(want.value) || r.Err != nil {
			t.Errorf("record %d is %+v", i, r)
		}
		if r.Found && (r.Type != "string" || r.TTL != store.NoExpiry) {
			t.Errorf("record %d has type %q and TTL %v", i, r.Type, r.TTL)
		}
	}
	if !t.write(store.Op{Verb: store.OpRemove, Key: "a"}) ||
		t.write(store.Op{Verb: store.OpRemove, Key: "a"}) {
		t.Error("a key is removed exactly once")
	}
}

func (t *adapterTest) conditions() {
	one, two := store.Value("1"), store.Value("2")
	for i, step := range []struct {
		op      store.Op
		changed bool
	}{
		{store.Op{Verb: store.OpSet, Value: one, Condition: store.IfPresent}, false},
		{store.Op{Verb: store.OpSet, Value: one, Condition: store.IfAbsent}, true},
		{store.Op{Verb: store.OpSet, Value: two, Condition: store.IfAbsent}, false},
		{store.Op{Verb: store.OpSet, Value: two, Condition: store.IfPresent}, true},
		{store.Op{Verb: store.OpSet, Value: one, Condition: store.IfEqual, Old: one}, false},
		{store.Op{Verb: store.OpSet, Value: one, Condition: store.IfEqual, Old: two}, true},
		{store.Op{Verb: store.OpSet, Value: two, Condition: store.IfFree, TTL: time.Hour}, false},
		{store.Op{Verb: store.OpSet, Value: one, Condition: store.IfFree, TTL: time.Hour}, true},
		{store.Op{Verb: store.OpExpire, TTL: time.Hour, Condition: store.IfEqual, Old: two}, false},
		{store.Op{Verb: store.OpExpire, TTL: time.Hour, Condition: store.IfEqual, Old: one}, true},
		{store.Op{Verb: store.OpRemove, Condition: store.IfEqual, Old: two}, false},
		{store.Op{Verb: store.OpRemove, Condition: store.IfEqual, Old: one}, true},
	} {
		step.op.Key = "c"
		if got := t.write(step.op); got != step.changed {
			t.Errorf("step %d: changed is %v", i, got)
		}
	}
}

func (t *adapterTest) ttl() {
	remaining := func(want time.Duration) {
		t.Helper()
		got := time.Duration(t.look(store.FieldTTL, "t")[0].TTL)
		if got > want || got < want-time.Minute {
			t.Errorf("the TTL is %v, not %v", got, want)
		}
	}
	t.write(store.Op{Verb: store.OpSet, Key: "t", Value: store.Value("1"), TTL: time.Hour})
	remaining(time.Hour)
	t.write(store.Op{Verb: store.OpSet, Key: "t", Value: store.Value("2"), KeepTTL: true})
	remaining(time.Hour)
	t.write(store.Op{Verb: store.OpExpire, Key: "t", TTL: 2 * time.Hour})
	remaining(2 * time.Hour)
	if !t.write(store.Op{Verb: store.OpPersist, Key: "t"}) ||
		t.write(store.Op{Verb: store.OpPersist, Key: "t"}) {
		t.Error("a TTL is removed exactly once")
	}
	t.write(store.Op{Verb: store.OpExpire, Key: "t", TTL: time.Hour})
	t.write(store.Op{Verb: store.OpSet, Key: "t", Value: store.Value("3")})
	if ttl := t.look(store.FieldTTL, "t")[0].TTL; ttl != store.NoExpiry {
		t.Errorf("a plain set leaves the TTL %v", ttl)
	}
	if t.write(store.Op{Verb: store.OpExpire, Key: "missing", TTL: time.Hour}) {
		t.Error("a missing key has expired")
	}
}

func (t *adapterTest) add() {
	op := store.Op{Verb: store.OpAdd, Key: t.prefix + "n", By: 5, TTL: time.Hour}
	down := store.Op{Verb: store.OpAdd, Key: op.Key, By: -7}
	for i, step := range []struct {
		op  store.Op
		sum int64
	}{{op, 5}, {down, -2}} {
		if r := t.adapter.Write(t.Context(), []store.Op{step.op})[0]; r.Number != step.sum || r.Err != nil {
			t.Errorf("step %d: %+v, not %d", i, r, step.sum)
		}
	}
	if ttl := t.look(store.FieldTTL, "n")[0].TTL; ttl == store.NoExpiry {
		t.Error("a counter that was created with a TTL has none")
	}
	t.write(store.Op{Verb: store.OpSet, Key: "text", Value: store.Value("x")})
	op.Key = t.prefix + "text"
	if err := t.adapter.Write(t.Context(), []store.Op{op})[0].Err; !errors.Is(err, store.ErrRefused) {
		t.Errorf("text is counted: %v", err)
	}
}

// order writes many keys at once, of which one is refused.
func (t *adapterTest) order() {
	t.write(store.Op{Verb: store.OpSet, Key: "text", Value: store.Value("x")})
	var ops []store.Op
	for _, v := range []string{"1", "2", "3"} {
		ops = append(ops, store.Op{Verb: store.OpSet, Key: t.prefix + "k", Value: store.Value(v)},
			store.Op{Verb: store.OpAdd, Key: t.prefix + "text", By: 1},
			store.Op{Verb: store.OpAdd, Key: t.prefix + "n", By: 1})
	}
	for i, r := range t.adapter.Write(t.Context(), ops) {
		if refused := i%3 == 1; refused != errors.Is(r.Err, store.ErrRefused) {
			t.Errorf("op %d: %v", i, r.Err)
		}
	}
	r := t.look(store.FieldValue, "k", "n")
	if string(r[0].Value) != "3" || string(r[1].Value) != "3" {
		t.Errorf("got %s and %s", r[0].Value, r[1].Value)
	}
}

func (t *adapterTest) scan() {
	want := []string{"a*", "a1", "a2"}
	for _, key := range append(want, "b") {
		t.write(store.Op{Verb: store.OpSet, Key: key, Value: store.Value("1")})
	}
	page := store.PageRequest{Cursor: "0", Pattern: store.EscapeGlob(t.prefix) + "a*", Count: 100}
	seen := map[string]bool{}
	for {
		got, err := t.adapter.Scan(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range got.Keys {
			seen[key] = true
		}
		if page.Cursor = got.Cursor; page.Cursor == "0" {
			break
		}
	}
	if len(seen) != len(want) || slices.ContainsFunc(want, func(k string) bool {
		return !seen[t.prefix+k]
	}) {
		t.Errorf("found %v", seen)
	}
}

func (t *adapterTest) events() {
	a, ok := t.adapter.(store.EventAdapter)
	if !ok {
		t.Skip("the adapter has no events")
	}
	feed, err := a.Listen(t.Context(), store.ListenRequest{
		Channels: []string{t.prefix + "plain"}, Patterns: []string{t.prefix + "p:*"},
		Probe: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	sent := []store.ChannelMessage{
		{Channel: t.prefix + "plain", Payload: []byte("\x00\r\n")},
		{Channel: t.prefix + "p:1", Payload: []byte("")},
	}
	for i, r := range a.Publish(t.Context(), sent) {
		if r.Err != nil {
			t.Errorf("message %d: %v", i, r.Err)
		}
	}
	var got []store.ChannelMessage
	for len(got) < len(sent) {
		more, err := feed.Next()
		if err != nil || len(more) == 0 {
			t.Fatalf("%d messages, then %d, %v", len(got), len(more), err)
		}
		got = append(got, more...)
	}
	for _, m := range sent {
		if !slices.ContainsFunc(got, func(g store.ChannelMessage) bool {
			return g.Channel == m.Channel && string(g.Payload) == string(m.Payload)
		}) {
			t.Errorf("%q did not arrive", m.Channel)
		}
	}
}

// streams uses a client: the methods of a StreamAdapter mean little by themselves.
func (t *adapterTest) streams() {
	if _, ok := t.adapter.(store.StreamAdapter); !ok {
		t.Skip("the adapter has no streams")
	}
	c, err := store.Open("", store.WithService("s"), store.WithPrefix("storetest"),
		store.WithAdapter(t.adapter))
	if err != nil {
		t.Fatal(err)
	}
	ctx, s := t.Context(), c.Streams()
	id, err := s.Append(ctx, "jobs", store.Value("1"), store.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	g := s.Group("jobs", "workers")
	if created, err := g.Ensure(ctx, "0"); !created || err != nil {
		t.Fatal(created, err)
	}
	messages, err := g.Read(ctx, "w1", store.ReadOptions{Count: 1})
	if err != nil || len(messages) != 1 || messages[0].ID != id {
		t.Fatalf("%+v, %v", messages, err)
	}
	if n, err := g.Ack(ctx, id); n != 1 || err != nil {
		t.Error(n, err)
	}
	count := 0
	for m, err := range s.Range(ctx, "jobs", store.RangeOptions{}) {
		if err != nil || m.ID != id {
			t.Errorf("%+v, %v", m, err)
		}
		count++
	}
	if count != 1 {
		t.Errorf("%d messages", count)
	}
}
