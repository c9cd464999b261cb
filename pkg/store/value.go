package store

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxValueSize is the largest value a server takes, in bytes: 512 MiB, the
// default of Redis' proto-max-bulk-len. A larger one makes the server drop the
// connection without saying why, so it is refused before it is sent.
const MaxValueSize = 512 << 20

// Value is a stored value, byte for byte.
type Value []byte

// String returns the value as text.
func (v Value) String() string { return string(v) }

// IsJSON reports whether the value is one JSON text, as JSON.parse would take it.
func (v Value) IsJSON() bool { return utf8.Valid(v) && isJSON(v) }

// MarshalJSON returns the value itself where it is JSON, the text as a JSON
// string where it is not (the npm library reads it so), and
// {"base64":"…"} where it is not UTF-8.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.IsJSON() {
		return v, nil
	}
	return v.AppendJSON(nil)
}

// AppendJSON appends what MarshalJSON returns, without white space between its parts.
func (v Value) AppendJSON(dst []byte) ([]byte, error) { return appendJSON(dst, v) }

// JSONSchema describes what [Value.MarshalJSON] returns, which is any JSON.
func (Value) JSONSchema() string { return `{"description":"any JSON"}` }

// ParseValue checks that text is one JSON value and returns it without the white
// space between its parts and otherwise as given: numbers, escapes, member order
// and repeated members stay. Anything else is CodeSerializationFailed, an empty
// text CodeValueRequired.
func ParseValue(text []byte) (Value, error) {
	if len(text) == 0 {
		return nil, invalid(CodeValueRequired, "the value is empty")
	}
	if !utf8.Valid(text) {
		return nil, invalid(CodeSerializationFailed, "the value is not UTF-8 text")
	}
	if valid, spaced := checkJSON(text); valid && !spaced {
		return Value(bytes.Clone(text)), nil
	}
	raw := jsontext.Value(text).Clone()
	if err := raw.Compact(asStored()...); err != nil {
		return nil, invalid(CodeSerializationFailed, "the value is not valid JSON%s", where(err))
	}
	return Value(raw), nil
}

// StringValue returns text as a JSON string. Text that is not UTF-8 cannot be
// one: CodeSerializationFailed.
func StringValue(text string) (Value, error) {
	if !utf8.ValidString(text) {
		return nil, invalid(CodeSerializationFailed, "the value is not UTF-8 text")
	}
	quoted, err := jsontext.AppendQuote(nil, text)
	return Value(quoted), err
}

// where says at which byte a JSON text goes wrong.
func where(err error) string {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf(" (byte %d)", syntax.ByteOffset)
	}
	return ""
}

// asStored are the options under which JSON is only checked, never changed. What
// they call invalid UTF-8 is a lone surrogate escape, which JavaScript writes.
func asStored() []jsontext.Options {
	return []jsontext.Options{
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
		jsontext.PreserveRawStrings(true),
	}
}

// text returns the text of a value that is a JSON string.
func (v Value) text() (string, bool) {
	if !v.IsJSON() || jsontext.Value(v).Kind() != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, v)
	return string(text), err == nil
}
