package render_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/render"
)

// entry is a value as most commands print one.
type entry struct {
	Key   string `json:"key"`
	Value int    `json:"value"`
}

func entryView() render.View[entry] {
	return render.View[entry]{
		Columns: []render.Column[entry]{
			{Title: "KEY", Cell: func(e entry) string { return e.Key }},
			{Title: "VALUE", Right: true, Cell: func(e entry) string { return fmt.Sprint(e.Value) }},
		},
		Text: func(e entry) string { return fmt.Sprint(e.Value) },
		Raw:  func(dst []byte, e entry) []byte { return append(dst, e.Key...) },
	}
}

// errBroken is how the sequences of these tests fail.
var errBroken = errors.New("connection lost")

// sequence yields values, and then err unless it is nil.
func sequence[T any](err error, values ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// printed returns what print writes through a printer with options o.
func printed(t *testing.T, o render.Options, print func(*render.Printer) error) (string, error) {
	t.Helper()
	var out strings.Builder
	p, err := render.New(&out, o)
	if err != nil {
		t.Fatal(err)
	}
	err = print(p)
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String(), err
}

// one returns what One prints of v.
func one[T any](t *testing.T, o render.Options, v T, view render.View[T]) string {
	t.Helper()
	got, err := printed(t, o, func(p *render.Printer) error { return render.One(p, v, view) })
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// list returns what List prints of values.
func list[T any](t *testing.T, o render.Options, view render.View[T], values ...T) string {
	t.Helper()
	got, err := printed(t, o, func(p *render.Printer) error {
		return render.List(p, sequence(nil, values...), view)
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestParseFormat(t *testing.T) {
	for _, name := range []string{"table", "json", "jsonl", "raw"} {
		if got, err := render.ParseFormat(name); err != nil || string(got) != name {
			t.Errorf("ParseFormat(%q) = %q, %v", name, got, err)
		}
	}
	_, err := render.ParseFormat("yaml")
	want := `unknown output format "yaml": use table, json, jsonl or raw`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := render.New(nil, render.Options{Format: "yaml"}); err == nil {
		t.Error("New took a format that does not exist")
	}
}

func TestOne(t *testing.T) {
	for _, test := range []struct {
		name    string
		options render.Options
		want    string
	}{
		{"zero", render.Options{}, "7\n"},
		{"table", render.Options{Format: render.Table}, "7\n"},
		{"raw", render.Options{Format: render.Raw}, "a\x1b[31m"},
		{"raw terminal", render.Options{Format: render.Raw, Terminal: true}, `a\x1b[31m`},
		{"json", render.Options{Format: render.JSON}, `{"key":"a\u001b[31m","value":7}` + "\n"},
		{"jsonl", render.Options{Format: render.JSONL}, `{"key":"a\u001b[31m","value":7}` + "\n"},
		{
			"json terminal",
			render.Options{Format: render.JSON, Terminal: true},
			"{\n  \"key\": \"a\\u001b[31m\",\n  \"value\": 7\n}\n",
		},
		{
			"jsonl terminal",
			render.Options{Format: render.JSONL, Terminal: true},
			`{"key":"a\u001b[31m","value":7}` + "\n",
		},
		{
			"json colour",
			render.Options{Format: render.JSONL, Terminal: true, Color: true},
			"{\x1b[34m\"key\"\x1b[0m:\"a\\u001b[31m\",\x1b[34m\"value\"\x1b[0m:7}\n",
		},
		{
			"json colour piped",
			render.Options{Format: render.JSONL, Color: true},
			`{"key":"a\u001b[31m","value":7}` + "\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := one(t, test.options, entry{"a\x1b[31m", 7}, entryView()); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestOneText(t *testing.T) {
	view := render.View[string]{Text: func(s string) string { return s }}
	for _, test := range []struct{ text, piped, terminal string }{
		{"plain", "plain\n", "plain\n"},
		{"a\tb\nc\x1b]0;x\a", "a\tb\nc\x1b]0;x\a\n", "a\tb\nc\\x1b]0;x\\x07\n"},
		{
			`{"a":[1,2],"a":{}}`, `{"a":[1,2],"a":{}}` + "\n",
			"{\n  \"a\": [\n    1,\n    2\n  ],\n  \"a\": {}\n}\n",
		},
		{`{"a":1} x`, `{"a":1} x` + "\n", `{"a":1} x` + "\n"},
		{"\"\u202e\"", "\"\u202e\"\n", `"\u202e"` + "\n"},
		{"9007199254740993", "9007199254740993\n", "9007199254740993\n"},
	} {
		if got := one(t, render.Options{}, test.text, view); got != test.piped {
			t.Errorf("%q piped: got %q, want %q", test.text, got, test.piped)
		}
		if got := one(t, render.Options{Terminal: true}, test.text, view); got != test.terminal {
			t.Errorf("%q on a terminal: got %q, want %q", test.text, got, test.terminal)
		}
	}
}

func TestOneWithoutText(t *testing.T) {
	view := entryView()
	view.Text = nil
	got := one(t, render.Options{}, entry{"a\nb", 7}, view)
	if want := "KEY    a\\nb\nVALUE  7\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = one(t, render.Options{Color: true}, entry{"", 7}, view)
	if want := "\x1b[1mKEY\x1b[0m\n\x1b[1mVALUE\x1b[0m  7\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRawStandIns(t *testing.T) {
	raw := render.Options{Format: render.Raw}
	view := entryView()
	view.Raw = nil
	if got := one(t, raw, entry{"a", 7}, view); got != "7" {
		t.Errorf("of the text: got %q", got)
	}
	view.Text = nil
	if got := one(t, raw, entry{"a", 7}, view); got != "a" {
		t.Errorf("of the first column: got %q", got)
	}
}

var errFull = errors.New("no space left on device")

// fullWriter takes so many bytes and fails from then on.
type fullWriter struct{ room int }

func (w *fullWriter) Write(b []byte) (int, error) {
	n := min(len(b), w.room)
	w.room -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func TestWriteErrors(t *testing.T) {
	for _, room := range []int{0, 1, 20, 200_000} {
		for _, o := range []render.Options{
			{Format: render.Table},
			{Format: render.JSON},
			{Format: render.JSON, Terminal: true},
			{Format: render.JSONL},
			{Format: render.Raw},
			{Format: render.Raw, Follow: true},
			{Format: render.JSON, JQ: ".[]"},
			{Format: render.JSONL, JQ: "."},
		} {
			checkWriteError(t, room, o)
		}
	}
}

// checkWriteError lists more than room bytes, and then prints once more.
func checkWriteError(t *testing.T, room int, o render.Options) {
	t.Helper()
	p, err := render.New(&fullWriter{room}, o)
	if err != nil {
		t.Fatal(err)
	}
	err = render.List(p, rows(30_000, "user:1"), keyView())
	if room < 200_000 && err != errFull {
		t.Errorf("%+v, room for %d: List: %v", o, room, err)
	}
	for range 2 {
		if err := p.Flush(); err != errFull {
			t.Errorf("%+v, room for %d: Flush: %v", o, room, err)
		}
	}
	if err := render.One(p, keyRow{}, keyView()); err != errFull {
		t.Errorf("%+v, room for %d: One: %v", o, room, err)
	}
}

// TestWriteErrorEndsSequence checks that a list nobody reads is not fetched to its end.
func TestWriteErrorEndsSequence(t *testing.T) {
	p, err := render.New(&fullWriter{}, render.Options{Format: render.Raw, Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	endless := func(yield func(entry, error) bool) {
		for yield(entry{"a", n}, nil) {
			n++
		}
	}
	if err := render.List(p, endless, entryView()); err != errFull || n != 0 {
		t.Errorf("got %v after %d rows", err, n)
	}
}
