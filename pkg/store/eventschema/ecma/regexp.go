package ecma

import "fmt"

// Regexp is a compiled regular expression of JavaScript, without flags. It is safe for
// concurrent use.
type Regexp struct {
	prog    []instr
	slots   int // captures, two each, and one for each loop that must get on
	unicode bool
	anchor  bool // can only match at the start
}

// maxProgram bounds the number of instructions of a pattern.
const maxProgram = 50_000

// Compile reads a pattern. Where it uses what only the flag u gives a meaning to, a
// property in \p{…} or a code point in \u{…}, it is read with that flag: characters are
// then code points, and otherwise UTF-16 units.
func Compile(pattern string) (*Regexp, error) {
	root, p, err := parse(pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	c := compiler{slots: 2 * (p.total + 1)}
	c.emit(root, false)
	c.add(instr{op: opMatch})
	if len(c.prog) > maxProgram {
		return nil, fmt.Errorf("pattern %q: it is too large", pattern)
	}
	return &Regexp{c.prog, c.slots, p.unicode, anchored(root)}, nil
}

// anchored reports whether a pattern can match nowhere but at the start.
func anchored(n *node) bool {
	switch {
	case n.kind == begin:
		return true
	case n.kind == cat || n.kind == group:
		return len(n.children) > 0 && anchored(n.children[0])
	case n.kind == alt:
		for _, child := range n.children {
			if !anchored(child) {
				return false
			}
		}
		return true
	}
	return false
}

// op is what an instruction does.
type op uint8

const (
	opChar     op = iota // one character of set
	opLoop               // min to max characters of set
	opSplit              // go on at x, if that fails at y
	opJump               // go on at x
	opSave               // remember the position in slot x
	opClear              // forget the slots x to before y
	opProgress           // fail where the position is still that of slot x
	opLook               // a look up to x
	opBackref            // what slots x and x+1 enclose
	opBegin
	opEnd
	opWordEdge
	opMatch
)

// instr is an instruction. Inside of a look behind, back is set and the text is read
// backwards.
type instr struct {
	op       op
	back     bool
	negative bool
	lazy     bool
	x, y     int
	set      set
}

type compiler struct {
	prog  []instr
	slots int
}

// add appends an instruction and returns where it stands.
func (c *compiler) add(i instr) int {
	if len(c.prog) <= maxProgram { // one more than allowed, so that it shows
		c.prog = append(c.prog, i)
	}
	return len(c.prog) - 1
}

func (c *compiler) emit(n *node, back bool) {
	switch n.kind {
	case chars:
		c.add(instr{op: opChar, set: n.set, back: back})
	case cat:
		for i := range n.children {
			if back {
				i = len(n.children) - 1 - i
			}
			c.emit(n.children[i], back)
		}
	case alt:
		c.alternatives(n, back)
	case repeat:
		c.repeat(n, back)
	case group:
		first, last := 2*n.n, 2*n.n+1
		if back {
			first, last = last, first
		}
		c.add(instr{op: opSave, x: first})
		c.emit(n.children[0], back)
		c.add(instr{op: opSave, x: last})
	case look:
		at := c.add(instr{op: opLook, negative: n.negative})
		c.emit(n.children[0], n.behind)
		c.add(instr{op: opMatch})
		c.prog[at].x = len(c.prog)
	case backref:
		c.add(instr{op: opBackref, x: 2 * n.n, back: back})
	case begin:
		c.add(instr{op: opBegin})
	case end:
		c.add(instr{op: opEnd})
	case wordEdge:
		c.add(instr{op: opWordEdge, negative: n.negative})
	}
}

func (c *compiler) alternatives(n *node, back bool) {
	var ends []int
	for i, child := range n.children {
		if i == len(n.children)-1 {
			c.emit(child, back)
			break
		}
		split := c.add(instr{op: opSplit})
		c.prog[split].x = len(c.prog)
		c.emit(child, back)
		ends = append(ends, c.add(instr{op: opJump}))
		c.prog[split].y = len(c.prog)
	}
	for _, at := range ends {
		c.prog[at].x = len(c.prog)
	}
}

func (c *compiler) repeat(n *node, back bool) {
	child := n.children[0]
	if child.kind == chars {
		c.add(instr{op: opLoop, set: child.set, x: n.min, y: n.max, lazy: n.lazy, back: back})
		return
	}
	once := func() {
		c.add(instr{op: opClear, x: 2 * n.groups[0], y: 2 * n.groups[1]})
		c.emit(child, back)
	}
	for i := 0; i < n.min && len(c.prog) <= maxProgram; i++ {
		once()
	}
	if n.max < 0 {
		c.forever(once, n.lazy)
		return
	}
	var splits []int
	for i := n.min; i < n.max && len(c.prog) <= maxProgram; i++ {
		splits = append(splits, c.optional(once, n.lazy))
	}
	for _, at := range splits {
		c.leave(at, n.lazy)
	}
}

// forever repeats; a round that matches nothing fails, as it would never end.
func (c *compiler) forever(once func(), lazy bool) {
	at := c.optional(once, lazy)
	c.add(instr{op: opJump, x: at})
	c.leave(at, lazy)
}

// optional emits a round that need not be. Where it is left out is for leave to say.
func (c *compiler) optional(once func(), lazy bool) int {
	at := c.add(instr{op: opSplit})
	if lazy {
		c.prog[at].y = len(c.prog)
	} else {
		c.prog[at].x = len(c.prog)
	}
	slot := c.slots
	c.slots++
	c.add(instr{op: opSave, x: slot})
	once()
	c.add(instr{op: opProgress, x: slot})
	return at
}

func (c *compiler) leave(at int, lazy bool) {
	if lazy {
		c.prog[at].x = len(c.prog)
	} else {
		c.prog[at].y = len(c.prog)
	}
}
