package store

import "testing"

func TestMatchGlob(t *testing.T) {
	// What redis-server 7.0 answers to SCAN MATCH.
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"**", "ab", true},
		{"a*c", "abbc", true},
		{"a*c", "abcb", false},
		{"*a*b*", "xxaxxb", true},
		{"?", "é", false},
		{"??", "é", true},
		{"a?c", "abc", true},
		{"[abc]", "b", true},
		{"[a-c]x", "bx", true},
		{"[c-a]x", "bx", true},
		{"[^a]", "a", false},
		{"[^a]", "b", true},
		{"[a", "a", true},
		{"[]a", "a", false},
		{`[\]]`, "]", true},
		{"a-b]", "a-b]", true},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{`a\`, `a\`, true},
		{"User*", "user:1", false},
	}
	for _, tt := range tests {
		if got := MatchGlob(tt.pattern, tt.s); got != tt.want {
			t.Errorf("MatchGlob(%q, %q) = %v, want %v", tt.pattern, tt.s, got, tt.want)
		}
	}
}

func TestEscapeGlob(t *testing.T) {
	tests := map[string]string{
		"org_1":     "org_1",
		"*":         `\*`,
		"a?b[c]\\d": `a\?b\[c]\\d`,
		"日本*":       `日本\*`,
	}
	for in, want := range tests {
		if got := EscapeGlob(in); got != want {
			t.Errorf("EscapeGlob(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzEscapeGlob checks that an escaped text matches itself and nothing else.
func FuzzEscapeGlob(f *testing.F) {
	for _, seed := range [][2]string{{"*", "x"}, {"a[b", "ab"}, {`\`, `\\`}, {"é?", "éx"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		if !MatchGlob(EscapeGlob(s), s) {
			t.Errorf("%q does not match itself", s)
		}
		if s != other && MatchGlob(EscapeGlob(s), other) {
			t.Errorf("escaped %q matches %q", s, other)
		}
	})
}
