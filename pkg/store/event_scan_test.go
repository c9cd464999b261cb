package store

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// texts are JSON and what is nearly so.
func texts() []string {
	return []string{
		``, ` `, `null`, `true`, `fals`, `nul`, `0`, `-0`, `01`, `-`, `+1`, `1.`, `.5`, `1e`, `1e+`,
		`1E-9`, `1.5e+3`, `12345678901234567890`, `""`, `"a`, `"\u12g4"`, `"\ud83d"`, `"\x"`, `"\`,
		"\"\x1f\"", "\"\u007f\u2028\"", "\"a\xffb\"", `[]`, `[1,]`, `[,1]`, `[1 2]`, `[1,[2,{"a":[]}]]`,
		`{}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1,"a":2}`, `{a:1}`, `{"a":1}x`, `1 2`, " \t\r\n1\n",
		"\v1", "\ufeff1", `]`, `}`, `[}`, `{]`, `[[]`, `{"a":{"b":1}`, `NaN`, `"\"\\\/\b\f\n\r\t"`,
		`{"type":"a","data":1,"timestamp":"t"}`, `{"type":1,"data":{"x":[1,2]},"timestamp":null,"z":0}`,
		`{"data":1,"type":"a","timestamp":"t"}`, `{"\u0074ype":"a","data":1,"timestamp":"t"}`,
		`{"type":"a","data":1,"timestamp":"t","actor":{}}`, `{"\\type":"a","data":1,"timestamp":2}`,
		`{"type":"a","data":1,"timestamp":"t","scope":{},"actor":{}}`,
		`{ "type" : "a" , "data" : [ 1 ] , "timestamp" : "t" }`,
		strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
	}
}

// FuzzTextScan compares the scan with decoders that were written for more.
func FuzzTextScan(f *testing.F) {
	for _, text := range texts() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s textScan
		got := s.scan(text)
		if strings.Count(string(text), "[")+strings.Count(string(text), "{") > 9_000 {
			return // too deep for them
		}
		if want := Value(text).IsJSON(); got != want {
			t.Fatalf("%q is JSON: %t, want %t", text, got, want)
		}
		if !got {
			return
		}
		compact := jsontext.Value(text).Clone()
		if err := compact.Compact(asStored()...); err != nil {
			t.Fatal(err)
		}
		if mine := appendCompact(nil, text); string(mine) != string(compact) {
			t.Fatalf("%q is compacted to %q, want %q", text, mine, compact)
		}
		if !s.spaced && string(compact) != string(text) {
			t.Fatalf("white space in %q was overlooked", text)
		}
		sameMembers(t, text, &s)
	})
}

// sameMembers compares the members that the scan found with those that a map has.
func sameMembers(t *testing.T, text []byte, s *textScan) {
	t.Helper()
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || strings.Contains(string(text), `\u`) {
		return // no object, or names that encoding/json mends
	}
	for at, name := range []string{"type", "data", "timestamp", "scope", "actor"} {
		if string(members[name]) != string(s.envelope[at]) {
			t.Fatalf("%s of %q is %q, want %q", name, text, s.envelope[at], members[name])
		}
	}
}

func TestTextScanDepth(t *testing.T) {
	var s textScan
	deep := strings.Repeat(`{"a":[`, 1_000_000) + strings.Repeat(`]}`, 1_000_000)
	if !s.scan([]byte(deep)) || s.scan([]byte(deep[1:])) {
		t.Error("depth matters")
	}
}

func TestEventForms(t *testing.T) {
	const wrapped = `{"channel":"x","type":"x","data":`
	const at = `,"timestamp":"0001-01-01T00:00:00.000Z","wrapped":true`
	for payload, want := range map[string]string{
		`{"type":"a","data":{"b":1},"timestamp":"t"}`: `{"channel":"x",` +
			`"type":"a","data":{"b":1},"timestamp":"t"}`,
		`{"type":"a","data":1.0,"timestamp":"t","actor":{"key":"u","identifier":"1"}}`: `{"channel":"x",` +
			`"type":"a","data":1.0,"timestamp":"t","actor":{"key":"u","identifier":"1"}}`,
		// Not as the library writes it, but an envelope.
		`{"timestamp":1,"data":null,"type":null}`: `{"channel":"x",` +
			`"type":null,"data":null,"timestamp":1}`,
		"{ \"type\":\"a b\",\n\"data\":[1, 2],\"timestamp\":\"t\"}": `{"channel":"x",` +
			`"type":"a b","data":[1,2],"timestamp":"t"}`,
		`{"type":"a","channel":"forged","data":1,"timestamp":"t","z": 2}`: `{"channel":"x",` +
			`"type":"a","data":1,"timestamp":"t","extra":{"channel":"forged","z":2}}`,
		`{"type":"a","data":1,"data":2,"timestamp":"t"}`: `{"channel":"x",` +
			`"type":"a","data":2,"timestamp":"t"}`,
		// No envelope.
		` {"type":"a", "data":1}`: wrapped + `{"type":"a","data":1}` + at + `}`,
		`12345678901234567890`:    wrapped + `12345678901234567890` + at + `}`,
		`null`:                    wrapped + `null` + at + `}`,
		``:                        wrapped + `""` + at + `,"invalid":"json"}`,
		"say \"\u2028\"":          wrapped + `"say \"` + "\u2028" + `\""` + at + `,"invalid":"json"}`,
		"\xff":                    wrapped + `{"base64":"/w=="}` + at + `,"invalid":"utf-8"}`,
	} {
		e := Event{Channel: "x", Payload: []byte(payload)}
		e.read(&textScan{})
		got, err := e.AppendJSON(nil)
		if err != nil || string(got) != want || !json.Valid(got) {
			t.Errorf("%q becomes\n%s, %v; want\n%s", payload, got, err, want)
		}
	}
}
