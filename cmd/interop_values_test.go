package cmd

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestInteropValues(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("written", i.valuesWritten)
	t.Run("text written", i.textWritten)
	t.Run("refused", i.valuesRefused)
	t.Run("read", i.valuesRead)
	t.Run("null is not missing", i.nullIsNotMissing)
	t.Run("other types", i.otherTypes)
}

// written is a JSON text as the user gives it, the bytes we store for it, and those
// the library does, which are also what an app reads in ours: JSON.stringify of the
// value. A column that is empty is the same as the one before it; where both are, the
// text is canonical and nobody can tell who wrote it.
type written struct {
	name, given, ours, theirs string
}

func canonicalTexts() []written {
	return []written{
		{name: "true", given: "true"},
		{name: "false", given: "false"},
		{name: "null", given: "null"},
		{name: "zero", given: "0"},
		{name: "negative number", given: "-5"},
		{name: "fraction", given: "1.5"},
		{name: "largest exact integer", given: "9007199254740991"},
		{name: "exponent", given: "1e+21"},
		{name: "negative exponent", given: "1e-7"},
		{name: "smallest number", given: "5e-324"},
		{name: "largest number", given: "1.7976931348623157e+308"},
		{name: "empty string", given: `""`},
		{name: "string", given: `"text"`},
		{name: "number in a string", given: `"42"`},
		{name: "object in a string", given: `"{\"a\":1}"`},
		{name: "quote and backslash", given: `"\"\\/"`},
		{name: "short escapes", given: `"\b\f\n\r\t"`},
		{name: "other control characters", given: `"\u0000\u000b\u001f"`},
		{name: "HTML", given: `"<a href='x'>&amp;</a>"`},
		{name: "line separators", given: "\"\u2028\u2029\""},
		{name: "characters that look like none", given: "\"\u007f\u0080\u009f\ufeff\ufffe\uffff\""},
		{name: "beyond the first plane", given: `"日本é😀"`},
		{name: "lone surrogate", given: `"\ud83d"`},
		{name: "surrogates the wrong way round", given: `"\ude00\ud83d"`},
		{name: "lone surrogate before a pair", given: `"\ud83d😀"`},
		{name: "lone surrogate in a name", given: `{"\udc00":1}`},
		{name: "empty array", given: "[]"},
		{name: "empty object", given: "{}"},
		{name: "array", given: `[1,"a",null,[true,{}]]`},
		{name: "order of members", given: `{"z":1,"a":2,"m":{"y":1,"b":2}}`},
		{name: "empty name", given: `{"":1}`},
		{name: "name with HTML and a separator", given: "{\"<&>\u2028\":1}"},
		{name: "index names in order", given: `{"1":1,"2":2,"a":3}`},
		{name: "largest index name", given: `{"4294967294":1,"a":2}`},
		{name: "just no index name", given: `{"a":1,"4294967295":2}`},
		{name: "names that are nearly indexes", given: `{"b":1,"01":2,"-1":3,"1.5":4}`},
		{name: "__proto__", given: `{"__proto__":{"x":1},"constructor":2}`},
		{name: "deep", given: strings.Repeat("[", 1000) + strings.Repeat("]", 1000)},
		{name: "long", given: `"` + strings.Repeat("x", 1<<20) + `"`},
	}
}

// otherTexts are what JavaScript cannot keep as it is, or would write differently.
func otherTexts() []written {
	return []written{
		{"white space", " { \"a\" :\t[ 1 , 2 ]\r, \"b c\" : \" \" } ", `{"a":[1,2],"b c":" "}`, ""},
		{"white space around", "\t 1 ", "1", ""},
		{"repeated member", `{"a":1,"b":2,"a":3}`, "", `{"a":3,"b":2}`},
		{"index names first", `{"b":1,"10":"x","2":"y","a":2}`, "", `{"2":"y","10":"x","b":1,"a":2}`},
		{"largest index name moves", `{"a":2,"4294967294":1}`, "", `{"4294967294":1,"a":2}`},
		{"1.0", "1.0", "", "1"},
		{"1E2", "1E2", "", "100"},
		{"1.50", "1.50", "", "1.5"},
		{"-0", "-0", "", "0"},
		{"-0.0", "-0.0", "", "0"},
		{"1e20", "1e20", "", "100000000000000000000"},
		{"1e21", "1e21", "", "1e+21"},
		{"1e-6", "1e-6", "", "0.000001"},
		{"beyond exact integers", "9007199254740993", "", "9007199254740992"},
		{"largest int64", "9223372036854775807", "", "9223372036854776000"},
		{
			"thirty digits", "123456789012345678901234567890", "",
			"1.2345678901234568e+29",
		},
		{"more digits than a number has", "0.1000000000000000055511151231257827", "", "0.1"},
		{"too large a number", "1e400", "", "null"},
		{"too large, negative and nested", `{"a":[-1e400]}`, "", `{"a":[null]}`},
		{"too small a number", "1e-400", "", "0"},
		{"escapes that need none", `"\u0041\/\u00e9"`, "", `"A/é"`},
		{"escaped pair", `"\ud83d\ude00"`, "", `"😀"`},
		{"escaped HTML", `"\u003c\u003e\u0026"`, "", `"<>&"`},
		{"escaped separators", `"\u2028\u2029"`, "", "\"\u2028\u2029\""},
		{"upper-case surrogate", `"\uD83D"`, "", `"\ud83d"`},
		{"two high surrogates and a low one", `"\ud83d\ud83d\ude00"`, "", `"\ud83d😀"`},
		{"upper-case control character", `"\u001F\u000A"`, "", `"\u001f\n"`},
		{"same name, spelled twice", `{"\u0061":1,"a":2}`, "", `{"a":2}`},
	}
}

