package ecma

import (
	"errors"
	"strings"
	"testing"
)

// TestMatch says what differs from Go's regexp, also where there is no Node.js to ask.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`^P(?!$)(?=\d)\d+W$`, "1", false},
		{`^(?=.*\d)(?!.*\s).{4,}$`, "abc1", true},
		{`(?<=\$)\d`, "$5", true},
		{`(?<!\$)\b\d`, "$5", false},
		{`^(?<q>['"]).*\k<q>$`, `"a'`, false},
		{`^(.)\1$`, "aa", true},
		{`^(a)?\1$`, "", true},
		{`^.$`, "😀", false},
		{`^..$`, "😀", true},
		{`^\u{1F600}$`, "😀", true},
		{`^\p{L}$`, "𝒜", true},
		{`^\s$`, "\ufeff", true},
		{`^\s$`, "\u00a0", true},
		{`^a$`, "a\n", false},
		{`^[^]$`, "\n", true},
		{`[]`, "a", false},
		{`^\w+$`, "é", false},
		{`^(?:a|ab)(?:c|bcd)d*$`, "abcd", true},
		{`^(a*)*$`, "aaab", false},
		{`^{$`, "{", true},
		{`^\p{Emoji_Component}+$`, "1", true},
	} {
		re, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got, err := re.MatchString(c.text); got != c.want || err != nil {
			t.Errorf("%s on %q: %v, %v", c.pattern, c.text, got, err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, pattern := range []string{
		`(`, `)`, `[`, `*`, `a**`, `(?<n>a)(?<n>b)`, `\k<n>(?<m>a)`, `[b-a]`, `a{2,1}`, `\`, `(?i:a)`,
		`\p{Nothing}`, `\p{L`, `^*`,
		`a{99999}b{99999}(cd){99999}`, strings.Repeat("(", 300) + strings.Repeat(")", 300),
	} {
		if _, err := Compile(pattern); err == nil {
			t.Errorf("%.50s: no error", pattern)
		}
	}
}

// TestTooHard gives up where the ways multiply, and not before.
func TestTooHard(t *testing.T) {
	re, err := Compile(`^(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := re.MatchString(strings.Repeat("a", 60) + "b"); !errors.Is(err, ErrTooHard) {
		t.Errorf("error %v", err)
	}
	if got, err := re.MatchString(strings.Repeat("a", 100_000)); !got || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestSample(t *testing.T) {
	for _, pattern := range []string{
		`^[a-z]+$`, `^id-\d{4}$`, `^(a|b)\1x?$`, `(?<=\$)\d+`, `^[^a]*z$`, `^#[0-9a-fA-F]{6}$`,
		`^\p{L}+$`,
	} {
		re, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := re.MatchString(Sample(pattern)); !got || err != nil {
			t.Errorf("%s: %q does not match", pattern, Sample(pattern))
		}
	}
	if got := Sample("("); got != "" {
		t.Errorf("%q", got)
	}
}

// FuzzRegexp looks for patterns that end the program.
func FuzzRegexp(f *testing.F) {
	f.Add(`^(?:(a|\1)+?|[^\d\p{L}]{2,}|(?<n>\k<n>)(?<!x))$`, "aab")
	f.Add(`\u{61}|\cJ|\x4|[\b-\n]|(?=(a))\1`, "a\nb")
	f.Fuzz(func(_ *testing.T, pattern, text string) {
		if re, err := Compile(pattern); err == nil && len(text) < 100 {
			_, _ = re.MatchString(text)
		}
		Sample(pattern)
	})
}

func BenchmarkMatch(b *testing.B) {
	re, err := Compile(`^(?:[A-Za-z0-9_'+\-]+\.)*[A-Za-z0-9_'+\-]*[A-Za-z0-9_+-]@` +
		`(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, err := re.MatchString("ada.lovelace@example.com"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
