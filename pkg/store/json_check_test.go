package store

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzCheckJSON holds the scan against the JSON library: they must agree on what JSON is,
// and on whether anything is left to compact.
func FuzzCheckJSON(f *testing.F) {
	for _, text := range []string{
		``, ` `, `{}`, `{ }`, `[1,2 ]`, `{"a":[1,{"b":"c d"}],"a":null}`, `"\u00e9\ud800 x"`, `"\x"`,
		`-0.5e+10`, `01`, `-`, `1.`, `.5`, `tru`, `true false`, `{"a"}`, `{"a":}`, `[,]`, `[1,]`, `{,}`,
		"\"\x01\"", "\"\xff\"", `"unterminated`, `{"a":1}}`, "\t1\r\n", `"12345678 \" 12345678"`, "\"\x7f\u2028\"",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		valid, spaced := checkJSON(text)
		if want := jsontext.Value(text).IsValid(asStored()...); valid != want {
			t.Fatalf("%q is JSON: %t, want %t", text, valid, want)
		}
		if !valid || !utf8.Valid(text) {
			return
		}
		compact, err := jsontext.AppendFormat(nil, text, asStored()...)
		if err != nil || spaced == bytes.Equal(compact, text) {
			t.Fatalf("%q has white space: %t; compact %q, %v", text, spaced, compact, err)
		}
		if got, err := appendJSON([]byte("x"), text); err != nil || string(got) != "x"+string(compact) {
			t.Fatalf("%q is shown as %q, want %q; %v", text, got, compact, err)
		}
	})
}

// A value can be deeper than the JSON library goes.
func TestCheckJSONDepth(t *testing.T) {
	text := append(bytes.Repeat([]byte("["), 20_000), bytes.Repeat([]byte("]"), 20_000)...)
	if valid, spaced := checkJSON(text); !valid || spaced {
		t.Errorf("valid %t, spaced %t", valid, spaced)
	}
}

func BenchmarkCheckJSON(b *testing.B) {
	text := []byte(`{"id":1,"name":"Customer Name 000001","email":"user000001@mail.example.com"}`)
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			jsontext.Value(text).IsValid(asStored()...)
		}
	})
	b.Run("scan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			checkJSON(text)
		}
	})
}