func (i *interop) valuesWritten(t *testing.T) {
	i.clear(t)
	for _, w := range append(canonicalTexts(), otherTexts()...) {
		if w.ours == "" {
			w.ours = w.given
		}
		if w.theirs == "" {
			w.theirs = w.ours
		}
		t.Run(w.name, func(t *testing.T) {
			i.clear(t)
			i.library(t, api(), "kv.set", "theirs", json.RawMessage(w.given))
			i.holds(t, "igniter:store:api:kv:theirs", w.theirs)
			i.prints(t, w.theirs, api(), "kv", "get", "theirs", "-o", "raw")

			i.exits(t, exitDone, api(), "kv", "set", "--", "ours", w.given)
			row := `{"key":"row","value":` + w.given + "}\n"
			if got := i.feed(t, row, api(), "batch", "set", "-q", "-f", "-"); got.out != "1\n" {
				t.Errorf("batch set: %+v", got)
			}
			for _, key := range []string{"ours", "row"} {
				i.holds(t, "igniter:store:api:kv:"+key, w.ours)
				i.gives(t, w.theirs, api(), "kv.get", key)
			}
			i.gives(t, "["+w.theirs+","+w.theirs+"]", api(), "batch.get", []string{"ours", "row"})
		})
	}
}

// textWritten compares kv set --string with what the library stores for a string.
func (i *interop) textWritten(t *testing.T) {
	i.clear(t)
	for text, want := range map[string]string{
		"":                    `""`,
		"hello":               `"hello"`,
		"  42 ":               `"  42 "`,
		`say "hi" \o/`:        `"say \"hi\" \\o/"`,
		"a\tb\nc\r\b\f":       `"a\tb\nc\r\b\f"`,
		"\x00\x0b\x1b\x1f":    `"\u0000\u000b\u001b\u001f"`,
		"\x7f\u0080\u2028":    "\"\x7f\u0080\u2028\"",
		"<script>&'</script>": `"<script>&'</script>"`,
		"日本é😀\ufffd":          `"日本é😀` + "\ufffd\"",
	} {
		i.library(t, api(), "kv.set", "theirs", text)
		i.holds(t, "igniter:store:api:kv:theirs", want)
		i.exits(t, exitDone, api(), "kv", "set", "--string", "--", "ours", text)
		i.holds(t, "igniter:store:api:kv:ours", want)
	}
}

// valuesRefused shows what is no JSON and therefore never stored.
func (i *interop) valuesRefused(t *testing.T) {
	i.clear(t)
	for _, text := range []string{
		"", "hello", "undefined", "NaN", "TRUE", "01", "+1", ".5", "1.", "0x10", "1_000",
		"{'a':1}", "[1,]", `{"a":1}x`, "1 2", `"abc`, "\"a\tb\"", `"\x41"`, `"\ud83"`,
		"\v1", "\f1", "\u00a01", "\ufeff1", "\"\xff\"",
	} {
		got := i.exits(t, exitUsage, api(), "kv", "set", "--", "k", text)
		if got.out != "" || got.err == "" {
			t.Errorf("%q: %+v", text, got)
		}
	}
	i.gives(t, "false", api(), "kv.exists", "k")
}

// found is what stands in Redis, put there by neither side, and what each of them
// makes of it. Where they differ, why says what for.
type found struct {
	name, stored, theirs, ours, why string
}

const (
	asStored  = "values are passed on as they are stored"
	noUnicode = "bytes that are not UTF-8 are not replaced"
)

