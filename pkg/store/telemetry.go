package store

import (
	"context"
	"log/slog"
	"time"
)

// Telemetry receives an event when an operation begins ("….started"), succeeds
// ("….success") or fails ("….error"). Names and attributes are those of
// @igniter-js/store ("igniter.store.kv.get.started", "ctx.kv.found"), and no others:
// [TelemetryEvents] lists the names. Identifiers, keys and values are never part of
// them; names of services, scope keys, events, streams, groups and consumers are. TTLs
// are in seconds. Beginnings and successes have the level debug, failures error.
//
// Emit is called from the goroutine of the operation, which waits for it, so it must be
// quick; it must be safe for concurrent use. Operations on many keys emit one event a
// chunk. The attributes are the receiver's to keep.
type Telemetry interface {
	Emit(ctx context.Context, name string, level slog.Level, attrs ...slog.Attr)
}

// OperationTelemetry is what a [Telemetry] also is where it wants to see an operation as
// one thing that takes time, as a trace does. Begin is called before Emit of the
// beginning, end after Emit of the end, each once and from one goroutine.
type OperationTelemetry interface {
	Telemetry
	// Begin is given the operation as it stands in the names of events ("kv.get") and
	// the attributes that are known when it begins. end is given those that were known
	// only afterwards; among them is ctx.error.code where the operation failed.
	Begin(ctx context.Context, operation string, attrs ...slog.Attr) (end func(attrs ...slog.Attr))
}

// WithTelemetry receives events about operations. Each use adds a receiver; they are
// called in the order given.
func WithTelemetry(t Telemetry) Option {
	return func(o *options) { o.telemetry = append(o.telemetry, t) }
}

// WithTelemetryExtensions also reports operations that the npm library does not have,
// under names made like its own: kv.ttl, kv.persist, counter.get, counter.ttl, counter.set,
// counter.remove, claim.show, claim.release, claim.extend, batch.remove, stream.claim,
// stream.pending and stream.tail. Without it receivers see no name that [TelemetryEvents]
// does not list.
func WithTelemetryExtensions() Option { return func(o *options) { o.extensions = true } }

// TelemetryEvents returns the names of the 63 events that the npm library has and that a
// [Telemetry] may receive, an operation's three in a row.
func TelemetryEvents() []string {
	var names []string
	for _, operation := range []string{
		"kv.get", "kv.set", "kv.remove", "kv.exists", "kv.expire", "kv.touch",
		"counter.increment", "counter.decrement", "counter.expire", "claim.acquire",
		"batch.get", "batch.set", "events.publish", "events.subscribe", "events.unsubscribe",
		"stream.append", "stream.range", "stream.group", "stream.read", "stream.ack", "dev.scan",
	} {
		for _, stage := range []string{"started", "success", "error"} {
			names = append(names, eventName(operation, stage))
		}
	}
	return names
}

func eventName(operation, stage string) string {
	return "igniter.store." + operation + "." + stage
}

// extension reports whether an operation is one that the npm library does not have. What
// is not listed is taken for one that it has, and the test of the names notices.
func extension(operation string) bool {
	switch operation {
	case "kv.ttl", "kv.persist", "counter.get", "counter.ttl", "counter.set", "counter.remove",
		"claim.show", "claim.release", "claim.extend", "batch.remove", "stream.claim",
		"stream.pending", "stream.tail":
		return true
	}
	return false
}

// operation is one observed operation.
type operation struct {
	client *Client
	name   string // as in event names: kv.get
	attrs  []slog.Attr
	ends   []func(...slog.Attr)
}

// observe reports that an operation begins. Where nobody listens it costs nothing.
func (c *Client) observe(ctx context.Context, namespace, name string, attrs ...slog.Attr,
) *operation {
	if len(c.telemetry) == 0 || !c.extensions && extension(name) {
		return nil
	}
	base := []slog.Attr{
		slog.String("ctx.store.service", c.service),
		slog.String("ctx.store.namespace", namespace),
	}
	if n := len(c.chain); n > 0 {
		base = append(base, slog.String("ctx.store.scope_key", c.chain[n-1].Key),
			slog.Int("ctx.store.scope_depth", n))
	}
	o := &operation{client: c, name: name, attrs: append(base, attrs...)}
	for _, t := range c.telemetry {
		if whole, ok := t.(OperationTelemetry); ok {
			o.ends = append(o.ends, whole.Begin(ctx, name, o.with(nil)...))
		}
	}
	o.emit(ctx, "started", slog.LevelDebug, nil)
	return o
}

// end reports how the operation ended.
func (o *operation) end(ctx context.Context, err error, attrs ...slog.Attr) {
	if o == nil {
		return
	}
	stage, level := "success", slog.LevelDebug
	if err != nil {
		stage, level, attrs = "error", slog.LevelError, failureAttrs(o.name, err)
	}
	o.emit(ctx, stage, level, attrs)
	for _, end := range o.ends {
		end(attrs...)
	}
}

func (o *operation) emit(ctx context.Context, stage string, level slog.Level, more []slog.Attr) {
	for _, t := range o.client.telemetry {
		t.Emit(ctx, eventName(o.name, stage), level, o.with(more)...)
	}
}

// with returns the attributes and more, in a slice of its own.
func (o *operation) with(more []slog.Attr) []slog.Attr {
	attrs := make([]slog.Attr, 0, len(o.attrs)+len(more))
	return append(append(attrs, o.attrs...), more...)
}

// ttlAttrs is the attribute of a TTL, in seconds; none where there is no TTL.
func ttlAttrs(name string, ttl time.Duration) []slog.Attr {
	if ttl == 0 {
		return nil
	}
	return []slog.Attr{slog.Int64(name, seconds(ttl))}
}
