package store

import (
	"encoding/binary"
	"math/bits"
)

// value reads the value that begins at i and returns where it ends, or -1.
func (s *textScan) value(i int) int {
	for {
		switch c := s.peek(i); c {
		case '{', '[':
			var more bool
			if i, more = s.open(c, i); more {
				continue
			}
		case '"':
			i = s.quoted(i)
		case 't':
			i = s.literal(i, "true")
		case 'f':
			i = s.literal(i, "false")
		case 'n':
			i = s.literal(i, "null")
		default:
			i = s.number(i)
		}
		var more bool
		if i, more = s.closing(i); !more {
			return i
		}
	}
}

// open reads an opening bracket. It reports whether the next value follows at the place
// it returns; otherwise the bracket is closed again.
func (s *textScan) open(bracket byte, i int) (next int, more bool) {
	i = s.space(i + 1)
	if s.peek(i) == bracket+2 { // as it happens, in ASCII
		return i + 1, false
	}
	s.nested.push(bracket == '{')
	if bracket == '{' {
		i = s.colon(s.quoted(i))
	}
	return i, i >= 0
}

// closing reads what may stand behind a value. It reports whether another one follows at
// the place it returns; otherwise the outermost value is complete, or broken.
func (s *textScan) closing(i int) (next int, more bool) {
	for i >= 0 && s.nested.depth > 0 {
		i = s.space(i)
		object := s.nested.inner&1 != 0
		switch c := s.peek(i); {
		case c == ',':
			i = s.space(i + 1)
			if object {
				i = s.colon(s.quoted(i))
			}
			return i, i >= 0
		case c == '}' && object, c == ']' && !object:
			s.nested.pop()
			i++
		default:
			return -1, false
		}
	}
	return i, false
}

// nesting is the stack of the brackets that are open, a bit for each: set for an object.
// All that is deeper than 64 is in outer; texts that are less deep need no memory.
type nesting struct {
	depth int
	inner uint64
	outer []uint64
}

func (n *nesting) push(object bool) {
	if n.depth++; n.depth > 64 && n.depth%64 == 1 {
		n.outer = append(n.outer, n.inner)
	}
	n.inner <<= 1
	if object {
		n.inner |= 1
	}
}

func (n *nesting) pop() {
	n.inner >>= 1
	if n.depth--; n.depth > 0 && n.depth%64 == 0 {
		last := len(n.outer) - 1
		n.inner, n.outer = n.outer[last], n.outer[:last]
	}
}

// peek returns the byte at i, or NUL, which JSON cannot have there.
func (s *textScan) peek(i int) byte {
	if uint(i) < uint(len(s.text)) {
		return s.text[i]
	}
	return 0
}

// space skips white space.
func (s *textScan) space(i int) int {
	for {
		switch s.peek(i) {
		case ' ', '\t', '\r', '\n':
			s.spaced = true
			i++
		default:
			return i
		}
	}
}

// colon reads the colon behind a name that ends at i.
func (s *textScan) colon(i int) int {
	if i < 0 {
		return -1
	}
	if i = s.space(i); s.peek(i) != ':' {
		return -1
	}
	return s.space(i + 1)
}

// quoted reads a string.
func (s *textScan) quoted(i int) int {
	if s.peek(i) != '"' {
		return -1
	}
	for i++; i < len(s.text); i++ {
		i = plainText(s.text, i)
		switch c := s.peek(i); {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			if i = s.escape(i + 1); i < 0 {
				return -1
			}
		}
	}
	return -1
}

// plainText skips bytes that mean nothing in a string, eight at a time, and returns the
// place of one that may. Byte by byte a check of a whole value takes 1.7 times as long.
func plainText(text []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(text); i += 8 {
		word := binary.LittleEndian.Uint64(text[i:])
		quote, backslash := word^('"'*ones), word^('\\'*ones)
		// A byte's high bit is set where it is a control character, or became zero.
		marks := (word-' '*ones)&^word | (quote-ones)&^quote | (backslash-ones)&^backslash
		if marks &= highs; marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	return i
}

// escape reads what follows a backslash and returns the place of its last byte.
func (s *textScan) escape(i int) int {
	switch s.peek(i) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i
	case 'u':
		for n := 1; n <= 4; n++ {
			if !isHex(s.peek(i + n)) {
				return -1
			}
		}
		return i + 4
	}
	return -1
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c|' ' && c|' ' <= 'f'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (s *textScan) literal(i int, word string) int {
	if i+len(word) <= len(s.text) && string(s.text[i:i+len(word)]) == word {
		return i + len(word)
	}
	return -1
}

// number reads a number.
func (s *textScan) number(i int) int {
	if s.peek(i) == '-' {
		i++
	}
	if s.peek(i) == '0' {
		i++
	} else if i = s.digits(i); i < 0 {
		return -1
	}
	if s.peek(i) == '.' {
		if i = s.digits(i + 1); i < 0 {
			return -1
		}
	}
	if s.peek(i)|' ' == 'e' {
		i++
		if c := s.peek(i); c == '+' || c == '-' {
			i++
		}
		return s.digits(i)
	}
	return i
}

// digits reads at least one digit.
func (s *textScan) digits(i int) int {
	if !isDigit(s.peek(i)) {
		return -1
	}
	for isDigit(s.peek(i)) {
		i++
	}
	return i
}
