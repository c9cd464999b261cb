package main

import (
	"fmt"
	"strings"
)

// goal is what an outcome should be; parts that are zero are not asked for.
type goal struct {
	ratio  float64 // at most this many times as long as the peer
	faster float64 // at least this many times as fast as the peer
	peak   float64 // at most this much memory, MiB
}

func (g goal) String() string {
	var parts []string
	if g.ratio > 0 {
		parts = append(parts, fmt.Sprintf("≤ %v×", g.ratio))
	}
	if g.faster > 0 {
		parts = append(parts, fmt.Sprintf("≥ %v× faster", g.faster))
	}
	if g.peak > 0 {
		parts = append(parts, fmt.Sprintf("≤ %v MiB", g.peak))
	}
	return strings.Join(parts, ", ")
}

// verdict says whether o is what it should be, and nothing where nothing is asked for.
func (g goal) verdict(o outcome) string {
	if g == (goal{}) {
		return ""
	}
	return verdict((g.ratio == 0 || o.ratio.median <= g.ratio) &&
		(g.faster == 0 || o.ratio.inverse().median >= g.faster) &&
		(g.peak == 0 || o.peak <= g.peak))
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}
