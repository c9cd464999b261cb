package cli

import (
	"fmt"
	"slices"
	"strings"
)

// Suggest asks whether the name nearest to word was meant, or returns "" where none is
// near.
func Suggest(word string, names []string) string {
	best, least := "", max(1, min(2, len(strings.TrimLeft(word, "-"))/3))+1
	for _, name := range slices.Sorted(slices.Values(names)) {
		if strings.EqualFold(name, word) {
			return fmt.Sprintf("did you mean %s? Names that differ in case are different names", name)
		}
		if d := distance(word, name); d < least {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", best)
}

// distance counts the letters to add, drop, replace or swap with the next to make b of a.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
