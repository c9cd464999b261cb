package store_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// recorder remembers the events of a client as text.
type recorder struct{ events []string }

func (r *recorder) Emit(_ context.Context, name string, level slog.Level, attrs ...slog.Attr) {
	parts := []string{strings.TrimPrefix(name, "igniter.store."), level.String()}
	for _, a := range attrs {
		parts = append(parts, strings.TrimPrefix(a.String(), "ctx."))
	}
	r.events = append(r.events, strings.Join(parts, " "))
}

func TestTelemetry(t *testing.T) {
	var r recorder
	client, err := open(t, "memory://", store.WithTelemetry(&r)).Scope("org", "secret-id")
	if err != nil {
		t.Fatal(err)
	}
	set(t, client.KV(), store.SetOptions{TTL: time.Minute}, true)
	if _, err := client.KV().Get(t.Context(), "user:1"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Counter().Increment(t.Context(), "user:1", 1, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Claim().Once(t.Context(), "l", store.Value("1"), time.Minute); err != nil {
		t.Fatal(err)
	}
	base := "store.service=api store.namespace="
	scope := " store.scope_key=org store.scope_depth=1"
	want := []string{
		"kv.set.started DEBUG " + base + "kv" + scope + " kv.ttl=60",
		"kv.set.success DEBUG " + base + "kv" + scope + " kv.ttl=60",
		"kv.get.started DEBUG " + base + "kv" + scope,
		"kv.get.success DEBUG " + base + "kv" + scope + " kv.found=true",
		"counter.increment.started DEBUG " + base + "counter" + scope + " counter.delta=1",
		"counter.increment.success DEBUG " + base + "counter" + scope + " counter.delta=1 counter.value=1",
		"claim.acquire.started DEBUG " + base + "claim" + scope + " claim.ttl=60",
		"claim.acquire.success DEBUG " + base + "claim" + scope + " claim.ttl=60 claim.acquired=true",
	}
	if !slices.Equal(r.events, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(r.events, "\n"), strings.Join(want, "\n"))
	}
}

// TestTelemetryOfFailures checks that an error names the operation and its code, and
// neither key nor identifier.
func TestTelemetryOfFailures(t *testing.T) {
	var r recorder
	client := open(t, "redis://127.0.0.1:1", store.WithTelemetry(&r))
	if _, err := client.KV().Get(t.Context(), "secret-key"); err == nil {
		t.Fatal("there is a server on port 1")
	}
	last := r.events[len(r.events)-1]
	if !strings.HasPrefix(last, "kv.get.error ERROR ") || strings.Contains(last, "secret-key") ||
		!strings.Contains(last, "error.operation=kv.get error.code=STORE_CONNECTION_FAILED") {
		t.Errorf("got %s", last)
	}
}
