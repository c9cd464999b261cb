package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"
)

// measurement is work to measure and how; it makes one line of the table, or a few.
type measurement struct {
	work    string
	measure func(context.Context) ([]line, error)
}

// matching returns the measurements whose work matches only.
func matching(all []measurement, only *regexp.Regexp) []measurement {
	return slices.DeleteFunc(all, func(m measurement) bool { return !only.MatchString(m.work) })
}

// measureAll measures everything, also after a failure, which takes the line's place.
func measureAll(
	ctx context.Context, all []measurement, log io.Writer,
) (lines []line, failed error) {
	for _, m := range all {
		fmt.Fprintf(log, "measuring %s\n", m.work)
		made, err := m.measure(ctx)
		if ctx.Err() != nil {
			return lines, ctx.Err()
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", m.work, err))
			made = []line{{work: m.work, verdict: "FAILED"}}
		}
		lines = append(lines, made...)
	}
	return lines, failed
}

// runner does some work once, and fails unless it was done right.
type runner func(context.Context) (sample, error)

// duel is store and a peer doing the same work in turn.
type duel struct {
	work     string
	prepare  func(context.Context) error // before the first run; nil when there is nothing to do
	store    runner
	peerName string
	peer     runner
	limit    string // names what samples of store carry as their limit, for a line of its own
	warm     int    // pairs to run first and forget
	pairs    int
	goal     goal
}

func (d duel) measurement() measurement {
	return measurement{work: d.work, measure: d.measure}
}

func (d duel) measure(ctx context.Context) ([]line, error) {
	if d.prepare != nil {
		if err := d.prepare(ctx); err != nil {
			return nil, fmt.Errorf("preparing: %w", err)
		}
	}
	var pairs []pair
	for n := range d.warm + d.pairs {
		p, err := d.once(ctx)
		if err != nil {
			return nil, err
		}
		if n >= d.warm {
			pairs = append(pairs, p)
		}
	}
	return d.lines(pairs), nil
}

func (d duel) once(ctx context.Context) (p pair, err error) {
	if p.store, err = d.store(ctx); err != nil {
		return p, fmt.Errorf("store: %w", err)
	}
	if p.peer, err = d.peer(ctx); err != nil {
		return p, fmt.Errorf("%s: %w", d.peerName, err)
	}
	return p, nil
}

// lines sums the pairs up. The line about the limit has the limit as its peer, and no goal.
func (d duel) lines(pairs []pair) []line {
	lines := []line{newLine(d.work, d.peerName, d.goal, pairs)}
	if d.limit == "" {
		return lines
	}
	bound := slices.Clone(pairs)
	for i := range bound {
		bound[i].peer = sample{wall: bound[i].store.limit}
	}
	return append(lines, newLine(d.work, d.limit, goal{}, bound))
}

// pair is one run of each side, the one right after the other.
type pair struct{ store, peer sample }

// outcome is what a number of pairs come to.
type outcome struct {
	store, peer time.Duration // medians
	ratio       spread        // of store's time to the peer's, pair by pair
	peak        float64       // of store, the highest, MiB
}

func newOutcome(pairs []pair) outcome {
	var store, peer, ratio []float64
	var peak float64
	for _, p := range pairs {
		store = append(store, float64(p.store.wall))
		peer = append(peer, float64(p.peer.wall))
		ratio = append(ratio, float64(p.store.wall)/float64(p.peer.wall))
		peak = max(peak, p.store.peak)
	}
	return outcome{
		store: time.Duration(median(store)),
		peer:  time.Duration(median(peer)),
		ratio: newSpread(ratio),
		peak:  peak,
	}
}

// spread is a median and how far the values lie apart.
type spread struct{ min, median, max float64 }

func newSpread(values []float64) spread {
	return spread{slices.Min(values), median(values), slices.Max(values)}
}

// inverse turns "times as long" into "times as fast".
func (s spread) inverse() spread { return spread{1 / s.max, 1 / s.median, 1 / s.min} }

// median is the middle of the values, or the mean of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
