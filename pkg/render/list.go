package render

// lister prints the rows of one list.
type lister[T any] interface {
	// add prints v, or keeps it until end.
	add(v T) error

	// end prints what was kept and closes the list. The list is not whole when
	// its sequence failed.
	end(whole bool) error
}

// newLister returns the lister for the format of p.
func newLister[T any](p *Printer, view View[T]) lister[T] {
	switch {
	case p.options.Format == Raw:
		return &lines[T]{p: p, line: view.raw}
	case p.options.Format == Table && view.Line != nil:
		return &flow[T]{p: p, build: view.Line, line: Line{styles: &p.styles}}
	case p.options.Format == Table && len(view.Columns) == 0:
		return &lines[T]{p: p, line: view.line}
	case p.options.Format == Table:
		return newTable(p, view.Columns)
	case p.options.Format == JSONL:
		return &documents[T]{p: p}
	case p.filter != nil:
		return &collection[T]{p: p, items: []any{}}
	}
	return &array[T]{p: p}
}

// lines prints one line for each value.
type lines[T any] struct {
	p    *Printer
	line func(dst []byte, v T) []byte
	buf  []byte
}

func (l *lines[T]) add(v T) error {
	l.buf = append(l.line(l.buf[:0], v), '\n')
	return l.p.writeRaw(l.buf)
}

func (l *lines[T]) end(bool) error { return nil }

// documents prints one JSON document for each value. It copies each value to the
// same place, as handing a new one to the encoder would allocate.
type documents[T any] struct {
	p     *Printer
	value T
}

func (l *documents[T]) add(v T) error {
	l.value = v
	return l.p.printDocument(&l.value)
}

func (l *documents[T]) end(bool) error { return nil }

// array prints one JSON array, element by element.
type array[T any] struct {
	p     *Printer
	value T
	begun bool
}

func (l *array[T]) add(v T) error {
	l.value = v
	document, err := l.p.encoder.encode(&l.value)
	if err != nil {
		return err
	}
	l.p.out.WriteByte(l.separator())
	l.p.breakLine(indent)
	return l.p.writeJSON(document, indent)
}

// separator returns what stands before the next element.
func (l *array[T]) separator() byte {
	if l.begun {
		return ','
	}
	l.begun = true
	return '['
}

func (l *array[T]) end(whole bool) error {
	switch {
	case !whole:
		return l.p.breakLine("")
	case !l.begun:
		l.p.out.WriteByte('[')
	default:
		l.p.breakLine("")
	}
	_, err := l.p.out.WriteString("]\n")
	return err
}

// collection gathers the elements of an array for a jq expression, whose input
// is the whole of it.
type collection[T any] struct {
	p     *Printer
	items []any
}

func (l *collection[T]) add(v T) error {
	document, err := l.p.encoder.encode(&v)
	if err != nil {
		return err
	}
	item, err := l.p.filter.input.decode(document)
	l.items = append(l.items, item)
	return err
}

func (l *collection[T]) end(whole bool) error {
	if !whole {
		return nil
	}
	return l.p.printFiltered(l.items)
}
