package store

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// TelemetryLines is a [Telemetry] that writes each event as one line of JSON:
//
//	{"time":"2026-11-23T01:20:05.696Z","level":"debug","name":"igniter.store.kv.get.started","attributes":{"ctx.store.service":"api"}}
//
// Each line is one Write, made before the operation goes on, so that nothing is lost when the
// process ends. It is safe for concurrent use.
type TelemetryLines struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time
	buf []byte
	err error
}

// NewTelemetryLines returns one that writes to w and takes the time from now; nil is
// [time.Now].
func NewTelemetryLines(w io.Writer, now func() time.Time) *TelemetryLines {
	if now == nil {
		now = time.Now
	}
	return &TelemetryLines{w: w, now: now}
}

// Err returns the first failure to write. Nothing is written after it: the file ends with
// the last whole event.
func (l *TelemetryLines) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Emit writes one event.
func (l *TelemetryLines) Emit(_ context.Context, name string, level slog.Level,
	attrs ...slog.Attr,
) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	b := append(l.buf[:0], `{"time":"`...)
	b = append(b, Timestamp(l.now())...)
	b = append(b, `","level":"`...)
	b = append(b, strings.ToLower(level.String())...)
	b = appendText(append(b, `","name":`...), name)
	b = append(b, `,"attributes":{`...)
	for i, a := range attrs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, a.Key), ':')
		b = appendAttr(b, a.Value)
	}
	l.buf = append(b, "}}\n"...)
	_, l.err = l.w.Write(l.buf)
}

// appendAttr appends the value of an attribute.
func appendAttr(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindBool:
		return strconv.AppendBool(b, v.Bool())
	}
	return appendText(b, v.String())
}

// appendText appends a JSON string. What is not UTF-8 in it becomes U+FFFD.
func appendText(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text) // the error is only about UTF-8
	return b
}
