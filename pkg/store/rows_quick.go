package store

import (
	"bytes"
	"strconv"
	"time"
)

// quick reads a row in one pass. It reports false where there is anything out of the
// ordinary: what is wrong with the row, if anything is, another reader has to find out.
func (p *rowParser) quick(text []byte) (row Row, ok bool) {
	s := &p.scan
	s.text, s.nested = text, nesting{}
	i := s.space(0)
	if s.peek(i) != '{' {
		return Row{}, false
	}
	var seen [3]bool
	for {
		name := s.space(i + 1)
		behind := s.quoted(name)
		value := s.colon(behind)
		if value < 0 {
			return Row{}, false
		}
		s.spaced = false
		if i = s.value(value); i < 0 {
			return Row{}, false
		}
		at := position(text[name:behind])
		if at < 0 || seen[at] || !s.quickMember(&row, at, text[value:i]) {
			return Row{}, false
		}
		seen[at] = true
		switch i = s.space(i); s.peek(i) {
		case '}':
			return row, seen[0] && seen[1] && s.space(i+1) == len(text)
		case ',':
		default:
			return Row{}, false
		}
	}
}

// quickMember takes a member that is written as most are.
func (s *textScan) quickMember(row *Row, at int, raw []byte) bool {
	switch at {
	case 0:
		if raw[0] != '"' || bytes.IndexByte(raw, '\\') >= 0 {
			return false
		}
		row.Key = string(raw[1 : len(raw)-1])
	case 1:
		row.Value = Value(bytes.Clone(raw))
		return !s.spaced
	default:
		seconds, err := strconv.ParseUint(string(raw), 10, 31)
		row.TTL = time.Duration(seconds) * time.Second
		return err == nil && seconds > 0
	}
	return true
}
