package ecma

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
