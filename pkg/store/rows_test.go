package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestReadRows(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	input := strings.Join([]string{
		`{"key":"a","value": { "x" : 1 } }`,
		``,
		`{"ttl":60,"value":null,"key":"b"}` + "\r",
		`{"key":"c","value":1,"ttl":"1h"}`,
		`{"key":"d","value":1,"ttl":null}`,
		`{"key":"l","value":"` + long + `"}`,
		`{"key":"\u00e9","value":"last"}`,
	}, "\n")
	want := []string{
		`1 a {"x":1} 0s`, `3 b null 1m0s`, `4 c 1 1h0m0s`, `5 d 1 0s`, `6 l "` + long + `" 0s`,
		`7 é "last" 0s`,
	}
	i := 0
	for row, err := range ReadRows(strings.NewReader(input)) {
		got := fmt.Sprintf("%d %s %s %s", row.Line, row.Key, row.Value, row.TTL)
		if err != nil || got != want[i] {
			t.Fatalf("row %d: got %.80s, %v, want %.80s", i, got, err, want[i])
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d rows, want %d", i, len(want))
	}
}

func TestReadRowsRefuses(t *testing.T) {
	tests := map[string]Code{
		`{"key":"a"`:                            CodeDeserialization,
		`nonsense`:                              CodeDeserialization,
		`[1]`:                                   CodeDeserialization,
		`"key"`:                                 CodeDeserialization,
		`{"key":"a","value":1} 2`:               CodeDeserialization,
		`{"key":"a","value":1,"x":2}`:           CodeDeserialization,
		`{"key":"a","key":"b","value":1}`:       CodeDeserialization,
		`{"value":1}`:                           CodeKeyRequired,
		`{"key":5,"value":1}`:                   CodeKeyRequired,
		`{"key":"a"}`:                           CodeValueRequired,
		`{"key":"a","value":1,"ttl":0}`:         CodeTTLInvalid,
		`{"key":"a","value":1,"ttl":-1}`:        CodeTTLInvalid,
		`{"key":"a","value":1,"ttl":1.5}`:       CodeTTLInvalid,
		`{"key":"a","value":1,"ttl":true}`:      CodeTTLInvalid,
		"{\"key\":\"\xff\",\"value\":1}":        CodeDeserialization,
		`{"key":"a","value":1,"ttl":"forever"}`: CodeTTLInvalid,
	}
	for line, want := range tests {
		rows := 0
		for row, err := range ReadRows(strings.NewReader(line + "\n" + `{"key":"k","value":1}`)) {
			rows++
			bad, isRow := errors.AsType[RowError](err)
			switch {
			case rows == 1 && (!isRow || bad.Line != 1 || !errors.Is(err, want)):
				t.Errorf("%s: %v", line, err)
			case rows == 2 && (err != nil || row.Key != "k"):
				t.Errorf("%s: the row behind it: %+v, %v", line, row, err)
			}
		}
		if rows != 2 {
			t.Errorf("%s: %d rows", line, rows)
		}
	}
}

func TestReadRowsBrokenInput(t *testing.T) {
	broken := iotest.TimeoutReader(strings.NewReader(strings.Repeat(`{"key":"a","value":1}`+"\n", 9999)))
	var last error
	for _, err := range ReadRows(broken) {
		last = err
	}
	if !errors.Is(last, iotest.ErrTimeout) {
		t.Errorf("the last error is %v", last)
	}
}

// FuzzReadRows holds the two readers of a row against each other.
func FuzzReadRows(f *testing.F) {
	f.Add(`{"key":"a","value":1,"ttl":60}`)
	f.Add(`{"key":"a","value":{"b":[1,2]}}` + "\r\n\n{}")
	f.Add(`{"value":"x y","key":"a"}` + "\n" + `{"ttl":1e3,"key":"\u0061","value":[ 1 ]}`)
	f.Add(`{"ttl":007,"key":"a","value":0}` + "\n" + `{"ttl":4294967296,"key":"","value":0}`)
	f.Fuzz(func(t *testing.T, input string) {
		for row, err := range ReadRows(strings.NewReader(input)) {
			if err == nil && !row.Value.IsJSON() {
				t.Errorf("%q gave the value %q", input, row.Value)
			}
		}
		var p rowParser
		for line := range strings.SplitSeq(input, "\n") {
			got, ok := p.quick([]byte(line))
			want, err := p.thorough([]byte(line))
			if ok && utf8.ValidString(line) && (err != nil || !reflect.DeepEqual(got, want)) {
				t.Errorf("%q: %+v, but at length %+v, %v", line, got, want, err)
			}
		}
	})
}

func BenchmarkReadRows(b *testing.B) {
	line := `{"key":"user:000001","value":{"id":1,"name":"Ada Lovelace","email":"ada@example.com"}}`
	input := strings.Repeat(line+"\n", 1000)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range ReadRows(strings.NewReader(input)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
