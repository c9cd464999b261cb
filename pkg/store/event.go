package store

import (
	"bytes"
	"encoding/base64"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// timeLayout is the form of timestamps, that of JavaScript's toISOString.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Timestamp returns a time as events have it: ISO 8601, UTC, milliseconds.
func Timestamp(t time.Time) string { return t.UTC().Format(timeLayout) }

// Event is a message that arrived on a channel. Its bytes are as they arrived, and may be
// kept.
type Event struct {
	// Channel is the event's name as it stands in the channel: user:created.
	Channel string
	// Service is set where all services were subscribed to.
	Service string
	// Scopes is where the event comes from; nil unless child scopes or all services
	// were subscribed to.
	Scopes []Scope

	// Type, Data, Timestamp, Scope and Actor are the members of the envelope, each of
	// them JSON. Scope and Actor are nil where it has none. An envelope is any object
	// with the first three, whatever their values.
	Type, Data, Timestamp, Scope, Actor Value
	// Extra are the other members of the envelope, as an object; nil for none.
	Extra Value
	// Wrapped is set where the payload was no envelope: it is then Data, Type is the
	// channel, and Timestamp when it was received.
	Wrapped bool
	// Invalid is "json" where the payload was not JSON and "utf-8" where it was not even
	// text. Data is then its text as a JSON string, or {"base64":"…"}.
	Invalid string

	// Judged is set where a schema applies to the type of the event, and Violations are
	// what it has to say.
	Judged     bool
	Violations []Violation

	// Payload is the whole message.
	Payload []byte
	// Received is when it was read.
	Received time.Time

	head    []byte // see origin
	spaced  bool
	regular bool
}

// read fills in what the payload says. The scan is used for nothing else.
func (e *Event) read(s *textScan) {
	switch {
	case !s.scan(e.Payload):
		e.wrap(Value(e.Payload).quoted())
		e.Invalid = "json"
		if !utf8.Valid(e.Payload) {
			e.Invalid = "utf-8"
		}
	case !s.isEnvelope():
		e.wrap(bytes.TrimSpace(e.Payload))
		e.spaced = s.spaced
	default:
		e.Type, e.Data = s.envelope[memberType], s.envelope[memberData]
		e.Timestamp = s.envelope[memberTimestamp]
		e.Scope, e.Actor = s.envelope[memberScope], s.envelope[memberActor]
		e.spaced, e.regular = s.spaced, s.regular
		if s.extra != nil {
			e.Extra = append(append(Value("{"), s.extra...), '}')
		}
	}
}

// wrap makes an event of what is no envelope, as the npm library does.
func (e *Event) wrap(data Value) {
	e.Wrapped, e.Data = true, data
	e.Type = appendQuoted(nil, e.Channel)
	e.Timestamp = Value(`"` + Timestamp(e.Received) + `"`)
}

// quoted returns bytes that are not JSON as a JSON string, or as {"base64":"…"} where
// they are not text.
func (v Value) quoted() Value { return appendQuoted(nil, v) }

// appendQuoted appends text as a JSON string, or as {"base64":"…"} where it is no text.
func appendQuoted[T string | Value](dst []byte, text T) []byte {
	if utf8.ValidString(string(text)) {
		dst, _ = jsontext.AppendQuote(dst, string(text)) // it fails for other bytes only
		return dst
	}
	dst = append(dst, `{"base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, []byte(text))
	return append(dst, `"}`...)
}

// TypeName returns the type where that is a string, as it is of every event that the
// library published.
func (e *Event) TypeName() (string, bool) { return e.Type.text() }

// judge applies the schema of the envelope's type. A schema that cannot be used is a
// finding as well: a subscriber must not die of it.
func (e *Event) judge(v EventValidator) {
	name, ok := e.TypeName()
	if !ok {
		return
	}
	known, violations, err := v.Validate(name, e.Data)
	if err != nil {
		known = true
		violations = []Violation{{Message: "the schema cannot be used: " + err.Error()}}
	}
	e.Judged, e.Violations = known, violations
}

// Valid reports that no schema found fault with the event.
func (e *Event) Valid() bool { return len(e.Violations) == 0 }

// Line returns data in one line: as it arrived, and only where there are line breaks in
// it (which stand between its parts) without white space.
func (e *Event) Line() Value {
	if e.Invalid != "" || bytes.IndexByte(e.Data, '\n') < 0 && bytes.IndexByte(e.Data, '\r') < 0 {
		return e.Data
	}
	return e.compact(nil, e.Data)
}
