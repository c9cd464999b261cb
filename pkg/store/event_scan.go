package store

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// textScan reads one JSON text from its beginning to its end, once, and takes notes of
// what an envelope has. It follows JSON.parse: any depth, repeated names, escapes of lone
// surrogates.
type textScan struct {
	text   []byte
	nested nesting
	spaced bool // there is white space between tokens
	// envelope holds the members of the outermost object by their place in an envelope,
	// nil where they are missing. Of a name that comes twice the last one counts.
	envelope [envelopeMembers][]byte
	extra    []byte // the other members, joined by commas
	regular  bool   // the members are those of an envelope, in order, and no others
}

// The members of an envelope in the order in which the library writes them.
const (
	memberType = iota
	memberData
	memberTimestamp
	memberScope
	memberActor
	envelopeMembers
)

// scan reports whether the text is JSON.
func (s *textScan) scan(text []byte) bool {
	s.text, s.nested, s.extra = text, nesting{}, nil
	s.spaced, s.regular = false, true
	clear(s.envelope[:])
	if !utf8.Valid(text) {
		return false
	}
	i := s.space(0)
	if s.peek(i) == '{' {
		i = s.object(i)
	} else {
		i = s.value(i)
	}
	return i >= 0 && s.space(i) == len(text)
}

// isEnvelope reports whether the text is an object with the three members that the
// library asks for.
func (s *textScan) isEnvelope() bool {
	return s.envelope[memberType] != nil && s.envelope[memberData] != nil &&
		s.envelope[memberTimestamp] != nil
}

// object reads the outermost object, member by member. It returns where it ends, or -1.
func (s *textScan) object(i int) int {
	if i = s.space(i + 1); s.peek(i) == '}' {
		return i + 1
	}
	for last := -1; ; i = s.space(i + 1) {
		name := i
		behind := s.quoted(i)
		if i = s.colon(behind); i < 0 {
			return -1
		}
		value := i
		if i = s.value(i); i < 0 {
			return -1
		}
		last = s.member(s.text[name:behind], s.text[value:i], last)
		switch i = s.space(i); s.peek(i) {
		case '}':
			return i + 1
		case ',':
		default:
			return -1
		}
	}
}

// member takes note of a member. The last one was at a place in the order of an envelope;
// it returns the place of this one.
func (s *textScan) member(name, value []byte, last int) int {
	at := envelopePlace(name)
	if at < 0 {
		if s.extra != nil {
			s.extra = append(s.extra, ',')
		}
		s.extra = append(append(append(s.extra, name...), ':'), value...)
		s.regular = false
		return last
	}
	s.regular = s.regular && (at == last+1 || at == memberActor && last == memberTimestamp)
	s.envelope[at] = value
	return at
}

// envelopePlace returns the place of a member by its name as it is written, or -1.
func envelopePlace(name []byte) int {
	plain := name[1 : len(name)-1]
	if bytes.IndexByte(plain, '\\') >= 0 {
		plain, _ = jsontext.AppendUnquote(nil, name) // what was scanned is valid
	}
	switch string(plain) {
	case "type":
		return memberType
	case "data":
		return memberData
	case "timestamp":
		return memberTimestamp
	case "scope":
		return memberScope
	case "actor":
		return memberActor
	}
	return -1
}
