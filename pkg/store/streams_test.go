package store_test

import (
	"fmt"
	"strings"
	"testing"

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

// numbers returns the bodies of a range.
func numbers(t *testing.T, c *store.Client, stream string, o store.RangeOptions) []string {
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
		got := numbers(t, c, "jobs", store.RangeOptions{})
		if len(got) != n {
			t.Fatalf("%d messages, want %d", len(got), n)
		}
		for i, text := range got {
			if text != fmt.Sprint(i) {
				t.Fatalf("message %d is %s", i, text)
			}
		}
		back := numbers(t, c, "jobs", store.RangeOptions{Reverse: true, Count: 2500})
		if len(back) != 2500 || back[0] != fmt.Sprint(n-1) || back[2499] != fmt.Sprint(n-2500) {
			t.Errorf("backwards: %d messages from %s to %s", len(back), back[0], back[len(back)-1])
		}
		info := must(c.Streams().Info(t.Context(), "jobs"))(t)
		if !info.Found || info.Length != n {
			t.Errorf("info %+v", info)
		}
	})
}
