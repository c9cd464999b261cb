package main

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	tests := []struct {
		values []float64
		want   float64
	}{
		{[]float64{7}, 7},
		{[]float64{9, 1}, 5},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 100, 2}, 3},
	}
	for _, test := range tests {
		given := slices.Clone(test.values)
		if got := median(test.values); got != test.want {
			t.Errorf("median(%v) = %v, want %v", given, got, test.want)
		}
		if !slices.Equal(test.values, given) {
			t.Errorf("median reordered %v", given)
		}
	}
}

// The second pair ran while the machine was ten times as slow. The ratio does not notice.
func TestOutcomeIsPairByPair(t *testing.T) {
	got := newOutcome([]pair{
		{sample{wall: 2 * time.Second, peak: 10}, sample{wall: 1 * time.Second}},
		{sample{wall: 20 * time.Second, peak: 30}, sample{wall: 10 * time.Second}},
		{sample{wall: 3 * time.Second, peak: 20}, sample{wall: 1 * time.Second}},
	})
	want := outcome{
		store: 3 * time.Second, peer: 1 * time.Second,
		ratio: spread{2, 2, 3}, peak: 30,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSpreadInverse(t *testing.T) {
	got, want := spread{0.1, 0.125, 0.5}.inverse(), spread{2, 8, 10}
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// side returns a runner that takes the given times, one after the other, and says who ran.
func side(name string, ran *[]string, walls ...time.Duration) runner {
	return func(context.Context) (sample, error) {
		*ran = append(*ran, name)
		s := sample{wall: walls[0], limit: time.Millisecond}
		walls = walls[1:]
		return s, nil
	}
}

func TestDuelTakesTurnsAndForgetsWarmUps(t *testing.T) {
	var ran []string
	d := duel{
		work: "w", peerName: "p", limit: "best", warm: 1, pairs: 2, goal: goal{ratio: 3},
		store: side("store", &ran, time.Hour, 4*time.Millisecond, 2*time.Millisecond),
		peer:  side("peer", &ran, 1, 2*time.Millisecond, 1*time.Millisecond),
	}
	got, err := d.measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"store", "peer", "store", "peer", "store", "peer"}; !slices.Equal(ran, want) {
		t.Errorf("ran %v", ran)
	}
	want := []line{
		{"w", "3.00 ms", "p", "1.50 ms", "2.00× (2.00–2.00)", "≤ 3×", "", "met"},
		{"w", "3.00 ms", "best", "1.00 ms", "3.00× (2.00–4.00)", "", "", ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMeasureAllGoesOnAfterFailure(t *testing.T) {
	wrong := errors.New("listed 3 keys, want 4")
	lines, err := measureAll(t.Context(), []measurement{
		{"a", func(context.Context) ([]line, error) { return nil, wrong }},
		{"b", func(context.Context) ([]line, error) { return []line{{work: "b"}}, nil }},
	}, io.Discard)
	if want := []line{{work: "a", verdict: "FAILED"}, {work: "b"}}; !slices.Equal(lines, want) {
		t.Errorf("got %+v, want %+v", lines, want)
	}
	if !errors.Is(err, wrong) || err.Error() != "a: listed 3 keys, want 4" {
		t.Errorf("err = %v", err)
	}
}

func TestMatching(t *testing.T) {
	all := []measurement{{work: "kv get, cold"}, {work: "scan 2 M keys"}, {work: "batch set"}}
	got := matching(all, regexp.MustCompile("^scan|batch"))
	if len(got) != 2 || got[0].work != "scan 2 M keys" || got[1].work != "batch set" {
		t.Errorf("got %v", got)
	}
}
