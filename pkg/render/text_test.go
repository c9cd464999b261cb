package render_test

import (
	jsonv1 "encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/tenantstore/store/pkg/render"
)

func TestText(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"user:1", "user:1"},
		{`back\slash`, `back\slash`},
		{"é日本😀", "é日本😀"},
		{"a\nb\rc\td", `a\nb\rc\td`},
		{"\x00\x1b[31m\x7f", `\x00\x1b[31m\x7f`},
		{"\u0085\u009b", `\u0085\u009b`},
		{"\u061c\u200b\u200d\u200e\u200f", `\u061c\u200b\u200d\u200e\u200f`},
		{"\u202a\u202e\u2060\u2066\u2069\ufeff", `\u202a\u202e\u2060\u2066\u2069\ufeff`},
		{"\u2028\u2029\u00ad", `\u2028\u2029\u00ad`},
		{"\U000e0001", `\U000e0001`},
		{"a\xffb\xc3", `a\xffb\xc3`},
		{"\xed\xa0\x80", `\xed\xa0\x80`},
		{"\ufffd", "\ufffd"},
	} {
		if got := render.Text(test.text); got != test.want {
			t.Errorf("Text(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

// hostileText has every byte on its own, and every character that is not to
// reach a terminal.
func hostileText() string {
	var b strings.Builder
	for c := range 256 {
		b.WriteByte(byte(c))
		b.WriteByte('.')
	}
	for r := range unicode.MaxRune + 1 {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// checkPrintable fails when shown has anything but line breaks and visible text.
func checkPrintable(t *testing.T, shown string) {
	t.Helper()
	if !utf8.ValidString(shown) {
		t.Errorf("not UTF-8: %q", shown)
	}
	for _, r := range shown {
		hidden := unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
		if hidden && r != '\n' {
			t.Errorf("%U reached the terminal", r)
		}
	}
}

func TestNothingHiddenReachesTerminal(t *testing.T) {
	hostile := hostileText()
	checkPrintable(t, render.Text(hostile))
	if got := render.Text(hostile); strings.Contains(got, "\n") {
		t.Errorf("Text broke the line: %q", got)
	}
	view := render.View[string]{
		Columns: []render.Column[string]{{Title: hostile, Cell: strings.Clone}},
	}
	for _, format := range []render.Format{render.Table, render.JSON, render.JSONL, render.Raw} {
		for _, jq := range []string{"", ".", ".[0]?", "[.[]?]|.[0]"} {
			o := render.Options{Format: format, Terminal: true, JQ: jq}
			// A tab may pass where text is shown as it is.
			value := strings.ReplaceAll(hostile, "\t", "")
			checkPrintable(t, one(t, o, value, view))
			checkPrintable(t, list(t, o, view, value))
			checkPrintable(t, list(t, o, view, strings.ToValidUTF8(value, "")))
		}
	}
}

// TestTerminalJSONMeansTheSame checks that escaping for a terminal changes
// nothing of what a parser reads.
func TestTerminalJSONMeansTheSame(t *testing.T) {
	value := strings.ToValidUTF8(hostileText(), "")
	for _, format := range []render.Format{render.JSON, render.JSONL} {
		for _, terminal := range []bool{false, true} {
			o := render.Options{Format: format, Terminal: terminal}
			shown := one(t, o, map[string]string{value: value}, render.View[map[string]string]{})
			var got map[string]string
			if err := jsonv1.Unmarshal([]byte(shown), &got); err != nil || got[value] != value {
				t.Errorf("%s, terminal %v: not what was printed: %v", format, terminal, err)
			}
		}
	}
}

func TestPipeKeepsBytes(t *testing.T) {
	hostile := hostileText()
	view := render.View[string]{Text: strings.Clone}
	if got := one(t, render.Options{Format: render.Raw}, hostile, view); got != hostile {
		t.Errorf("raw: got %q", got)
	}
	if got := one(t, render.Options{}, hostile, view); got != hostile+"\n" {
		t.Errorf("table: got %q", got)
	}
	if got := list(t, render.Options{Format: render.Raw}, view, hostile); got != hostile+"\n" {
		t.Errorf("raw list: got %q", got)
	}
}
