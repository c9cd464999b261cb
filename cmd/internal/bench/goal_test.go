package main

import "testing"

func TestGoal(t *testing.T) {
	tests := []struct {
		name          string
		goal          goal
		ratio, peak   float64
		text, verdict string
	}{
		{"nothing asked", goal{}, 99, 99, "", ""},
		{"at the limit", goal{ratio: 1.1}, 1.1, 0, "≤ 1.1×", "met"},
		{"too slow", goal{ratio: 2}, 2.01, 0, "≤ 2×", "missed"},
		{"fast", goal{faster: 7, peak: 40}, 0.125, 40, "≥ 7× faster, ≤ 40 MiB", "met"},
		{"not fast", goal{faster: 7, peak: 40}, 0.2, 40, "≥ 7× faster, ≤ 40 MiB", "missed"},
		{"fast but fat", goal{faster: 7, peak: 40}, 0.1, 41, "≥ 7× faster, ≤ 40 MiB", "missed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := outcome{ratio: spread{0, test.ratio, 100}, peak: test.peak}
			if got := test.goal.String(); got != test.text {
				t.Errorf("text %q, want %q", got, test.text)
			}
			if got := test.goal.verdict(o); got != test.verdict {
				t.Errorf("verdict %q, want %q", got, test.verdict)
			}
		})
	}
}
