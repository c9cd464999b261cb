package cli

import (
	"fmt"
	"time"
)

// Progress shows on a terminal how many rows are done, once the work takes longer
// than a second. It writes to stderr and nowhere else.
type Progress struct {
	tool  *Tool
	verb  string
	start time.Time
	next  time.Time
	shown bool
}

// NewProgress returns a progress display for work that begins now.
func (t *Tool) NewProgress(verb string) *Progress {
	now := t.Now()
	return &Progress{tool: t, verb: verb, start: now, next: now.Add(time.Second)}
}

// Rows shows that so many rows are done.
func (p *Progress) Rows(rows int) {
	now := p.tool.Now()
	if p.tool.Quiet || !p.tool.ErrTerminal || now.Before(p.next) {
		return
	}
	p.next = now.Add(200 * time.Millisecond)
	p.shown = true
	rate := float64(rows) / now.Sub(p.start).Seconds()
	fmt.Fprintf(p.tool.Err, "\r\x1b[K%s %d rows, %.0f/s", p.verb, rows, rate)
}

// Done clears the display.
func (p *Progress) Done() {
	if p.shown {
		fmt.Fprint(p.tool.Err, "\r\x1b[K")
	}
}
