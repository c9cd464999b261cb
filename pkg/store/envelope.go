package store

import (
	"time"
	"unicode/utf8"
)

// envelope puts the payloads of one event into envelopes.
type envelope struct {
	head []byte // up to the data
	tail []byte // from the end of the timestamp
	time []byte // the last timestamp
	at   int64  // when that was, in milliseconds
}

// envelope prepares the envelopes of an event, byte for byte as the npm library makes
// them: the type as it was given, and of the scopes only the last one.
func (c *Client) envelope(event string) (envelope, error) {
	texts := []string{event}
	var e envelope
	e.head = appendQuoted([]byte(`{"type":`), event)
	e.head = append(e.head, `,"data":`...)
	e.tail = append(e.tail, '"')
	if n := len(c.chain); n > 0 {
		last := c.chain[n-1]
		e.tail = appendScope(append(e.tail, `,"scope":`...), last)
		texts = append(texts, last.Key, last.Identifier)
	}
	if c.actor != nil {
		e.tail = appendScope(append(e.tail, `,"actor":`...), Scope(*c.actor))
		texts = append(texts, c.actor.Key, c.actor.Identifier)
	}
	e.tail = append(e.tail, '}')
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return e, invalid(CodeSerializationFailed, "%q is not UTF-8 text", text)
		}
	}
	return e, nil
}

// seal returns the message for one payload. Milliseconds are cut off, not rounded, as
// JavaScript's clock does.
func (e *envelope) seal(data Value, at time.Time) []byte {
	if ms := at.UnixMilli(); ms != e.at || e.time == nil {
		e.at, e.time = ms, at.UTC().AppendFormat(e.time[:0], timeLayout)
	}
	size := len(e.head) + len(data) + len(`,"timestamp":"`) + len(e.time) + len(e.tail)
	text := append(make([]byte, 0, size), e.head...)
	text = append(append(text, data...), `,"timestamp":"`...)
	return append(append(text, e.time...), e.tail...)
}
