package ecma

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
