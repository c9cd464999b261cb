package store

import (
	"slices"
	"testing"
)

func TestApart(t *testing.T) {
	for _, test := range []struct{ channels, want []string }{
		{[]string{"a"}, []string{"a"}},
		{[]string{"a", "b", "a"}, []string{"a", "b"}},
		{[]string{"a*", "b*", "c"}, []string{"a*", "b*", "c"}},
		{[]string{"user:created", "user:*", "u*"}, []string{"u*"}},
		{[]string{"*", "a*", "b"}, []string{"*"}},
		{[]string{"a*", "*b"}, []string{"*"}},
		{[]string{"a*b", "ab*"}, []string{"*"}},
		{[]string{"a?", "a[b]", `a\`}, []string{"a?", "a[b]", `a\`}},
		{[]string{"**", "*"}, []string{"*"}},
	} {
		got := apart(test.channels)
		if len(got) == 1 && got[0] == "**" {
			got = []string{"*"}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q become %q, want %q", test.channels, got, test.want)
		}
	}
}

// FuzzApart checks that what is asked for matches each wanted event exactly once.
func FuzzApart(f *testing.F) {
	f.Add("a*", "*b", "a*b", "aab")
	f.Add("x", "x*", "*", "x")
	f.Add("a?", `\*`, "[a]*", "a?")
	f.Fuzz(func(t *testing.T, a, b, c, event string) {
		if len(a)+len(b)+len(c) > 60 {
			return
		}
		matching := func(channels []string) (n int) {
			for _, channel := range channels {
				if MatchGlob(eventGlob(channel), event) {
					n++
				}
			}
			return n
		}
		channels := []string{a, b, c}
		asked := apart(channels)
		if n := matching(asked); n > 1 || n == 0 && matching(channels) > 0 {
			t.Errorf("%q: %q match %q %d times", channels, asked, event, n)
		}
	})
}
