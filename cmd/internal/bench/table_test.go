package main

import (
	"bytes"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	tests := map[time.Duration]string{
		3140 * time.Microsecond:  "3.14 ms",
		124290 * time.Nanosecond: "0.12 ms",
		999 * time.Millisecond:   "999.00 ms",
		1255 * time.Millisecond:  "1.25 s",
		83 * time.Second:         "83.00 s",
	}
	for given, want := range tests {
		if got := duration(given); got != want {
			t.Errorf("duration(%d) = %q, want %q", given, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	tests := map[int]string{
		10: "10", 999: "999", 1000: "1 k", 1234: "1234", 2500: "2.5 k", 100_000: "100 k",
		1_000_000: "1 M", 1_000_001: "1000001", 2_500_000: "2.5 M",
	}
	for given, want := range tests {
		if got := count(given); got != want {
			t.Errorf("count(%d) = %q, want %q", given, got, want)
		}
	}
}

func TestLineOfFasterGoalIsInverse(t *testing.T) {
	got := newLine("scan", "p", goal{faster: 2}, []pair{
		{sample{wall: time.Second, peak: 12.34}, sample{wall: 4 * time.Second}},
	})
	want := line{
		"scan", "1.00 s", "p", "4.00 s", "4.00× faster (4.00–4.00)",
		"≥ 2× faster", "12.3", "met",
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

const head = `2 cores

Times are medians. Ratios are medians of ratios taken pair by pair, store's time to its
peer's; min–max is over the pairs. Peaks are of store; 9.5 MiB is the least that can be told.

`

func TestReport(t *testing.T) {
	lines := []line{
		{"kv get", "3.00 ms", "redis-cli", "4.00 ms", "0.75× (0.70–0.80)", "≤ 1.1×", "12.0", "met"},
		{work: "binary", store: "9.80 MB", verdict: "met"},
	}
	tests := []struct {
		name     string
		markdown bool
		want     string
	}{
		{"text", false, head +
			`work    store    peer       peer's   ratio (min–max)    goal    peak MiB  verdict
kv get  3.00 ms  redis-cli  4.00 ms  0.75× (0.70–0.80)  ≤ 1.1×  12.0      met
binary  9.80 MB  –          –        –                  –       –         met
`},
		{"markdown", true, head +
			`| work | store | peer | peer's | ratio (min–max) | goal | peak MiB | verdict |
| --- | --- | --- | --- | --- | --- | --- | --- |
| kv get | 3.00 ms | redis-cli | 4.00 ms | 0.75× (0.70–0.80) | ≤ 1.1× | 12.0 | met |
| binary | 9.80 MB | – | – | – | – | – | met |
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := printReport(&out, "2 cores", 9.5, lines, test.markdown); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
