package store

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// JSON that is only checked goes through textScan instead of the JSON library: it takes
// a third to a half of the time, allocates nothing, and tells in the same pass whether there is
// white space to remove. See docs/benchmarks.md.

// check reads one JSON text, bytes that are not UTF-8 included. The scan says afterwards
// whether there is white space between its parts.
func (s *textScan) check(text []byte) bool {
	s.text, s.nested, s.spaced = text, nesting{}, false
	i := s.value(s.space(0))
	return i >= 0 && s.space(i) == len(text)
}

// checkJSON reports whether text is one JSON text, and whether it has white space between
// its parts.
func checkJSON(text []byte) (valid, spaced bool) {
	var s textScan
	valid = s.check(text)
	return valid, s.spaced
}

// isJSON is [Value.IsJSON] that takes bytes for text that JSON.parse would have seen.
func isJSON(text []byte) bool {
	valid, _ := checkJSON(text)
	return valid
}

// appendJSON appends text as [Value.MarshalJSON] shows it, without white space.
func appendJSON(dst, text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		dst = base64.StdEncoding.AppendEncode(append(dst, `{"base64":"`...), text)
		return append(dst, `"}`...), nil
	}
	switch valid, spaced := checkJSON(text); {
	case !valid:
		return jsontext.AppendQuote(dst, text)
	case spaced:
		return jsontext.AppendFormat(dst, text, asStored()...)
	}
	return append(dst, text...), nil
}
