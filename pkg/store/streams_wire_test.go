package store

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answering returns a wire whose other side has answered.
func answering(t testing.TB, answer string) *wire {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close() })
	go func() {
		_, _ = io.WriteString(theirs, answer)
		theirs.Close()
	}()
	return newWire(ours)
}

func TestWireEntries(t *testing.T) {
	answer := "*3\r\n" +
		"*2\r\n$3\r\n1-0\r\n*4\r\n$1\r\nb\r\n$3\r\n1\r\n\r\n$1\r\nb\r\n$0\r\n\r\n" +
		"*2\r\n$3\r\n2-0\r\n*-1\r\n" +
		"*-1\r\n"
	found, err := answering(t, answer).entries()
	if err != nil || len(found) != 3 {
		t.Fatalf("%v, %v", found, err)
	}
	if got := string(object(found[0].fields)); found[0].id != "1-0" || got != `{"b":""}` {
		t.Errorf("%s %s", found[0].id, got)
	}
	if string(found[0].fields[1]) != "1\r\n" {
		t.Errorf("the first value is %q", found[0].fields[1])
	}
	if !found[1].deleted || found[1].id != "2-0" || !found[2].deleted {
		t.Errorf("deleted entries are %+v", found[1:])
	}
}

func TestWireFailures(t *testing.T) {
	for answer, want := range map[string]string{
		"-WRONGTYPE x\r\n":              "WRONGTYPE x",
		"*1\r\n*2\r\n$3\r\n1-":          "EOF",
		"*1\r\n":                        "EOF",
		"":                              "EOF",
		":5\r\n":                        "cannot be understood",
		"*x\r\n":                        "cannot be understood",
		"*1\r\n*3\r\n":                  "cannot be understood",
		"\r\n":                          "cannot be understood",
		"*1\r\n*2\r\n$999999999999\r\n": "cannot be understood",
	} {
		_, err := answering(t, answer).entries()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %q", answer, err, want)
		}
		if isReply(err) != strings.HasPrefix(answer, "-") {
			t.Errorf("%q: %v counts as an answer of the server: %t", answer, err, isReply(err))
		}
	}
}

func TestWireReads(t *testing.T) {
	answer := "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$4\r\ndata\r\n$1\r\n7\r\n"
	found, err := answering(t, answer).reads()
	if err != nil || len(found) != 1 || found[0].key != "s" {
		t.Fatalf("%v, %v", found, err)
	}
	if m := found[0].entries[0].message("s"); m.Message.String() != "7" {
		t.Errorf("%+v", m)
	}
	if found, err := answering(t, "*-1\r\n").reads(); err != nil || found != nil {
		t.Errorf("time ran out: %v, %v", found, err)
	}
}

// FuzzWire feeds any bytes: there may be errors, and nothing else.
func FuzzWire(f *testing.F) {
	f.Add("*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$4\r\ndata\r\n$1\r\n7\r\n")
	f.Add("*1\r\n*-1\r\n")
	f.Add("$-1\r\n")
	f.Fuzz(func(t *testing.T, answer string) {
		if len(answer) > 1<<10 || strings.Count(answer, "*") > 50 {
			return
		}
		for _, read := range []func(*wire) error{
			func(w *wire) error { _, err := w.entries(); return err },
			func(w *wire) error { _, err := w.reads(); return err },
		} {
			if err := read(answering(t, answer)); errors.Is(err, io.ErrShortBuffer) {
				t.Error(err)
			}
		}
	})
}

func TestStreamIDs(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0-0", "5": "5-0", "5-7": "5-7",
		"18446744073709551615-18446744073709551615": "18446744073709551615-18446744073709551615",
		"": "", "-": "", "-5": "", "5-": "", "+5": "", "1-2-3": "", "x": "", "5 ": "", "0x1": "",
		"18446744073709551616": "",
	} {
		id, err := parseStreamID(text, 0)
		if (err != nil) != (want == "") || err == nil && id.String() != want {
			t.Errorf("%q is %s, %v; want %q", text, id, err, want)
		}
	}
	last := maxStreamID()
	if _, ok := last.next(); ok {
		t.Error("there is an id behind the last one")
	}
	if _, ok := (streamID{}).previous(); ok {
		t.Error("there is an id before the first one")
	}
	if id, _ := (streamID{5, 0}).previous(); id.String() != "4-18446744073709551615" {
		t.Errorf("before 5-0 is %s", id)
	}
	if id, _ := (streamID{5, last.seq}).next(); id.String() != "6-0" {
		t.Errorf("behind the last of 5 is %s", id)
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ fields, want string }{
		{`data|{"a":1}`, `{"a":1}`},
		{`data|1|data|`, `{"data":""}`},
		{`data|x|k|v`, `{"data":"x","k":"v"}`},
		{`b|1|10|x|2|y|b|2`, `{"2":"y","10":"x","b":"2"}`},
		{`01|a|4294967294|b|4294967295|c`, `{"4294967294":"b","01":"a","4294967295":"c"}`},
		{"data|\xff", `{"data":{"base64":"/w=="}}`},
		{"\xff|1", `{"` + "\ufffd" + `":"1"}`},
		{"data|\"\\ud800\"", `"\ud800"`},
		{"", `{}`},
	} {
		var fields [][]byte
		if c.fields != "" {
			for text := range strings.SplitSeq(c.fields, "|") {
				fields = append(fields, []byte(text))
			}
		}
		if got := decode(fields); string(got) != c.want {
			t.Errorf("%q is %s, want %s", c.fields, got, c.want)
		}
	}
	if text, err := Body("\"\xff\"").MarshalJSON(); err != nil || string(text) != `{"base64":"Iv8i"}` {
		t.Errorf("bytes are shown as %s, %v", text, err)
	}
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []LinkEvent
		b := backoff{report: func(e LinkEvent) { events = append(events, e) }}
		b.back() // nothing was lost
		for range 12 {
			if err := b.failed(t.Context(), io.EOF); err != nil {
				t.Fatal(err)
			}
		}
		b.back()
		for i, e := range events[:12] {
			most := min(firstPause<<i, soonPause)
			if e.Attempt != i || e.Retry < most/2 || e.Retry > most+1 {
				t.Errorf("event %d: %+v", i, e)
			}
		}
		end := events[12]
		if end.Err != nil || end.Down < 4*time.Second || len(events) != 13 {
			t.Errorf("%d events, the last %+v", len(events), end)
		}
		if most := longestPause(time.Hour); most != lastPause {
			t.Errorf("after an hour, %s pass between attempts", most)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(io.ErrClosedPipe)
		if err := b.failed(ctx, io.EOF); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("ended with %v", err)
		}
	})
}
