package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// line is one line of the table, as it is printed; what does not apply is empty.
type line struct{ work, store, peer, peerTime, ratio, goal, peak, verdict string }

func heading() line {
	return line{"work", "store", "peer", "peer's", "ratio (min–max)", "goal", "peak MiB", "verdict"}
}

func newLine(work, peer string, g goal, pairs []pair) line {
	o := newOutcome(pairs)
	l := line{
		work: work, store: duration(o.store), peer: peer, peerTime: duration(o.peer),
		ratio: times(o.ratio, ""), goal: g.String(), verdict: g.verdict(o),
	}
	if g.faster > 0 {
		l.ratio = times(o.ratio.inverse(), " faster")
	}
	if o.peak > 0 {
		l.peak = fmt.Sprintf("%.1f", o.peak)
	}
	return l
}

// cells are the line's columns; an empty one is a dash, so that columns stay columns for awk.
func (l line) cells() []string {
	cells := []string{
		l.work, l.store, l.peer, l.peerTime, l.ratio, l.goal, l.peak, l.verdict,
	}
	for i, cell := range cells {
		if cell == "" {
			cells[i] = "–"
		}
	}
	return cells
}

// duration keeps three digits or so, in the unit people expect.
func duration(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

func times(s spread, suffix string) string {
	return fmt.Sprintf("%.2f×%s (%.2f–%.2f)", s.median, suffix, s.min, s.max)
}

// count writes a number of things as people say it.
func count(n int) string {
	switch {
	case n >= 1_000_000 && n%100_000 == 0:
		return fmt.Sprintf("%v M", float64(n)/1e6)
	case n >= 1_000 && n%100 == 0:
		return fmt.Sprintf("%v k", float64(n)/1e3)
	}
	return strconv.Itoa(n)
}

// printReport prints where the figures come from, how to read them, and the table.
func printReport(w io.Writer, machine string, floor float64, lines []line, markdown bool) error {
	_, err := fmt.Fprintf(w, `%s

Times are medians. Ratios are medians of ratios taken pair by pair, store's time to its
peer's; min–max is over the pairs. Peaks are of store; %.1f MiB is the least that can be told.

`, machine, floor)
	if err != nil {
		return err
	}
	if markdown {
		return printMarkdown(w, lines)
	}
	return printText(w, lines)
}

func printText(w io.Writer, lines []line) error {
	aligned := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range append([]line{heading()}, lines...) {
		// Errors come back from Flush.
		_, _ = fmt.Fprintln(aligned, strings.Join(l.cells(), "\t"))
	}
	return aligned.Flush()
}

func printMarkdown(w io.Writer, lines []line) error {
	rows := [][]string{heading().cells()}
	rows = append(rows, strings.Fields(strings.Repeat("--- ", len(rows[0]))))
	for _, l := range lines {
		rows = append(rows, l.cells())
	}
	for _, cells := range rows {
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")); err != nil {
			return err
		}
	}
	return nil
}
