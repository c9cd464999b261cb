package storeotel_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tenantstore/store/pkg/store"
	storeotel "github.com/tenantstore/store/pkg/store/otel"
)

// bench is a client that is observed.
type bench struct {
	client *store.Client
	spans  *tracetest.InMemoryExporter
	traces *trace.TracerProvider
	reader *metric.ManualReader
}

func newBench(t *testing.T, url string) *bench {
	t.Helper()
	b := &bench{spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	b.traces = trace.NewTracerProvider(trace.WithSyncer(b.spans))
	observer, err := storeotel.New(storeotel.Options{
		Tracer: b.traces, Meter: metric.NewMeterProvider(metric.WithReader(b.reader)),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.client, err = store.Open(url, store.WithService("api"), store.WithTelemetry(observer))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.client.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// sums returns what was measured: counters by their value, histograms by their count.
func (b *bench) sums(t *testing.T) (all []string) {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := b.reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	add := func(name string, set attribute.Set, n any) {
		operation, _ := set.Value("store.operation")
		kind, _ := set.Value("error.type")
		line := fmt.Sprint(strings.TrimPrefix(name, "igniter.store."), " ", operation.AsString(), " ",
			kind.AsString(), " ", n)
		all = append(all, strings.Join(strings.Fields(line), " "))
	}
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					add(m.Name, p.Attributes, p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					if p.Sum <= 0 || p.Sum > 60 {
						t.Errorf("%s is %v seconds", m.Name, p.Sum)
					}
					add(m.Name, p.Attributes, p.Count)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestMetrics(t *testing.T) {
	b := newBench(t, "memory://")
	kv := b.client.KV()
	if _, err := kv.Set(t.Context(), "a", 1, store.SetOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "a", "missing"} {
		if _, err := kv.Get(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range b.client.Batch().Get(t.Context(), store.Keys("a", "x", "y")) {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"hits batch.get 1", "hits kv.get 2", "misses batch.get 2", "misses kv.get 1",
		"operation.duration batch.get 1", "operation.duration kv.get 3", "operation.duration kv.set 1",
	}
	if got := b.sums(t); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSpans(t *testing.T) {
	b := newBench(t, "memory://")
	client, err := b.client.Scope("organization", "secret-id")
	if err != nil {
		t.Fatal(err)
	}
	ctx, parent := b.traces.Tracer("test").Start(t.Context(), "request")
	if _, err := client.KV().Get(ctx, "secret-key"); err != nil {
		t.Fatal(err)
	}
	parent.End()
	span := b.spans.GetSpans()[0]
	if span.Name != "store kv.get" || span.Parent.SpanID() != parent.SpanContext().SpanID() ||
		span.Status.Code != codes.Unset {
		t.Errorf("got %+v", span)
	}
	set := attribute.NewSet(span.Attributes...)
	got := set.Encoded(attribute.DefaultEncoder())
	want := "ctx.kv.found=false,ctx.store.namespace=kv,ctx.store.scope_depth=1," +
		"ctx.store.scope_key=organization,ctx.store.service=api"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFailures(t *testing.T) {
	b := newBench(t, "redis://127.0.0.1:1")
	if _, err := b.client.KV().Get(t.Context(), "a"); err == nil {
		t.Fatal("there is a server on port 1")
	}
	span := b.spans.GetSpans()[0]
	if span.Status.Code != codes.Error || span.Status.Description != "STORE_CONNECTION_FAILED" {
		t.Errorf("the status is %+v", span.Status)
	}
	want := []string{
		"operation.duration kv.get STORE_CONNECTION_FAILED 1",
		"operation.errors kv.get STORE_CONNECTION_FAILED 1",
	}
	if got := b.sums(t); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
