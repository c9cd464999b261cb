package ecma

import "errors"

// ErrTooHard is a match that was given up.
var ErrTooHard = errors.New("the pattern takes too long on this text")

// maxSteps bounds a match. JavaScript has none.
const maxSteps = 5_000_000

// MatchString reports whether the pattern matches somewhere in text. The only error is
// ErrTooHard.
func (re *Regexp) MatchString(text string) (bool, error) {
	m := matcher{re: re, text: units(text, re.unicode), slots: make([]int, re.slots)}
	for start := 0; start <= len(m.text); start++ {
		for i := range m.slots {
			m.slots[i] = -1
		}
		m.stack = m.stack[:0]
		if m.run(0, start) {
			return true, nil
		}
		if m.steps > maxSteps {
			return false, ErrTooHard
		}
		if re.anchor {
			break
		}
	}
	return false, nil
}

// matcher is one match in progress.
type matcher struct {
	re    *Regexp
	text  []rune
	slots []int
	stack []frame
	steps int
}

// frame is what there is to do when the way taken does not lead to a match: go on at pc
// from position pos, or from those up to (for a loop) limit one after the other; or put
// value back into slot.
type frame struct {
	pc, pos, limit, slot, value int
}

// noSlot is the slot of a frame that is a way to go on.
const noSlot = -1

// set changes a slot and remembers what it held.
func (m *matcher) set(slot, value int) {
	m.stack = append(m.stack, frame{slot: slot, value: m.slots[slot]})
	m.slots[slot] = value
}

// run reports whether the program matches from pc and pos on. The ways not taken are
// dropped when it does; what puts slots back stays on the stack.
func (m *matcher) run(pc, pos int) bool {
	base := len(m.stack)
	for m.steps <= maxSteps {
		m.steps++
		next, to, ok := m.step(pc, pos)
		switch {
		case ok && next < 0:
			m.settle(base)
			return true
		case ok:
			pc, pos = next, to
		default:
			if pc, pos, ok = m.back(base); !ok {
				return false
			}
		}
	}
	return false
}

// settle drops the ways not taken above base.
func (m *matcher) settle(base int) {
	kept := m.stack[:base]
	for _, f := range m.stack[base:] {
		if f.slot != noSlot {
			kept = append(kept, f)
		}
	}
	m.stack = kept
}

// back returns to the last way that was not taken.
func (m *matcher) back(base int) (pc, pos int, ok bool) {
	for len(m.stack) > base {
		top := len(m.stack) - 1
		f := m.stack[top]
		if f.slot != noSlot {
			m.slots[f.slot] = f.value
			m.stack = m.stack[:top]
			continue
		}
		switch {
		case f.pos == f.limit:
			m.stack = m.stack[:top]
		case f.pos < f.limit:
			m.stack[top].pos++
		default:
			m.stack[top].pos--
		}
		return f.pc, f.pos, true
	}
	return 0, 0, false
}

// step carries out one instruction. It returns where to go on; pc is negative at the end
// of the program.
func (m *matcher) step(pc, pos int) (next, to int, ok bool) {
	i := &m.re.prog[pc]
	switch i.op {
	case opChar:
		c, to := m.char(pos, i.back)
		return pc + 1, to, c >= 0 && i.set.has(c)
	case opLoop:
		to, ok = m.loop(i, pc, pos)
		return pc + 1, to, ok
	case opSplit:
		m.stack = append(m.stack, frame{pc: i.y, pos: pos, limit: pos, slot: noSlot})
		return i.x, pos, true
	case opJump:
		return i.x, pos, true
	case opSave:
		m.set(i.x, pos)
		return pc + 1, pos, true
	case opClear:
		for slot := i.x; slot < i.y; slot++ {
			m.set(slot, -1)
		}
		return pc + 1, pos, true
	case opProgress:
		return pc + 1, pos, m.slots[i.x] != pos
	case opLook:
		return i.x, pos, m.look(pc+1, pos, i.negative)
	case opBackref:
		to, ok = m.backref(i, pos)
		return pc + 1, to, ok
	case opBegin:
		return pc + 1, pos, pos == 0
	case opEnd:
		return pc + 1, pos, pos == len(m.text)
	case opWordEdge:
		return pc + 1, pos, (m.wordAt(pos-1) != m.wordAt(pos)) != i.negative
	}
	return -1, pos, true
}

// char returns the character ahead, or behind, and the position on its other side; -1
// where there is none.
func (m *matcher) char(pos int, back bool) (c rune, to int) {
	switch {
	case back && pos > 0:
		return m.text[pos-1], pos - 1
	case !back && pos < len(m.text):
		return m.text[pos], pos + 1
	}
	return -1, pos
}

// loop reads characters of a set: as many as there are, or as few as will do. The other
// numbers are left for later.
func (m *matcher) loop(i *instr, pc, pos int) (to int, ok bool) {
	limit := i.y
	if limit < 0 || limit > len(m.text) {
		limit = len(m.text)
	}
	count, least := 0, pos
	for to = pos; count < limit; count++ {
		c, next := m.char(to, i.back)
		if c < 0 || !i.set.has(c) {
			break
		}
		to = next
		if count < i.x {
			least = to
		}
	}
	m.steps += count / 8
	if count < i.x {
		return pos, false
	}
	first, last := to, least
	if i.lazy {
		first, last = least, to
	}
	if first != last {
		step := 1
		if last < first {
			step = -1
		}
		rest := frame{pc: pc + 1, pos: first + step, limit: last, slot: noSlot}
		m.stack = append(m.stack, rest)
	}
	return first, true
}

// look runs a part of the program without moving.
func (m *matcher) look(pc, pos int, negative bool) bool {
	base := len(m.stack)
	found := m.run(pc, pos)
	if found && negative {
		for len(m.stack) > base { // all of them put slots back
			f := m.stack[len(m.stack)-1]
			m.slots[f.slot] = f.value
			m.stack = m.stack[:len(m.stack)-1]
		}
	}
	return found != negative && m.steps <= maxSteps
}

// backref matches what a group matched; a group that did not take part matches nothing.
func (m *matcher) backref(i *instr, pos int) (to int, ok bool) {
	from, end := m.slots[i.x], m.slots[i.x+1]
	if from < 0 || end < 0 {
		return pos, true
	}
	for n := range end - from {
		want := m.text[from+n]
		if i.back {
			want = m.text[end-1-n]
		}
		c, next := m.char(pos, i.back)
		if c != want {
			return pos, false
		}
		pos = next
	}
	return pos, true
}

func (m *matcher) wordAt(i int) bool {
	if i < 0 || i >= len(m.text) {
		return false
	}
	c := m.text[i]
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
