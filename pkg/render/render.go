// Package render turns values into bytes: an aligned table for a person, JSON
// for a program, raw bytes for a pipe.
//
// A caller makes one [Printer] for its output and describes each kind of value
// once, as a [View]. The printer's [Format] then decides what comes out of [One]
// for a single value and of [List] for a sequence of them. Both write through a
// buffer, so a caller ends with [Printer.Flush], which also tells whether
// everything was written.
//
// Stored bytes are taken for hostile. What goes to a terminal has every control
// and invisible character escaped, in every format; what goes to a pipe keeps
// its bytes, except in the cells of a table, where a line break would forge a row.
// JSON means the same document on a terminal and in a pipe.
package render

import (
	"bufio"
	"fmt"
	"io"
)

// bufferSize is how much a printer holds back before it writes, in bytes.
const bufferSize = 64 << 10

// Format names one of the ways to print a value.
type Format string

// The formats.
const (
	Table Format = "table" // aligned columns with a header; a single value bare
	JSON  Format = "json"  // one document: an object for one thing, an array for many
	JSONL Format = "jsonl" // one compact document a line
	Raw   Format = "raw"   // the bytes themselves; of a list one item a line
)

// ParseFormat returns the format called s. Its error lists the names there are.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case Table, JSON, JSONL, Raw:
		return f, nil
	}
	return "", fmt.Errorf("unknown output format %q: use %s, %s, %s or %s",
		Text(s), Table, JSON, JSONL, Raw)
}

// Options say how a [Printer] prints. The zero value prints tables to a pipe.
type Options struct {
	// Format is how values are printed; empty means [Table].
	Format Format

	// Terminal says that a person reads the output on a terminal: control and
	// invisible characters are escaped, and [JSON] is indented by two spaces.
	Terminal bool

	// Color allows ANSI colour: in headers and labels, and in JSON when Terminal is set.
	Color bool

	// JQ is a jq expression that every JSON document goes through; empty for none.
	// With it [Table] and [Raw] behave as [JSON]. It cannot see the environment.
	JQ string

	// Follow writes every row of a list as soon as it is known, for lists that
	// go on while they are read.
	Follow bool
}

// Printer writes values to one output in one format.
// It is not safe for concurrent use.
type Printer struct {
	out     *bufio.Writer
	options Options
	styles  styles
	encoder *encoder
	filter  *filter // nil when documents are printed as they are
}

// New returns a printer that writes to out. An expression in o.JQ that is not
// valid gives a [*FilterError], a format that does not exist the error of
// [ParseFormat].
func New(out io.Writer, o Options) (*Printer, error) {
	if o.Format == "" {
		o.Format = Table
	}
	if _, err := ParseFormat(string(o.Format)); err != nil {
		return nil, err
	}
	filter, err := compile(o.JQ)
	if err != nil {
		return nil, err
	}
	if filter != nil && o.Format != JSONL {
		o.Format = JSON
	}
	return &Printer{
		out:     bufio.NewWriterSize(out, bufferSize),
		options: o,
		styles:  newStyles(out, o.Color),
		encoder: newEncoder(),
		filter:  filter,
	}, nil
}

// Format returns the format the printer prints in, which is [JSON] where a jq
// expression turned [Table] or [Raw] into it.
func (p *Printer) Format() Format { return p.options.Format }

// Flush writes what is still held back. It returns the first error that writing
// met, now or earlier, as the output gave it; after an error nothing is written.
func (p *Printer) Flush() error { return p.out.Flush() }

// writeRaw writes b, escaped but for line breaks and tabs when a person reads it.
func (p *Printer) writeRaw(b []byte) error {
	if p.options.Terminal {
		b = appendText(nil, string(b), "\n\t")
	}
	_, err := p.out.Write(b)
	return err
}

// writeLine writes s as writeRaw does, and ends the line.
func (p *Printer) writeLine(s string) error {
	if p.options.Terminal {
		s = string(appendText(nil, s, "\n\t"))
	}
	p.out.WriteString(s)
	return p.out.WriteByte('\n')
}

// follow returns err, or without one writes out the row just printed when the
// printer follows a list.
func (p *Printer) follow(err error) error {
	if err != nil || !p.options.Follow {
		return err
	}
	return p.Flush()
}
