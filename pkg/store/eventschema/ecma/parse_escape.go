package ecma

import (
	"strconv"
	"unicode/utf16"
)

// escape reads what a backslash outside of a class stands for.
func (p *parser) escape() (n *node, quantifiable bool, err error) {
	c := p.peek()
	switch {
	case c == 'b' || c == 'B':
		p.at++
		return &node{kind: wordEdge, negative: c == 'B'}, false, nil
	case c >= '1' && c <= '9':
		if n, isRef, err := p.reference(); isRef || err != nil {
			return n, true, err
		}
	case c == 'k' && (p.unicode || len(p.names) > 0):
		p.at++
		name := ""
		if p.take("<") {
			name = p.nameFrom(p.at)
		}
		number, known := p.names[name]
		if !known {
			return nil, false, syntaxf("\\k names no group")
		}
		p.at += len([]rune(name)) + 1
		return &node{kind: backref, n: number}, true, nil
	}
	s, err := p.escaped(false)
	return p.set(s), true, err
}

// reference reads \1 and so on, where there is such a group.
func (p *parser) reference() (n *node, isRef bool, err error) {
	start := p.at
	number, _ := p.number()
	if number <= p.total {
		return &node{kind: backref, n: number}, true, nil
	}
	p.at = start
	if p.unicode {
		return nil, false, syntaxf("\\%d names no group", number)
	}
	return nil, false, nil
}

// escaped reads what a backslash stands for that is a set of characters.
func (p *parser) escaped(inClass bool) (set, error) {
	c := p.peek()
	if c < 0 {
		return nil, syntaxf("\\ at the end")
	}
	p.at++
	switch c {
	case 'd':
		return digits(), nil
	case 'D':
		return digits().not(), nil
	case 'w':
		return words(), nil
	case 'W':
		return words().not(), nil
	case 's':
		return spaces(), nil
	case 'S':
		return spaces().not(), nil
	case 'p', 'P':
		if p.unicode {
			return p.property(c == 'P')
		}
	}
	c, err := p.escapedChar(c, inClass)
	return set{c, c}, err
}

// property reads the name of \p{name}.
func (p *parser) property(negative bool) (set, error) {
	if !p.take("{") {
		return nil, syntaxf("\\p without a name")
	}
	start := p.at
	for p.peek() != '}' {
		if p.peek() < 0 {
			return nil, syntaxf("\\p without a name")
		}
		p.at++
	}
	s, err := property(string(p.text[start:p.at]))
	p.at++
	if negative {
		s = s.not()
	}
	return s, err
}

// escapedChar returns the one character that \c stands for; c is read already.
func (p *parser) escapedChar(c rune, inClass bool) (rune, error) {
	switch c {
	case 'f', 'n', 'r', 't', 'v':
		return map[rune]rune{'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}[c], nil
	case 'b':
		if inClass {
			return '\b', nil
		}
	case 'c':
		return p.control(inClass)
	case 'x':
		if n, ok := p.hex(2); ok {
			return n, nil
		}
	case 'u':
		if n, ok := p.codePoint(); ok {
			return n, nil
		}
	}
	switch {
	case c >= '0' && c <= '7' && !p.unicode:
		return p.octal(c), nil
	case c == '0' && (p.peek() < '0' || p.peek() > '9'):
		return 0, nil
	case p.unicode && !isSyntax(c) && (c != '-' || !inClass):
		return 0, syntaxf("\\%c means nothing", c)
	}
	return c, nil
}

func isSyntax(c rune) bool {
	switch c {
	case '^', '$', '\\', '.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '/':
		return true
	}
	return false
}

// control reads the letter of \cX. Without one, the backslash stands for itself.
func (p *parser) control(inClass bool) (rune, error) {
	c := p.peek()
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	digit := inClass && !p.unicode && (c >= '0' && c <= '9' || c == '_')
	switch {
	case letter, digit:
		p.at++
		return c % 32, nil
	case p.unicode:
		return 0, syntaxf("\\c without a letter")
	}
	p.at--
	return '\\', nil
}

// octal reads a character code of up to three octal digits, the first of which is read.
func (p *parser) octal(c rune) rune {
	n := c - '0'
	for range 2 {
		if d := p.peek(); d >= '0' && d <= '7' && n*8+d-'0' <= 0o377 {
			n = n*8 + d - '0'
			p.at++
		} else {
			break
		}
	}
	return n
}

// hex reads exactly so many hexadecimal digits.
func (p *parser) hex(digits int) (rune, bool) {
	if p.at+digits > len(p.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.text[p.at:p.at+digits]), 16, 32)
	if err != nil {
		return 0, false
	}
	p.at += digits
	return rune(n), true
}

// codePoint reads what follows \u: four digits, in unicode mode also two times four that
// are a surrogate pair, or any number in braces.
func (p *parser) codePoint() (rune, bool) {
	if p.unicode && p.take("{") {
		start := p.at
		for p.peek() >= 0 && p.peek() != '}' {
			p.at++
		}
		n, err := strconv.ParseUint(string(p.text[start:p.at]), 16, 32)
		p.at++
		return rune(n), err == nil && n <= maxChar
	}
	first, ok := p.hex(4)
	if !ok || !p.unicode || !utf16.IsSurrogate(first) {
		return first, ok
	}
	start := p.at
	if p.take(`\u`) {
		if second, ok := p.hex(4); ok {
			if c := utf16.DecodeRune(first, second); c != '\ufffd' {
				return c, true
			}
		}
	}
	p.at = start
	return first, true
}
