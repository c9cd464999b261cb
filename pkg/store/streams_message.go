package store

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Message is one entry of a stream, read as the npm library reads it.
type Message struct {
	Stream string `json:"stream"` // as the caller gave it
	ID     string `json:"id"`     // milliseconds-number
	// Message is the JSON of the field "data"; where that is missing or no JSON, an
	// object of all fields with their values as strings.
	Message Body `json:"message"`
	// Deleted is set where the entry is pending but not in the stream any more.
	Deleted bool `json:"deleted,omitzero"`
}

// Body is the JSON of a message.
type Body []byte

// MarshalJSON returns the body; null where there is none, and {"base64":"…"} where it
// is not UTF-8.
func (b Body) MarshalJSON() ([]byte, error) {
	if b != nil && utf8.Valid(b) {
		return b, nil
	}
	return b.AppendJSON(nil)
}

// AppendJSON appends what MarshalJSON returns, without white space between its parts.
func (b Body) AppendJSON(dst []byte) ([]byte, error) {
	if b == nil {
		return append(dst, "null"...), nil
	}
	return appendJSON(dst, b)
}

// JSONSchema describes what [Body.MarshalJSON] returns, which is any JSON.
func (Body) JSONSchema() string { return `{"description":"any JSON"}` }

// String returns the body as text.
func (b Body) String() string { return string(b) }

// message turns an entry into a message.
func (e *streamEntry) message(stream string) Message {
	m := Message{Stream: stream, ID: e.id, Deleted: e.deleted}
	if !e.deleted {
		m.Message = decode(e.fields)
	}
	return m
}

// decode returns the body of an entry. The last field "data" is it, if it is JSON.
func decode(fields [][]byte) Body {
	var data []byte
	for i := 0; i+1 < len(fields); i += 2 {
		if string(fields[i]) == "data" {
			data = fields[i+1]
		}
	}
	if len(data) > 0 && isJSON(data) {
		return data
	}
	return object(fields)
}

// object makes an object of fields as JavaScript does: a repeated name keeps its first
// place and gets the last value, and names that are array indices come first.
func object(fields [][]byte) Body {
	type member struct{ name, value []byte }
	var members []member
	for i := 0; i+1 < len(fields); i += 2 {
		at := slices.IndexFunc(members, func(m member) bool { return bytes.Equal(m.name, fields[i]) })
		if at < 0 {
			members = append(members, member{fields[i], fields[i+1]})
		} else {
			members[at].value = fields[i+1]
		}
	}
	slices.SortStableFunc(members, func(a, b member) int {
		return compareNames(string(a.name), string(b.name))
	})
	body := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendJSONText(body, strings.ToValidUTF8(string(m.name), "\ufffd"))
		body = append(body, ':')
		if utf8.Valid(m.value) {
			body = appendJSONText(body, string(m.value))
			continue
		}
		encoded, _ := Body(m.value).MarshalJSON() // cannot fail
		body = append(body, encoded...)
	}
	return append(body, '}')
}

// appendJSONText appends text that is UTF-8 as a JSON string.
func appendJSONText(dst []byte, text string) []byte {
	quoted, err := jsontext.AppendQuote(dst, text)
	if err != nil {
		panic(err) // only text that is not UTF-8 is refused
	}
	return quoted
}

// compareNames orders array indices before all else, by their value.
func compareNames(a, b string) int {
	x, isX := arrayIndex(a)
	y, isY := arrayIndex(b)
	switch {
	case isX && isY:
		return cmp.Compare(x, y)
	case isX:
		return -1
	case isY:
		return 1
	}
	return 0
}

// arrayIndex reports whether JavaScript takes a name for an index: digits without
// leading zeros, up to 2^32-2.
func arrayIndex(name string) (uint64, bool) {
	n, err := parseDigits(name)
	return n, err == nil && n < 1<<32-1 && strconv.FormatUint(n, 10) == name
}
