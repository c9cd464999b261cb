package ecma

import "strings"

// Sample spells a text that the pattern could match, without minding what it looks ahead
// to or behind at: it has to be tried. It is "" where the pattern is none.
func Sample(pattern string) string {
	root, _, err := parse(pattern)
	if err != nil {
		return ""
	}
	sp := speller{groups: map[int]string{}}
	sp.spell(root)
	return sp.b.String()
}

// maxSample bounds a sample, in bytes.
const maxSample = 1 << 12

type speller struct {
	b      strings.Builder
	groups map[int]string
}

func (sp *speller) spell(n *node) {
	if sp.b.Len() > maxSample {
		return
	}
	switch n.kind {
	case chars:
		sp.b.WriteRune(typical(n.set))
	case cat:
		for _, child := range n.children {
			sp.spell(child)
		}
	case group:
		start := sp.b.Len()
		sp.spell(n.children[0])
		sp.groups[n.n] = sp.b.String()[start:]
	case backref:
		sp.b.WriteString(sp.groups[n.n])
	case look:
		if n.behind && !n.negative {
			sp.spell(n.children[0])
		}
	case alt:
		sp.spell(n.children[0])
	case repeat:
		for i := 0; i < n.min && sp.b.Len() <= maxSample; i++ {
			sp.spell(n.children[0])
		}
		if n.min == 0 && n.children[0].kind == chars && n.max != 1 {
			sp.spell(n.children[0])
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
