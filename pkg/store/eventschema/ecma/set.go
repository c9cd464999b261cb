package ecma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// set is a set of characters: pairs of the first and last of each range, sorted and
// apart from each other.
type set []rune

// maxChar is the last code point.
const maxChar = unicode.MaxRune

// has reports whether c is in the set.
func (s set) has(c rune) bool {
	if len(s) <= 16 {
		for i := 0; i < len(s) && s[i] <= c; i += 2 {
			if c <= s[i+1] {
				return true
			}
		}
		return false
	}
	lo, hi := 0, len(s)/2
	for lo < hi {
		middle := (lo + hi) / 2
		if c <= s[2*middle+1] {
			hi = middle
		} else {
			lo = middle + 1
		}
	}
	return 2*lo < len(s) && s[2*lo] <= c
}

// normal returns the set with its ranges sorted and joined.
func (s set) normal() set {
	ranges := make([]uint64, len(s)/2)
	for i := range ranges {
		ranges[i] = uint64(s[2*i])<<32 | uint64(s[2*i+1])
	}
	slices.Sort(ranges)
	var joined set
	for _, r := range ranges {
		lo, hi := rune(r>>32), rune(r&0xffffffff)
		if n := len(joined); n > 0 && lo <= joined[n-1]+1 {
			joined[n-1] = max(joined[n-1], hi)
		} else {
			joined = append(joined, lo, hi)
		}
	}
	return joined
}

// not returns everything that is not in the set, which must be normal.
func (s set) not() set {
	var rest set
	next := rune(0)
	for i := 0; i < len(s); i += 2 {
		if next < s[i] {
			rest = append(rest, next, s[i]-1)
		}
		next = s[i+1] + 1
	}
	if next <= maxChar {
		rest = append(rest, next, maxChar)
	}
	return rest
}

// digits, words, spaces and lineEnds are \d, \w, \s, and what the dot does not match.
func digits() set   { return set{'0', '9'} }
func words() set    { return set{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'} }
func lineEnds() set { return set{'\n', '\n', '\r', '\r', '\u2028', '\u2029'} }
func spaces() set {
	return set{
		'\t', '\r', ' ', ' ', '\u00a0', '\u00a0', '\u1680', '\u1680', '\u2000', '\u200a',
		'\u2028', '\u2029', '\u202f', '\u202f', '\u205f', '\u205f', '\u3000', '\u3000',
		'\ufeff', '\ufeff',
	}
}

// property returns the code points that \p{name} matches.
func property(name string) (set, error) {
	key, value, hasValue := strings.Cut(name, "=")
	switch {
	case !hasValue:
		if s, known := lone(name); known {
			return s, nil
		}
	case key == "General_Category" || key == "gc":
		if s, known := category(value); known {
			return s, nil
		}
	case key == "Script" || key == "sc":
		if t, known := unicode.Scripts[value]; known {
			return fromTables(t), nil
		}
	}
	return nil, fmt.Errorf("the property %q of \\p is not supported", name)
}

// lone returns a property that is written without "=".
func lone(name string) (set, bool) {
	switch name {
	case "Any":
		return set{0, maxChar}, true
	case "ASCII":
		return set{0, unicode.MaxASCII}, true
	case "White_Space":
		return fromTables(unicode.White_Space), true
	case "Alphabetic", "Alpha":
		return fromTables(unicode.L, unicode.Nl, unicode.Other_Alphabetic), true
	case "Uppercase", "Upper":
		return fromTables(unicode.Lu, unicode.Other_Uppercase), true
	case "Lowercase", "Lower":
		return fromTables(unicode.Ll, unicode.Other_Lowercase), true
	}
	if text := emojiRanges(name); text != "" {
		return parseRanges(text), true
	}
	return category(name)
}

// category returns a general category by its short or long name.
func category(name string) (set, bool) {
	if short, known := unicode.CategoryAliases[name]; known {
		name = short
	}
	t, known := unicode.Categories[name]
	if !known {
		return nil, false
	}
	return fromTables(t), true
}

// fromTables joins tables of Go's unicode package.
func fromTables(tables ...*unicode.RangeTable) set {
	var s set
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			s = append(s, lo, hi)
			return
		}
		for c := lo; c <= hi; c += stride {
			s = append(s, c, c)
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return s.normal()
}

// parseRanges reads what emojiRanges returns.
func parseRanges(text string) set {
	var s set
	for word := range strings.FieldsSeq(text) {
		first, last, isRange := strings.Cut(word, "-")
		if !isRange {
			last = first
		}
		lo, _ := strconv.ParseInt(first, 16, 32)
		hi, _ := strconv.ParseInt(last, 16, 32)
		s = append(s, rune(lo), rune(hi))
	}
	return s
}
