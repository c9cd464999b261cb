package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRow(t *testing.T) {
	r := newRow(7)
	const value = `{"id":7,"name":"Customer Name 000007","email":"user000007@mail.example.com"}`
	if got, want := r.json(), `{"key":"user:000007","value":`+value+"}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := "*3\r\n$3\r\nSET\r\n$42\r\nigniter:store:api:tenant:t1:kv:user:000007\r\n" +
		"$76\r\n" + value + "\r\n"
	if got := r.resp(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteAllCountsFromOne(t *testing.T) {
	var out bytes.Buffer
	if err := writeAll(&out, 3, func(n int) string { return rowKey(n) + "\n" }); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "user:000001\nuser:000002\nuser:000003\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTally(t *testing.T) {
	tally := func(text, prefix string) tally {
		t.Helper()
		got, err := tallyLines(strings.NewReader(text), prefix)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := tally("a\nb\nc\n", "")
	if got := tally("p:c\np:a\np:b\n", "p:"); got != want {
		t.Errorf("another order: %v, want %v", got, want)
	}
	if got := tally("a\na\nc\n", ""); got == want {
		t.Error("one key twice and one missing passes")
	}
	if _, err := tallyLines(strings.NewReader("p:a\nq:b\n"), "p:"); err == nil {
		t.Error("a line without the prefix passes")
	}
}
