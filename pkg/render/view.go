package render

import "iter"

// View describes how values of one type are shown. JSON needs no description:
// it comes from the type itself.
type View[T any] struct {
	// Columns are those of a table of many.
	Columns []Column[T]

	// Text is what the table format prints of a single value. Where it is nil, the
	// columns are printed below each other instead, as lines of title and cell. In
	// a list without columns it is the line of each value.
	Text func(T) string

	// Line, where it is set, builds the line of each value of a list in the table format,
	// instead of columns: for lists that go on while they are read.
	Line func(l *Line, v T)

	// Raw appends the bytes the raw format prints of a value to dst and returns
	// the extended buffer. Where it is nil, Text or the first column stand in.
	Raw func(dst []byte, v T) []byte
}

// Column is one column of a table. Titles and cells may hold any bytes; they
// are escaped when printed.
type Column[T any] struct {
	Title string         // in the head of the table
	Right bool           // aligned to the right, for numbers
	Cell  func(T) string // what stands in the row of a value
}

// raw appends the raw form of v to dst.
func (w View[T]) raw(dst []byte, v T) []byte {
	switch {
	case w.Raw != nil:
		return w.Raw(dst, v)
	case w.Text != nil:
		return append(dst, w.Text(v)...)
	case len(w.Columns) > 0:
		return append(dst, w.Columns[0].Cell(v)...)
	}
	return dst
}

// line appends the line that stands for v in a list without columns to dst.
func (w View[T]) line(dst []byte, v T) []byte {
	return appendText(dst, string(View[T]{Text: w.Text}.raw(nil, v)), "")
}

// One prints v. As JSON it is one document and a line break; raw it is exactly
// the bytes of the view's Raw, with nothing added; as a table it is the view's
// Text and a line break, and JSON among such texts is indented on a terminal.
//
// It returns the first error that writing met, a [*FilterError] from the jq
// expression, or what kept v from being encoded.
func One[T any](p *Printer, v T, view View[T]) error {
	switch {
	case p.options.Format == Raw:
		return p.writeRaw(view.raw(nil, v))
	case p.options.Format != Table:
		return unlessHalted(p.printDocument(&v))
	case view.Text != nil:
		return p.writeText(view.Text(v))
	}
	labels, cells := make([]string, len(view.Columns)), make([]string, len(view.Columns))
	for i, c := range view.Columns {
		labels[i], cells[i] = Text(c.Title), Text(c.Cell(v))
	}
	return p.writeLabelled(labels, cells)
}

// List prints the values of seq as they come, in constant memory except for
// [JSON] with a jq expression, which takes the whole array as its input and
// therefore collects it.
//
// An error that seq yields ends the list: what was printed so far is flushed and
// that error returned. A JSON array is then left open on purpose, so that no
// parser takes a list that was cut for a whole one. Otherwise List returns the
// errors [One] does. It stops reading seq at the first of them, and when the jq
// expression halts.
func List[T any](p *Printer, seq iter.Seq2[T, error], view View[T]) error {
	l := newLister(p, view)
	for v, err := range seq {
		if err != nil {
			l.end(false)
			p.Flush() // a failure to write is remembered; why the list ended matters more
			return err
		}
		if err := p.follow(l.add(v)); err != nil {
			return unlessHalted(err)
		}
	}
	return unlessHalted(l.end(true))
}