func foundValues() []found {
	return []found{
		{"text", "hello", `"hello"`, `"hello"`, ""},
		{"undefined", "undefined", `"undefined"`, `"undefined"`, ""},
		{"NaN", "NaN", `"NaN"`, `"NaN"`, ""},
		{"capitals", "TRUE", `"TRUE"`, `"TRUE"`, ""},
		{"leading zero", "01", `"01"`, `"01"`, ""},
		{"plus sign", "+1", `"+1"`, `"+1"`, ""},
		{"no digit before the point", ".5", `".5"`, `".5"`, ""},
		{"no digit behind the point", "1.", `"1."`, `"1."`, ""},
		{"hexadecimal", "0x10", `"0x10"`, `"0x10"`, ""},
		{"underscore", "1_000", `"1_000"`, `"1_000"`, ""},
		{"single quotes", "{'a':1}", `"{'a':1}"`, `"{'a':1}"`, ""},
		{"comma at the end", "[1,]", `"[1,]"`, `"[1,]"`, ""},
		{"something behind", `{"a":1}x`, `"{\"a\":1}x"`, `"{\"a\":1}x"`, ""},
		{"two values", "1 2", `"1 2"`, `"1 2"`, ""},
		{"open string", `"abc`, `"\"abc"`, `"\"abc"`, ""},
		{"comment", "// c\n1", `"// c\n1"`, `"// c\n1"`, ""},
		{"empty", "", `""`, `""`, ""},
		{"blank", "  ", `"  "`, `"  "`, ""},
		{"raw tab in a string", "\"a\tb\"", `"\"a\tb\""`, `"\"a\tb\""`, ""},
		{"raw NUL", "a\x00b", `"a\u0000b"`, `"a\u0000b"`, ""},
		{"vertical tab", "\v1", `"\u000b1"`, `"\u000b1"`, ""},
		{"form feed", "\f1", `"\f1"`, `"\f1"`, ""},
		{"no-break space", "\u00a01", "\"\u00a01\"", "\"\u00a01\"", ""},
		{"byte order mark", "\ufeff1", "\"\ufeff1\"", "\"\ufeff1\"", ""},
		{"bad escape", `"\x41"`, `"\"\\x41\""`, `"\"\\x41\""`, ""},
		{"separator in text", "a\u2028b", "\"a\u2028b\"", "\"a\u2028b\"", ""},
		{"HTML in text", "<>&", `"<>&"`, `"<>&"`, ""},
		{"white space around", " 1 ", "1", "1", ""},
		{"all white space of JSON", "\t\r\n1\n", "1", "1", ""},
		{"white space inside", "{ \"a\" : 1 }\n", `{"a":1}`, `{"a":1}`, ""},
		{"null", "null", "null", "null", ""},
		{"lone surrogate", `"\ud83d"`, `"\ud83d"`, `"\ud83d"`, ""},
		{"separator", "\"\u2028\"", "\"\u2028\"", "\"\u2028\"", ""},
		{"HTML", `"<>&"`, `"<>&"`, `"<>&"`, ""},

		{"needless fraction", "1.0", "1", "1.0", asStored},
		{"exponent", "1E+2", "100", "1E+2", asStored},
		{"negative zero", "-0", "0", "-0", asStored},
		{
			"large integer", "12345678901234567890", "12345678901234567000",
			"12345678901234567890", asStored,
		},
		{"too large a number", "1e999", "null", "1e999", asStored}, // Infinity in JavaScript
		{"repeated member", `{"a":1,"b":0,"a":2}`, `{"a":2,"b":0}`, `{"a":1,"b":0,"a":2}`, asStored},
		{"index names", `{"b":1,"2":2,"1":3}`, `{"1":3,"2":2,"b":1}`, `{"b":1,"2":2,"1":3}`, asStored},
		{"needless escape", `"\u0041\/"`, `"A/"`, `"\u0041\/"`, asStored},
		{"upper-case escape", `"\uD83D"`, `"\ud83d"`, `"\uD83D"`, asStored},

		{"one byte", "\xff", "\"\ufffd\"", `{"base64":"/w=="}`, noUnicode},
		{"half a character", "\xe2\x82", "\"\ufffd\"", `{"base64":"4oI="}`, noUnicode},
		{"overlong", "\xc0\xaf", "\"\ufffd\ufffd\"", `{"base64":"wK8="}`, noUnicode},
		{"encoded surrogate", "\xed\xa0\x80", "\"\ufffd\ufffd\ufffd\"", `{"base64":"7aCA"}`, noUnicode},
		{
			"beyond Unicode", "\xf4\x90\x80\x80", "\"\ufffd\ufffd\ufffd\ufffd\"",
			`{"base64":"9JCAgA=="}`, noUnicode,
		},
		{"in a JSON string", "\"a\xffb\"", "\"a\ufffdb\"", `{"base64":"ImH/YiI="}`, noUnicode},
	}
}

