package storeotel

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/tenantstore/store/pkg/store"
)

// scopeName is what instruments and spans are filed under.
const scopeName = "github.com/tenantstore/store/pkg/store"

// Options say where traces and metrics go. The zero value takes the process' own providers.
type Options struct {
	Tracer trace.TracerProvider // nil for otel.GetTracerProvider
	Meter  metric.MeterProvider // nil for otel.GetMeterProvider
}

// Observer is the bridge. It is safe for concurrent use.
type Observer struct {
	tracer       trace.Tracer
	duration     metric.Float64Histogram
	failures     metric.Int64Counter
	hits, misses metric.Int64Counter
}

var _ store.OperationTelemetry = (*Observer)(nil)

// New makes a bridge. The error is one of the meter, about an instrument.
func New(o Options) (*Observer, error) {
	if o.Tracer == nil {
		o.Tracer = otel.GetTracerProvider()
	}
	if o.Meter == nil {
		o.Meter = otel.GetMeterProvider()
	}
	meter, b := o.Meter.Meter(scopeName), &Observer{tracer: o.Tracer.Tracer(scopeName)}
	var errs [4]error
	b.duration, errs[0] = meter.Float64Histogram("igniter.store.operation.duration",
		metric.WithUnit("s"), metric.WithDescription("How long operations took."))
	b.failures, errs[1] = meter.Int64Counter("igniter.store.operation.errors",
		metric.WithUnit("{operation}"), metric.WithDescription("Operations that failed."))
	b.hits, errs[2] = meter.Int64Counter("igniter.store.hits",
		metric.WithUnit("{key}"), metric.WithDescription("Keys that were looked up and found."))
	b.misses, errs[3] = meter.Int64Counter("igniter.store.misses",
		metric.WithUnit("{key}"), metric.WithDescription("Keys that were looked up and not found."))
	return b, errors.Join(errs[:]...)
}

// Emit does nothing: Begin hears of everything.
func (*Observer) Emit(context.Context, string, slog.Level, ...slog.Attr) {}

// Begin starts a span, which end ends.
func (b *Observer) Begin(ctx context.Context, operation string, attrs ...slog.Attr,
) (end func(...slog.Attr)) {
	begun := time.Now()
	ctx, span := b.tracer.Start(ctx, "store "+operation, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attributes(attrs)...))
	return func(more ...slog.Attr) {
		took := time.Since(begun)
		span.SetAttributes(attributes(more)...)
		all := append(attrs[:len(attrs):len(attrs)], more...)
		code, failed := text(all, "ctx.error.code")
		if failed {
			span.SetStatus(codes.Error, code)
		}
		span.End()
		b.measure(ctx, operation, took, all, code)
	}
}

// measure feeds the instruments.
func (b *Observer) measure(ctx context.Context, operation string, took time.Duration,
	attrs []slog.Attr, code string,
) {
	service, _ := text(attrs, "ctx.store.service")
	namespace, _ := text(attrs, "ctx.store.namespace")
	labels := []attribute.KeyValue{
		attribute.String("store.operation", operation),
		attribute.String("store.service", service),
		attribute.String("store.namespace", namespace),
	}
	plain := metric.WithAttributes(labels...)
	if code != "" {
		labels = append(labels, attribute.String("error.type", code))
		failed := metric.WithAttributes(labels...)
		b.failures.Add(ctx, 1, failed)
		b.duration.Record(ctx, took.Seconds(), failed)
		return
	}
	b.duration.Record(ctx, took.Seconds(), plain)
	if found, asked := lookups(attrs); asked > 0 {
		b.hits.Add(ctx, found, plain)
		b.misses.Add(ctx, asked-found, plain)
	}
}

// lookups returns how many keys were looked up, and how many of them were found.
func lookups(attrs []slog.Attr) (found, asked int64) {
	for _, a := range attrs {
		switch a.Key {
		case "ctx.kv.found", "ctx.kv.existed":
			asked = 1
			if a.Value.Bool() {
				found = 1
			}
		case "ctx.batch.found":
			found = a.Value.Int64()
			for _, b := range attrs {
				if b.Key == "ctx.batch.count" {
					asked = b.Value.Int64()
				}
			}
		}
	}
	return found, asked
}

// text returns the text of an attribute.
func text(attrs []slog.Attr, key string) (string, bool) {
	for _, a := range attrs {
		if a.Key == key {
			return a.Value.String(), true
		}
	}
	return "", false
}

// attributes turns attributes of slog into those of OpenTelemetry.
func attributes(attrs []slog.Attr) []attribute.KeyValue {
	all := make([]attribute.KeyValue, len(attrs))
	for i, a := range attrs {
		switch a.Value.Kind() {
		case slog.KindInt64:
			all[i] = attribute.Int64(a.Key, a.Value.Int64())
		case slog.KindBool:
			all[i] = attribute.Bool(a.Key, a.Value.Bool())
		default:
			all[i] = attribute.String(a.Key, a.Value.String())
		}
	}
	return all
}
