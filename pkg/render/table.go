package render

import (
	"bytes"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

const (
	// firstBlock is how many rows of a table are collected to find the widths of
	// its columns. It bounds the memory a list takes.
	firstBlock = 1000

	// widestCell is how many characters of a cell that others follow are printed.
	// A longer one is cut, as it would widen every row by as much.
	widestCell = 1000

	// gap stands between two columns.
	gap = "  "
)

// table prints a list as aligned columns. The first rows are laid out together;
// the later ones follow as they come, in columns that widen but never narrow.
type table[T any] struct {
	columns []Column[T]
	grid    grid
}

func newTable[T any](p *Printer, columns []Column[T]) *table[T] {
	t := &table[T]{columns: columns, grid: grid{p: p, block: firstBlock}}
	if p.options.Follow {
		t.grid.block = 1
	}
	for _, c := range columns {
		t.grid.titles = append(t.grid.titles, Text(c.Title))
		t.grid.right = append(t.grid.right, c.Right)
	}
	t.grid.padded = len(columns)
	if !columns[len(columns)-1].Right {
		t.grid.padded--
	}
	return t
}

func (t *table[T]) add(v T) error {
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		cells[i] = Text(c.Cell(v))
		if i < t.grid.padded {
			cells[i] = clip(cells[i])
		}
	}
	return t.grid.add(cells)
}

func (t *table[T]) end(bool) error { return t.grid.begin() }

// clip cuts a cell that is too wide, and marks that it did.
func clip(cell string) string {
	if len(cell) <= widestCell {
		return cell
	}
	n := 0
	for i := range cell {
		if n == widestCell {
			return cell[:i] + "…"
		}
		n++
	}
	return cell
}

// grid lays out cells that are escaped already.
type grid struct {
	p      *Printer
	titles []string
	right  []bool // which columns are aligned to the right
	padded int    // how many columns are; the last needs no padding on its right
	block  int    // how many rows to hold for the first layout
	rows   [][]string
	widths []int // of the padded columns; nil until the first layout
	line   []byte
}

// add takes the cells of one row.
func (g *grid) add(cells []string) error {
	if g.widths != nil {
		return g.writeRow(cells)
	}
	g.rows = append(g.rows, cells)
	if len(g.rows) < g.block {
		return nil
	}
	return g.begin()
}

// begin prints the header and the rows held so far, if there are any.
func (g *grid) begin() error {
	if len(g.rows) == 0 {
		return nil
	}
	rows := append([][]string{g.titles}, g.rows...)
	lines, err := g.layout(rows)
	if err != nil {
		return err
	}
	k := g.p.styles.header
	for i, cells := range rows {
		if err := g.write(append(g.line[:0], lines[i]...), cells, k); err != nil {
			return err
		}
		k = ink{}
	}
	g.rows = nil
	return nil
}

// layout returns the lines of rows as far as their columns are padded, and
// remembers the widths for the rows to come.
func (g *grid) layout(rows [][]string) ([]string, error) {
	g.widths = make([]int, g.padded)
	if g.padded == 0 {
		return make([]string, len(rows)), nil
	}
	padded := make([][]string, len(rows))
	for _, cells := range rows {
		g.widen(cells)
	}
	for i, cells := range rows {
		padded[i] = g.aligned(cells)
	}
	// The table writer drops the errors of what it writes to, so it gets a buffer.
	var out bytes.Buffer
	t := tablewriter.NewTable(&out, g.settings()...)
	if err := t.Bulk(padded); err != nil {
		return nil, err
	}
	if err := t.Render(); err != nil {
		return nil, err
	}
	return strings.Split(out.String(), "\n"), nil
}

// aligned returns the padded cells of a row with those of numbers moved to the right.
// The table writer could do so only with a blank before every column.
func (g *grid) aligned(cells []string) []string {
	row := make([]string, g.padded)
	for i, cell := range cells[:g.padded] {
		if g.right[i] {
			cell = string(appendBlanks(nil, g.widths[i]-displayWidth(cell))) + cell
		}
		row[i] = cell
	}
	return row
}

// settings are those of a table of nothing but its cells: no lines, and no cell
// trimmed, wrapped or rewritten. The titles are its first row for that reason.
func (g *grid) settings() []tablewriter.Option {
	return []tablewriter.Option{
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithPadding(tw.Padding{Right: gap, Overwrite: true}),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithEastAsian(false),
	}
}

// widen makes every column as wide as its cell, if it is not already.
func (g *grid) widen(cells []string) {
	for i := range g.padded {
		g.widths[i] = max(g.widths[i], displayWidth(cells[i]))
	}
}

// writeRow prints one row after the first layout.
func (g *grid) writeRow(cells []string) error {
	g.widen(cells)
	line := g.line[:0]
	for i, width := range g.widths {
		if g.right[i] {
			line = appendBlanks(line, width-displayWidth(cells[i]))
			line = append(line, cells[i]...)
		} else {
			line = append(line, cells[i]...)
			line = appendBlanks(line, width-displayWidth(cells[i]))
		}
		line = append(line, gap...)
	}
	return g.write(line, cells, ink{})
}

// write prints a line of padded columns and the cell behind them, in k and
// without the blanks at its end.
func (g *grid) write(line []byte, cells []string, k ink) error {
	for _, cell := range cells[g.padded:] {
		line = append(line, cell...)
	}
	g.line = line // keeps what it grew to
	out := g.p.out
	out.WriteString(k.on)
	out.Write(bytes.TrimRight(line, " "))
	out.WriteString(k.off)
	return out.WriteByte('\n')
}

// appendBlanks appends n blanks.
func appendBlanks(line []byte, n int) []byte {
	for range n {
		line = append(line, ' ')
	}
	return line
}

// displayWidth returns how many columns of a terminal s takes.
func displayWidth(s string) int {
	if isPlain(s) {
		return len(s)
	}
	narrow := runewidth.NewCondition()
	narrow.EastAsianWidth = false // whatever the locale says
	return twwidth.Display(narrow, s)
}

// writeLabelled prints cells below each other, each behind its label.
func (p *Printer) writeLabelled(labels, cells []string) error {
	width := 0
	for _, label := range labels {
		width = max(width, displayWidth(label))
	}
	var err error
	for i, label := range labels {
		line := append([]byte(cells[i]), '\n')
		if cells[i] != "" {
			blanks := appendBlanks([]byte(gap), width-displayWidth(label))
			line = append(blanks, line...)
		}
		p.out.WriteString(p.styles.header.paint(label))
		_, err = p.out.Write(line)
	}
	return err
}
