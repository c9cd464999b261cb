package ecma

import (
	"errors"
	"fmt"
	"regexp"
	"unicode/utf16"
)

// kind says what a node of a pattern is.
type kind int

const (
	empty    kind = iota
	chars         // one character of a set
	cat           // the children one behind the other
	alt           // one of the children, the first that fits
	repeat        // the child min to max times
	group         // the child, remembered as number n
	look          // the child ahead or behind, without moving
	backref       // what group n matched
	begin         // the start of the text
	end           // the end of the text
	wordEdge      // between a word's character and another
)

// node is a part of a pattern.
type node struct {
	kind     kind
	set      set
	children []*node
	min, max int // max < 0: no limit
	lazy     bool
	negative bool // of look and wordEdge
	behind   bool // of look
	n        int  // of group and backref
	name     string
	groups   [2]int // of repeat: the groups inside are those from [0] to before [1]
}

// errSyntax is a pattern that JavaScript refuses, too.
var errSyntax = errors.New("it is not a regular expression of JavaScript")

func syntaxf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errSyntax, fmt.Sprintf(format, args...))
}

// parser reads a pattern. In unicode mode its characters are code points, otherwise
// UTF-16 units.
type parser struct {
	text    []rune
	at      int
	unicode bool
	groups  int // seen so far
	total   int // in the whole pattern
	names   map[string]int
	depth   int
}

// needsUnicode reports whether a pattern only makes sense with the flag u. Exports lose
// the flags.
func needsUnicode(pattern string) bool {
	return regexp.MustCompile(`^(?s:[^\\]|\\.)*?\\(?:[pP]\{|u\{)`).MatchString(pattern)
}

// units returns a text as JavaScript sees it.
func units(text string, unicode bool) []rune {
	all := []rune(text)
	if unicode {
		return all
	}
	for _, c := range all {
		if c > 0xffff {
			return split(all)
		}
	}
	return all
}

func split(text []rune) []rune {
	var all []rune
	for _, u := range utf16.Encode(text) {
		all = append(all, rune(u))
	}
	return all
}

// maxDepth bounds how deep groups nest.
const maxDepth = 250

func parse(pattern string) (*node, *parser, error) {
	u := needsUnicode(pattern)
	p := &parser{text: units(pattern, u), unicode: u, names: map[string]int{}}
	p.countGroups()
	n, err := p.alternatives()
	if err == nil && p.at < len(p.text) {
		err = syntaxf("unmatched )")
	}
	return n, p, err
}

// countGroups finds the groups in advance: \2 means one thing where there are two, and
// another where there are not.
func (p *parser) countGroups() {
	inClass := false
	for i := 0; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\':
			i++
		case inClass:
			inClass = c != ']'
		case c == '[':
			inClass = true
		case c == '(':
			if p.textAt(i+1) != '?' {
				p.total++
			} else if p.textAt(i+2) == '<' && p.textAt(i+3) != '=' && p.textAt(i+3) != '!' {
				p.total++
				if name := p.nameFrom(i + 3); name != "" {
					p.names[name] = p.total
				}
			}
		}
	}
}

// textAt returns a character of the pattern, or -1 behind its end.
func (p *parser) textAt(i int) rune {
	if i < 0 || i >= len(p.text) {
		return -1
	}
	return p.text[i]
}

// nameFrom returns the name that reaches from i to a ">".
func (p *parser) nameFrom(i int) string {
	for end := i; end < len(p.text); end++ {
		if p.text[end] == '>' {
			return string(p.text[i:end])
		}
	}
	return ""
}

func (p *parser) peek() rune { return p.textAt(p.at) }

// take moves on if the text goes on like this.
func (p *parser) take(text string) bool {
	for i, c := range text {
		if p.textAt(p.at+i) != c {
			return false
		}
	}
	p.at += len(text)
	return true
}

func (p *parser) alternatives() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errors.New("it nests too deep")
	}
	defer func() { p.depth-- }()
	all := &node{kind: alt}
	for {
		n, err := p.sequence()
		if err != nil {
			return nil, err
		}
		all.children = append(all.children, n)
		if !p.take("|") {
			break
		}
	}
	if len(all.children) == 1 {
		return all.children[0], nil
	}
	return all, nil
}

func (p *parser) sequence() (*node, error) {
	all := &node{kind: cat}
	for p.at < len(p.text) && p.peek() != '|' && p.peek() != ')' {
		before := p.groups
		n, quantifiable, err := p.atom()
		if err != nil {
			return nil, err
		}
		if n, err = p.quantified(n, quantifiable, before); err != nil {
			return nil, err
		}
		all.children = append(all.children, n)
	}
	return all, nil
}

// quantified reads what says how often the node may come.
func (p *parser) quantified(n *node, quantifiable bool, groupsBefore int) (*node, error) {
	lo, hi, found, err := p.quantifier()
	if err != nil || !found {
		return n, err
	}
	if !quantifiable {
		return nil, syntaxf("nothing to repeat")
	}
	r := &node{
		kind: repeat, children: []*node{n}, min: lo, max: hi, lazy: p.take("?"),
		groups: [2]int{groupsBefore + 1, p.groups + 1},
	}
	if _, _, again, _ := p.quantifier(); again {
		return nil, syntaxf("nothing to repeat")
	}
	return r, nil
}

// quantifier reads *, +, ? or numbers in braces.
func (p *parser) quantifier() (lo, hi int, found bool, err error) {
	switch {
	case p.take("*"):
		return 0, -1, true, nil
	case p.take("+"):
		return 1, -1, true, nil
	case p.take("?"):
		return 0, 1, true, nil
	case p.peek() != '{':
		return 0, 0, false, nil
	}
	start := p.at
	p.at++
	lo, ok := p.number()
	hi = lo
	if ok && p.take(",") {
		if hi, found = p.number(); !found {
			hi = -1
		}
	}
	if !ok || !p.take("}") {
		p.at = start
		if p.unicode {
			return 0, 0, false, syntaxf("incomplete quantifier")
		}
		return 0, 0, false, nil
	}
	if hi >= 0 && hi < lo {
		return 0, 0, false, syntaxf("numbers out of order in a quantifier")
	}
	return lo, hi, true, nil
}

// maxCount is what larger counts are cut to; no text is so long.
const maxCount = 1 << 30

func (p *parser) number() (n int, ok bool) {
	for p.peek() >= '0' && p.peek() <= '9' {
		n = min(n*10+int(p.peek()-'0'), maxCount)
		p.at++
		ok = true
	}
	return n, ok
}

// atom reads one thing that a quantifier may follow, or may not.
func (p *parser) atom() (n *node, quantifiable bool, err error) {
	c := p.peek()
	p.at++
	switch c {
	case '^':
		return &node{kind: begin}, false, nil
	case '$':
		return &node{kind: end}, false, nil
	case '.':
		return p.set(lineEnds().not()), true, nil
	case '(':
		return p.group()
	case '[':
		n, err = p.class()
		return n, true, err
	case '\\':
		return p.escape()
	case '*', '+', '?':
		return nil, false, syntaxf("nothing to repeat")
	case '{', '}', ']':
		if p.unicode {
			return nil, false, syntaxf("a lone %q", c)
		}
		p.at--
		if _, _, found, _ := p.quantifier(); found {
			return nil, false, syntaxf("nothing to repeat")
		}
		p.at++
	}
	return p.set(set{c, c}), true, nil
}

func (p *parser) set(s set) *node { return &node{kind: chars, set: s} }
