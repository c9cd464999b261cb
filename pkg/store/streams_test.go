package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// streamServers runs a test against the embedded server and a real one.
func streamServers(t *testing.T, test func(t *testing.T, c *store.Client, kind string)) {
	t.Run("embedded", func(t *testing.T) {
		test(t, openStreams(t, storetest.RunEmbedded(t).URL()), "embedded")
	})
	t.Run("real", func(t *testing.T) {
		test(t, openStreams(t, storetest.RunRedis(t).URL()), "real")
	})
}

func openStreams(t *testing.T, url string) *store.Client {
	t.Helper()
	c, err := store.Open(url, store.WithService("api"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// must returns v, or ends the test.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fillStream appends the numbers from 0 to n-1.
func fillStream(t *testing.T, c *store.Client, stream string, n int) {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintln(&lines, i)
	}
	report, err := c.Streams().AppendAll(t.Context(), stream,
		store.ReadMessages(strings.NewReader(lines.String()), false), store.AppendOptions{})
	if err != nil || report.Written != n {
		t.Fatalf("appended %+v, %v", report, err)
	}
}

// messagesOf returns the bodies of a range.
func messagesOf(t *testing.T, c *store.Client, stream string, o store.RangeOptions) []string {
	t.Helper()
	var got []string
	for m, err := range c.Streams().Range(t.Context(), stream, o) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m.Message.String())
	}
	return got
}

func TestStreamRoundTrip(t *testing.T) {
	streamServers(t, func(t *testing.T, c *store.Client, _ string) {
		const n = 20_000
		fillStream(t, c, "jobs", n)
		got := messagesOf(t, c, "jobs", store.RangeOptions{})
		if len(got) != n {
			t.Fatalf("%d messages, want %d", len(got), n)
		}
		for i, text := range got {
			if text != fmt.Sprint(i) {
				t.Fatalf("message %d is %s", i, text)
			}
		}
		back := messagesOf(t, c, "jobs", store.RangeOptions{Reverse: true, Count: 2500})
		if len(back) != 2500 || back[0] != fmt.Sprint(n-1) || back[2499] != fmt.Sprint(n-2500) {
			t.Errorf("backwards: %d messages from %s to %s", len(back), back[0], back[len(back)-1])
		}
		info := must(c.Streams().Info(t.Context(), "jobs"))(t)
		if !info.Found || info.Length != n {
			t.Errorf("info %+v", info)
		}
	})
}

