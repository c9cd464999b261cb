package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns s with everything escaped that could command a terminal or
// deceive its reader: control characters, line breaks and tabs among them, those
// that turn the direction of writing or have no width, and bytes that are not
// UTF-8. They are shown as \n, \t, \x1b, \u202e or \U000e0001. Other text,
// backslashes too, is left as it is, so that the result is for reading only.
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	return string(appendText(nil, s, ""))
}

// isPlain reports whether s is printable ASCII, which most text is.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// appendText appends s to dst, escaped as Text does but for the characters in keep.
func appendText(dst []byte, s, keep string) []byte {
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = fmt.Appendf(dst, `\x%02x`, s[i])
		case !isHidden(r) || strings.ContainsRune(keep, r):
			dst = append(dst, s[i:i+size]...)
		default:
			dst = appendEscape(dst, r)
		}
	}
	return dst
}

// isHidden reports whether r is a control character, one that formats text
// without being seen, or a separator of lines. Direction marks and characters
// without width belong to the second kind.
func isHidden(r rune) bool {
	if r <= '~' {
		return r < ' '
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// appendEscape appends the way a hidden character is shown in text.
func appendEscape(dst []byte, r rune) []byte {
	switch {
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r < utf8.RuneSelf:
		return fmt.Appendf(dst, `\x%02x`, r)
	case r > 0xffff:
		return fmt.Appendf(dst, `\U%08x`, r)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// appendJSONText appends a piece of valid JSON to dst with what Text would
// escape written in JSON's own escapes, so that it still means the same. White
// space between tokens stays, as a line break inside a string is escaped already.
func appendJSONText(dst, src []byte) []byte {
	for i, size := 0, 0; i < len(src); i += size {
		var r rune
		r, size = utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, `\ufffd`...) // what a parser reads in its place
		case r > '~' && isHidden(r):
			dst = appendJSONEscape(dst, r)
		default:
			dst = append(dst, src[i:i+size]...)
		}
	}
	return dst
}

// appendJSONEscape appends r as JSON escapes it, in two halves beyond U+FFFF.
func appendJSONEscape(dst []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}
