package store

import "strings"

// EscapeGlob returns s as a Redis glob pattern that matches s alone. Exactly the
// bytes * ? [ and \ are special outside a class (Redis' stringmatchlen).
func EscapeGlob(s string) string {
	if !strings.ContainsAny(s, `*?[\`) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := range len(s) {
		switch s[i] {
		case '*', '?', '[', '\\':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// MatchGlob reports whether s matches a Redis glob pattern, byte by byte and case
// by case as the server itself decides it: * any bytes, ? one byte, [a-z] and
// [^a-z] one byte of a class, \ takes the next byte literally. A class that is
// never closed ends with the pattern, and the ends of a range may be swapped. In a
// range, bytes beyond ASCII count as larger than all others, which servers on x86 do not
// do.
func MatchGlob(pattern, s string) bool {
	// star and mark remember the last * and how far it reached, so that a
	// mismatch backs up one byte at a time instead of recursing.
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, i
			p++
			continue
		}
		if width, ok := matchByte(pattern[p:], s[i]); ok {
			p += width
			i++
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, i = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchByte matches one byte against the first element of pattern and returns
// the element's width.
func matchByte(pattern string, c byte) (width int, ok bool) {
	if pattern == "" {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		return matchClass(pattern, c)
	case '\\':
		if len(pattern) > 1 {
			return 2, pattern[1] == c
		}
	}
	return 1, pattern[0] == c
}

// matchClass matches c against the class that pattern begins with.
func matchClass(pattern string, c byte) (width int, ok bool) {
	p := 1
	negated := p < len(pattern) && pattern[p] == '^'
	if negated {
		p++
	}
	found := false
	for p < len(pattern) && pattern[p] != ']' {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			found = found || pattern[p+1] == c
			p += 2
		case p+2 < len(pattern) && pattern[p+1] == '-':
			low, high := min(pattern[p], pattern[p+2]), max(pattern[p], pattern[p+2])
			found = found || low <= c && c <= high
			p += 3
		default:
			found = found || pattern[p] == c
			p++
		}
	}
	if p < len(pattern) {
		p++ // the closing bracket
	}
	return p, found != negated
}