// TestStreamInspection looks at pending messages in every way there is: no delivery
// count grows.
func TestStreamInspection(t *testing.T) {
	streamServers(t, func(t *testing.T, c *store.Client, _ string) {
		fillStream(t, c, "s", 10)
		g := c.Streams().Group("s", "g")
		must(g.Ensure(t.Context(), ""))(t)
		must(g.Read(t.Context(), "a", store.ReadOptions{Count: 4}))(t)
		idle := store.Seconds(time.Hour)
		for range 3 {
			must(g.Pending(t.Context()))(t)
			must(g.Info(t.Context()))(t)
			must(g.Consumers(t.Context()))(t)
			must(c.Streams().Info(t.Context(), "s"))(t)
			must(g.Check(t.Context(), store.Limits{MaxIdle: &idle}))(t)
			messagesOf(t, c, "s", store.RangeOptions{})
			for _, err := range c.Streams().List(t.Context(), "", true) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		count := 0
		for e, err := range g.PendingEntries(t.Context(), store.PendingOptions{}) {
			if err != nil || e.Deliveries != 1 {
				t.Errorf("%+v, %v", e, err)
			}
			count++
		}
		if count != 4 {
			t.Errorf("%d are pending", count)
		}
	})
}

// TestStreamPoison consumes a stream in which one message always fails, one was deleted
// and others trimmed while they were pending. It goes on; the poison ends up in the
// dead-letter stream with its count.
func TestStreamPoison(t *testing.T) {
	c := openStreams(t, storetest.RunRedis(t).URL())
	fillStream(t, c, "s", 10)
	g := c.Streams().Group("s", "g")
	must(g.Ensure(t.Context(), ""))(t)
	given := must(g.Read(t.Context(), "c", store.ReadOptions{Count: 5}))(t)
	must(c.Streams().Remove(t.Context(), "s", given[3].ID))(t)
	keep := int64(7) // of nine: the first two are trimmed
	trimmed := must(c.Streams().Trim(t.Context(), "s", store.TrimOptions{MaxLen: &keep}))(t)
	if trimmed.Removed != 2 || len(trimmed.Orphaned) != 1 {
		t.Errorf("trimmed %+v", trimmed)
	}
	done, tries, events := map[string]int{}, 0, map[store.ConsumeWhat]int{}
	o := store.ConsumeOptions{
		ClaimIdle: 20 * time.Millisecond, MaxDeliveries: 3, DeadLetter: "dead",
		OnEvent: func(e store.ConsumeEvent) { events[e.What]++ },
	}
	for d, err := range g.Consume(t.Context(), "c", o) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Message.Message.String() == "6" { // the poison
			tries++
			if int64(tries) != d.Deliveries {
				t.Errorf("try %d is delivery %d", tries, d.Deliveries)
			}
			err = d.Leave(t.Context())
		} else {
			done[d.Message.Message.String()]++
			err = d.Ack(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		if events[store.DeadLettered] == 1 && len(done) == 6 {
			break
		}
	}
	if tries != 3 || events[store.Gone] != 3 {
		t.Errorf("%d tries, events %v", tries, events)
	}
	for _, text := range []string{"2", "4", "5", "7", "8", "9"} {
		if done[text] != 1 {
			t.Errorf("%s was done %d times", text, done[text])
		}
	}
	if summary := must(g.Pending(t.Context()))(t); summary.Pending != 0 {
		t.Errorf("pending %+v", summary)
	}
	if dead := messagesOf(t, c, "dead", store.RangeOptions{}); len(dead) != 1 || dead[0] != "6" {
		t.Errorf("dead letters %q", dead)
	}
}

// TestStreamRetireBusy retires a consumer that holds more than a page, while others
// hold some too.
func TestStreamRetireBusy(t *testing.T) {
	c := openStreams(t, storetest.RunRedis(t).URL())
	fillStream(t, c, "s", 700)
	g := c.Streams().Group("s", "g")
	must(g.Ensure(t.Context(), ""))(t)
	must(g.Read(t.Context(), "other", store.ReadOptions{Count: 50}))(t)
	must(g.Read(t.Context(), "old", store.ReadOptions{Count: 550}))(t)
	must(g.Read(t.Context(), "new", store.ReadOptions{Count: 100}))(t)
	r := must(g.Retire(t.Context(), "old", "new"))(t)
	if !r.Retired || r.Moved != 550 || r.Created {
		t.Errorf("retired %+v", r)
	}
	count := map[string]int{}
	for e, err := range g.PendingEntries(t.Context(), store.PendingOptions{}) {
		if err != nil || e.Deliveries != 1 {
			t.Fatalf("%+v, %v", e, err)
		}
		count[e.Consumer]++
	}
	if count["other"] != 50 || count["new"] != 650 || len(count) != 2 {
		t.Errorf("pending %v", count)
	}
}

// TestStreamCluster works with streams on different nodes.
func TestStreamCluster(t *testing.T) {
	c := openStreams(t, storetest.RunCluster(t, 3).URL())
	names := []string{"a", "b", "c", "d", "{x}", "{x}:dead"}
	for _, name := range names {
		fillStream(t, c, name, 50)
		if got := messagesOf(t, c, name, store.RangeOptions{}); len(got) != 50 {
			t.Errorf("%s has %d messages", name, len(got))
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seen := map[string]int{}
	o := store.TailOptions{Last: 1, Follow: true}
	for m, err := range c.Streams().Tail(ctx, names, o) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[m.Stream]++; len(seen) == len(names) && seen[m.Stream] == 1 {
			for _, name := range names {
				must(c.Streams().Append(t.Context(), name, "more", store.AppendOptions{}))(t)
			}
		}
		total := 0
		for _, n := range seen {
			total += n
		}
		if total == 2*len(names) {
			break
		}
	}
	g := c.Streams().Group("{x}", "g")
	must(g.Ensure(t.Context(), ""))(t)
	m := must(g.Read(t.Context(), "w", store.ReadOptions{Count: 1}))(t)
	if id := must(g.DeadLetter(t.Context(), m[0], "{x}:dead"))(t); id == "" {
		t.Error("not moved")
	}
	poison := store.ConsumeOptions{MaxDeliveries: 1, DeadLetter: "a"}
	for _, err := range g.Consume(t.Context(), "w", poison) {
		if !errors.Is(err, store.CodeConfigurationInvalid) || !strings.Contains(err.Error(), "slots") {
			t.Errorf("streams in different slots: %v", err)
		}
	}
	must(g.Retire(t.Context(), "w", "v"))(t)
}

// plainAdapter is an adapter without streams.
type plainAdapter struct{ store.Adapter }

func (plainAdapter) Close() error { return nil }

func TestStreamsNeedAdapter(t *testing.T) {
	c, err := store.Open("", store.WithService("api"), store.WithAdapter(plainAdapter{}))
	if err != nil {
		t.Fatal(err)
	}
	g := c.Streams().Group("s", "g")
	_, appended := c.Streams().Append(t.Context(), "s", 1, store.AppendOptions{})
	_, listed := g.Consumers(t.Context())
	_, read := g.Read(t.Context(), "c", store.ReadOptions{})
	for _, err := range []error{appended, listed, read} {
		if !errors.Is(err, store.CodeConfigurationInvalid) {
			t.Errorf("got %v", err)
		}
	}
}

func TestStreamTelemetry(t *testing.T) {
	var r recorder
	c := open(t, "memory://", store.WithTelemetry(&r))
	s := c.Streams()
	must(s.Append(t.Context(), "s", 1, store.AppendOptions{}))(t)
	for _, err := range s.Range(t.Context(), "s", store.RangeOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	g := s.Group("s", "g")
	must(g.Ensure(t.Context(), ""))(t)
	m := must(g.Read(t.Context(), "c", store.ReadOptions{Count: 1}))(t)
	must(g.Ack(t.Context(), m[0].ID))(t)
	base := "DEBUG store.service=api store.namespace=stream stream.name=s"
	want := []string{
		"stream.append.success " + base + " stream.count=1",
		"stream.range.success " + base + " stream.count=1",
		"stream.group.success " + base + " stream.group=g stream.consumer=",
		"stream.read.success " + base + " stream.group=g stream.consumer=c stream.count=1",
		"stream.ack.success " + base + " stream.group=g stream.consumer= stream.count=1",
	}
	for i, line := range want {
		if got := r.events[2*i+1]; got != line {
			t.Errorf("got  %s\nwant %s", got, line)
		}
	}
}

// TestStreamLogin uses connections of our own with a password, on another database, and
// over a unix socket.
func TestStreamLogin(t *testing.T) {
	server := storetest.RunRedis(t, storetest.WithPassword("s3cret"), storetest.WithUnixSocket())
	for _, url := range []string{server.URL() + "/3", "unix://:s3cret@" + server.Socket} {
		c := openStreams(t, url)
		fillStream(t, c, "s", 10)
		if got := messagesOf(t, c, "s", store.RangeOptions{}); len(got) != 10 {
			t.Errorf("%d messages", len(got))
		}
		g := c.Streams().Group("s", "g")
		must(g.Ensure(t.Context(), ""))(t)
		if m := must(g.Read(t.Context(), "c", store.ReadOptions{Count: 3}))(t); len(m) != 3 {
			t.Errorf("read %v", m)
		}
	}
	wrong := openStreams(t, "redis://:no@"+server.Addr)
	for _, err := range wrong.Streams().Range(t.Context(), "s", store.RangeOptions{}) {
		if !errors.Is(err, store.ErrUnreachable) || strings.Contains(err.Error(), "no@") {
			t.Errorf("wrong password: %v", err)
		}
	}
}
