package store

import (
	"context"
	"errors"
	"log/slog"
)

// Telemetry receives an event when an operation begins ("….started"), succeeds
// ("….success") or fails ("….error"). Names and attributes are those of
// @igniter-js/store ("igniter.store.kv.get.started", "ctx.kv.found"). Identifiers,
// keys and values are never part of them. Emit is called synchronously and must be
// safe for concurrent use.
type Telemetry interface {
	Emit(ctx context.Context, name string, level slog.Level, attrs ...slog.Attr)
}

// silence is the telemetry of a client that has none.
type silence struct{}

func (silence) Emit(context.Context, string, slog.Level, ...slog.Attr) {}

// operation is one observed operation.
type operation struct {
	client *Client
	name   string // as in event names: kv.get
	attrs  []slog.Attr
}

// observe reports that an operation begins. Where nobody listens it costs nothing.
func (c *Client) observe(ctx context.Context, namespace, name string, attrs ...slog.Attr,
) *operation {
	if _, nobody := c.telemetry.(silence); nobody {
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
	o.emit(ctx, "started", slog.LevelDebug)
	return o
}

// end reports how the operation ended.
func (o *operation) end(ctx context.Context, err error, attrs ...slog.Attr) {
	switch {
	case o == nil:
	case err == nil:
		o.emit(ctx, "success", slog.LevelDebug, attrs...)
	default:
		o.emit(ctx, "error", slog.LevelError, slog.String("ctx.error.operation", o.name),
			slog.String("ctx.error.code", string(codeOf(err))),
			slog.String("ctx.error.message", reasonOf(err)))
	}
}

func (o *operation) emit(ctx context.Context, stage string, level slog.Level, more ...slog.Attr) {
	attrs := append(o.attrs[:len(o.attrs):len(o.attrs)], more...)
	o.client.telemetry.Emit(ctx, "igniter.store."+o.name+"."+stage, level, attrs...)
}

// codeOf returns an error's code, or the one for failures without a name.
func codeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeOperationFailed
}

// reasonOf returns why an operation failed, without the key that Error would add.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return err.Error()
}
