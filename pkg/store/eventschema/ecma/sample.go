package ecma

import "strings"

// Sample spells a text that the pattern could match, without minding what it looks ahead
// to or behind at: it has to be tried. It is "" where the pattern is none.
func Sample(pattern string) string {
	root, _, err := parse(pattern)
	if err != nil {
		return ""
	}
	var b strings.Builder
	spell(&b, root)
	return b.String()
}

// maxSample bounds a sample, in bytes.
const maxSample = 1 << 12

func spell(b *strings.Builder, n *node) {
	if b.Len() > maxSample {
		return
	}
	switch n.kind {
	case chars:
		b.WriteRune(typical(n.set))
	case cat, group:
		for _, child := range n.children {
			spell(b, child)
		}
	case alt:
		spell(b, n.children[0])
	case repeat:
		for i := 0; i < n.min && b.Len() <= maxSample; i++ {
			spell(b, n.children[0])
		}
		if n.min == 0 && n.children[0].kind == chars && n.max != 1 {
			spell(b, n.children[0])
		}
	}
}

// typical returns a character of a set, a plain one if there is one.
func typical(s set) rune {
	for _, c := range "axA1 0-_" {
		if s.has(c) {
			return c
		}
	}
	if len(s) == 0 {
		return ' '
	}
	return s[0]
}
