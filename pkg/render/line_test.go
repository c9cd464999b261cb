package render

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// everything is all single bytes and all control and format characters.
func everything() string {
	var b strings.Builder
	for c := range 256 {
		b.WriteByte(byte(c))
	}
	for r := range rune(unicode.MaxRune + 1) {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// own is a value with JSON of its own.
type own struct{ text string }

func (o *own) AppendJSON(dst []byte) ([]byte, error) {
	return jsontext.AppendQuote(dst, strings.ToValidUTF8(o.text, "?"))
}

// TestLineIsHarmless prints all there is, in every way a tail can. Nothing of it reaches a
// terminal but line breaks.
func TestLineIsHarmless(t *testing.T) {
	view := View[own]{
		Line: func(l *Line, o own) {
			l.Add(o.text)
			l.Gap()
			l.AddBytes([]byte(o.text))
			l.Tint(o.text)
			l.Faint(o.text)
			l.Alarm(o.text)
		},
		Raw: func(dst []byte, o own) []byte { return append(dst, o.text...) },
	}
	for _, format := range []Format{Table, JSONL, Raw} {
		for _, text := range []string{everything(), "plain"} {
			var out bytes.Buffer
			p, err := New(&out, Options{Format: format, Terminal: true})
			if err != nil {
				t.Fatal(err)
			}
			seq := func(yield func(own, error) bool) { yield(own{text}, nil) }
			if err := List(p, seq, view); err != nil || p.Flush() != nil {
				t.Fatal(err)
			}
			for _, r := range out.String() {
				if isHidden(r) && r != '\n' && !(format == Raw && r == '\t') || r == unicode.ReplacementChar {
					t.Errorf("%s prints %U", format, r)
				}
			}
			if format != Raw && strings.Count(out.String(), "\n") != 1 {
				t.Errorf("%s prints %d lines", format, strings.Count(out.String(), "\n"))
			}
		}
	}
}

func TestLineColors(t *testing.T) {
	var out bytes.Buffer
	p, err := New(&out, Options{Color: true})
	if err != nil {
		t.Fatal(err)
	}
	seq := func(yield func(string, error) bool) {
		_ = yield("a", nil) && yield("b", nil) && yield("a", nil)
	}
	if err := List(p, seq, View[string]{Line: (*Line).Tint}); err != nil || p.Flush() != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if lines[0] != lines[2] || lines[0] == "a" || strings.ReplaceAll(lines[1], "b", "a") == lines[0] {
		t.Errorf("got %q", lines)
	}
}
