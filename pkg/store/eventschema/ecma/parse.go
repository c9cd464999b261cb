package ecma

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
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

// group reads what stands in parentheses; the first one is read already.
func (p *parser) group() (n *node, quantifiable bool, err error) {
	switch {
	case p.take("?:"):
		n = &node{kind: cat}
		quantifiable = true
	case p.take("?="), p.take("?!"):
		n = &node{kind: look, negative: p.text[p.at-1] == '!'}
		quantifiable = !p.unicode
	case p.take("?<="), p.take("?<!"):
		n = &node{kind: look, behind: true, negative: p.text[p.at-1] == '!'}
	case p.take("?<"):
		name := p.nameFrom(p.at)
		if name == "" || p.names[name] != p.groups+1 {
			return nil, false, syntaxf("a group's name is wrong or comes twice")
		}
		p.at += len([]rune(name)) + 1
		fallthrough
	case p.peek() != '?':
		p.groups++
		n = &node{kind: group, n: p.groups}
		quantifiable = true
	default:
		return nil, false, syntaxf("a group of an unknown kind")
	}
	child, err := p.alternatives()
	if err != nil {
		return nil, false, err
	}
	if !p.take(")") {
		return nil, false, syntaxf("a group has no end")
	}
	n.children = []*node{child}
	return n, quantifiable, nil
}

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

// class reads a set in brackets; the first one is read already.
func (p *parser) class() (*node, error) {
	negative := p.take("^")
	var all set
	for !p.take("]") {
		lo, isSet, err := p.classAtom()
		if err != nil {
			return nil, err
		}
		if p.peek() != '-' || p.textAt(p.at+1) == ']' || p.textAt(p.at+1) < 0 {
			all = append(all, lo...)
			continue
		}
		p.at++
		hi, hiIsSet, err := p.classAtom()
		switch {
		case err != nil:
			return nil, err
		case (isSet || hiIsSet) && p.unicode:
			return nil, syntaxf("a range in a class has no character at one end")
		case isSet || hiIsSet:
			all = append(append(append(all, lo...), '-', '-'), hi...)
		case lo[0] > hi[0]:
			return nil, syntaxf("a range in a class is out of order")
		default:
			all = append(all, lo[0], hi[0])
		}
	}
	all = all.normal()
	if negative {
		all = all.not()
	}
	return p.set(all), nil
}

// classAtom reads one element of a class: a character, or an escape for a set.
func (p *parser) classAtom() (s set, isSet bool, err error) {
	c := p.peek()
	if c < 0 {
		return nil, false, syntaxf("a class has no end")
	}
	p.at++
	if c != '\\' {
		return set{c, c}, false, nil
	}
	switch e := p.peek(); e {
	case 'd', 'D', 'w', 'W', 's', 'S':
		isSet = true
	case 'p', 'P':
		isSet = p.unicode
	}
	s, err = p.escaped(true)
	return s, isSet, err
}
