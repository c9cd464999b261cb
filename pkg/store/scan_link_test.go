package store

import (
	"testing"
	"time"
)

// TestScanPaceAnswered has pages come that were asked for 20 ms ago. Where they had to be waited
// for, the server was held for that long and the next page is smaller; where they were there
// already, nobody knows.
func TestScanPaceAnswered(t *testing.T) {
	for _, test := range []struct {
		waited time.Duration
		want   int
	}{
		{10 * time.Millisecond, DefaultScanCount / 2},
		{0, DefaultScanCount},
	} {
		p := newScanPace(ScanOptions{})
		for range probes {
			p.took(time.Now(), probeCount)
		}
		p.answered(time.Now().Add(-20*time.Millisecond), test.waited)
		if got := p.next(); got != test.want {
			t.Errorf("waited %s: the next page has %d keys, want %d", test.waited, got, test.want)
		}
	}
}

// TestClustered reads answers to HELLO, of servers that have the command and of others.
func TestClustered(t *testing.T) {
	for _, test := range []struct {
		about any
		want  bool
	}{
		{[]any{"server", "redis", "mode", "cluster", "role", "master"}, true},
		{[]any{"server", "redis", "mode", "standalone"}, false},
		{[]any{"server", "mode"}, false},
		{"mode", false},
		{nil, false},
	} {
		if got := clustered(test.about); got != test.want {
			t.Errorf("%v: %t", test.about, got)
		}
	}
}