func (i *interop) valuesRead(t *testing.T) {
	i.clear(t)
	for _, f := range foundValues() {
		t.Run(f.name, func(t *testing.T) {
			if same := f.theirs == f.ours; same != (f.why == "") {
				t.Fatalf("the reason is %q", f.why)
			}
			i.clear(t)
			i.put(t, "igniter:store:api:kv:k", f.stored)
			i.gives(t, f.theirs, api(), "kv.get", "k")
			i.gives(t, "["+f.theirs+"]", api(), "batch.get", []string{"k"})

			entry := `{"key":"k","found":true,"value":` + f.ours
			i.prints(t, f.stored, api(), "kv", "get", "k", "-o", "raw")
			i.prints(t, entry+",\"ttl\":null}\n", api(), "kv", "get", "k", "-o", "json")
			i.prints(t, "["+entry+"}]\n", api(), "batch", "get", "k", "-o", "json")
			i.prints(t, entry+"}\n"+entry+"}\n", api(), "batch", "get", "k", "k", "-o", "jsonl")
			i.prints(t, `{"key":"k","namespace":"kv","service":"api","scopes":[],`+
				`"redisKey":"igniter:store:api:kv:k","value":`+f.ours+"}\n",
				api(), "scan", "--values", "-o", "jsonl")
		})
	}
}

// nullIsNotMissing shows that the library cannot tell a stored null from a missing key
// except by kv.exists, and that we can.
func (i *interop) nullIsNotMissing(t *testing.T) {
	i.clear(t)
	i.library(t, api(), "kv.set", "null", nil)
	i.gives(t, "null", api(), "kv.get", "null")
	i.gives(t, "null", api(), "kv.get", "missing")
	i.gives(t, "[null,null]", api(), "batch.get", []string{"null", "missing"})

	i.prints(t, "null\n", api(), "kv", "get", "null")
	i.prints(t, "{\"key\":\"null\",\"found\":true,\"value\":null,\"ttl\":null}\n",
		api(), "kv", "get", "null", "-o", "json")
	got := i.exits(t, exitNo, api(), "kv", "get", "missing", "-o", "json")
	if want := "{\"key\":\"missing\",\"found\":false}\n"; got.out != want {
		t.Errorf("got %q, want %q", got.out, want)
	}
	got = i.exits(t, exitNo, api(), "batch", "get", "null", "missing", "-o", "json")
	want := `[{"key":"null","found":true,"value":null},{"key":"missing","found":false}]` + "\n"
	if got.out != want {
		t.Errorf("got %q, want %q", got.out, want)
	}
}

// otherTypes shows a list where a value should be. The library throws in kv.get and calls
// it null in batch.get; we report it everywhere.
func (i *interop) otherTypes(t *testing.T) {
	i.clear(t)
	const reply = "WRONGTYPE Operation against a key holding the wrong kind of value"
	i.putList(t, "igniter:store:api:kv:list")
	i.library(t, api(), "kv.set", "k", 1)
	if thrown := i.throws(t, api(), "kv.get", "list"); thrown.Message != reply {
		t.Errorf("the library throws %q", thrown.Message)
	}
	i.gives(t, "[1,null]", api(), "batch.get", []string{"k", "list"})

	got := i.exits(t, exitRefused, api(), "kv", "get", "list", "-o", "json")
	want := `{"error":{"code":"STORE_GET_FAILED","message":"kv get \"list\": ` + reply + `",`
	if !strings.HasPrefix(got.err, want) || got.out != "" {
		t.Errorf("got %+v, want %s", got, want)
	}
	got = i.exits(t, exitPartial, api(), "batch", "get", "k", "list", "-o", "json")
	want = `[{"key":"k","found":true,"value":1},{"key":"list","found":true,"error":` +
		`{"code":"STORE_GET_FAILED","message":"batch get \"list\": ` + reply + `"}}]` + "\n"
	if got.out != want {
		t.Errorf("got %+v, want %s", got, want)
	}
	got = i.exits(t, exitPartial, api(), "scan", "--values", "-o", "jsonl", "list")
	want = `{"key":"list","namespace":"kv","service":"api","scopes":[],` +
		`"redisKey":"igniter:store:api:kv:list","error":{"code":"STORE_GET_FAILED","message":"` +
		reply + "\"}}\n"
	if got.out != want {
		t.Errorf("got %+v, want %s", got, want)
	}
}
