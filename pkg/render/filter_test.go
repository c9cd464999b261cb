package render_test

import (
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tenantstore/store/pkg/render"
)

func TestJQ(t *testing.T) {
	json, jsonl := render.Options{Format: render.JSON}, render.Options{Format: render.JSONL}
	shown := render.Options{Format: render.JSON, Terminal: true}
	for _, test := range []struct {
		options render.Options
		jq      string
		one     string // printed of the first value
		list    string // printed of both
	}{
		{
			json, ".", `{"key":"a","value":7}` + "\n",
			`[{"key":"a","value":7},{"key":"b","value":8}]` + "\n",
		},
		{json, "length", "2\n", "2\n"},
		{json, `.key? // "none"`, "a\n", "none\n"},
		{json, `.[0]?.key`, "", "a\n"},
		{json, "empty", "", ""},
		{json, "null, true, 1.5", "null\ntrue\n1.5\n", "null\ntrue\n1.5\n"},
		{json, "1, halt, 2", "1\n", "1\n"},
		{jsonl, ".key", "a\n", "a\nb\n"},
		{jsonl, "[.key]", `["a"]` + "\n", `["a"]` + "\n" + `["b"]` + "\n"},
		{jsonl, ".value, halt", "7\n", "7\n"},
		{jsonl, `"<>&\u2028\n"`, "<>&\u2028\n\n", "<>&\u2028\n\n<>&\u2028\n\n"},
		{jsonl, `["<>&\u2028"]`, "[\"<>&\u2028\"]\n", "[\"<>&\u2028\"]\n[\"<>&\u2028\"]\n"},
		{
			shown, `["\u202e"], "\u202e\u001b"`, "[\n  \"\\u202e\"\n]\n\\u202e\\x1b\n",
			"[\n  \"\\u202e\"\n]\n\\u202e\\x1b\n",
		},
		{render.Options{}, "length", "2\n", "2\n"},
		{render.Options{Format: render.Raw}, "length", "2\n", "2\n"},
	} {
		o := test.options
		o.JQ = test.jq
		if got := one(t, o, entry{"a", 7}, entryView()); got != test.one {
			t.Errorf("%s of one as %s: got %q, want %q", test.jq, o.Format, got, test.one)
		}
		got := list(t, o, entryView(), entry{"a", 7}, entry{"b", 8})
		if got != test.list {
			t.Errorf("%s of a list as %s: got %q, want %q", test.jq, o.Format, got, test.list)
		}
	}
}

func TestJQFormat(t *testing.T) {
	for format, want := range map[render.Format]render.Format{
		"": render.JSON, render.Table: render.JSON, render.Raw: render.JSON,
		render.JSON: render.JSON, render.JSONL: render.JSONL,
	} {
		p, err := render.New(nil, render.Options{Format: format, JQ: "."})
		if err != nil || p.Format() != want {
			t.Errorf("%q: got %q, %v, want %q", format, p.Format(), err, want)
		}
	}
}

func TestJQKeepsNumbers(t *testing.T) {
	o := render.Options{Format: render.JSONL, JQ: "., .n, [.f]"}
	value := jsontext.Value(`{"n":123456789012345678901234567890,"f":1.50}`)
	got := one(t, o, value, render.View[jsontext.Value]{})
	want := `{"f":1.50,"n":123456789012345678901234567890}` + "\n" +
		"123456789012345678901234567890\n[1.50]\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	o.JQ = ".n + 1"
	got = one(t, o, value, render.View[jsontext.Value]{})
	if want := "123456789012345678901234567891\n"; got != want {
		t.Errorf("sum: got %q", got)
	}
}

func TestJQReadsEveryKind(t *testing.T) {
	o := render.Options{Format: render.JSONL, JQ: "."}
	value := jsontext.Value(`{"a":1,"b":[true,false,null,"\u00e9",[],{}],"a":{"c":-0}}`)
	got := one(t, o, value, render.View[jsontext.Value]{})
	if want := `{"a":{"c":-0},"b":[true,false,null,"é",[],{}]}` + "\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJQEmptyList(t *testing.T) {
	if got := list(t, render.Options{Format: render.JSON, JQ: "."}, entryView()); got != "[]\n" {
		t.Errorf("got %q", got)
	}
}

func TestJQInvalid(t *testing.T) {
	for _, expression := range []string{".[", "nosuch", "$x", "input", `import "a" as a; .`} {
		_, err := render.New(nil, render.Options{JQ: expression})
		failure, ok := errors.AsType[*render.FilterError](err)
		if !ok || failure.Expression != expression || failure.Unwrap() == nil {
			t.Errorf("%s: got %#v", expression, err)
		}
	}
	_, err := render.New(nil, render.Options{JQ: ".["})
	if want := `jq ".[": unexpected EOF`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestJQFails(t *testing.T) {
	for _, test := range []struct{ jq, printed, message string }{
		{".key.x", "", `jq ".key.x": expected an object but got: string ("a")`},
		{`.value, error("no")`, "7\n", `jq ".value, error(\"no\")": error: no`},
		{`"no" | halt_error`, "", `jq "\"no\" | halt_error": halt error: no`},
	} {
		o := render.Options{Format: render.JSONL, JQ: test.jq}
		got, err := printed(t, o, func(p *render.Printer) error {
			return render.List(p, sequence(nil, entry{"a", 7}, entry{"b", 8}), entryView())
		})
		if _, ok := errors.AsType[*render.FilterError](err); !ok || err.Error() != test.message {
			t.Errorf("%s: got %v, want %s", test.jq, err, test.message)
		}
		if got != test.printed {
			t.Errorf("%s: printed %q, want %q", test.jq, got, test.printed)
		}
	}
}

// TestJQSeesNoSecrets checks that expressions cannot read the environment.
func TestJQSeesNoSecrets(t *testing.T) {
	t.Setenv("STORE_PASSWORD", "secret")
	got := one(t, render.Options{JQ: "env, $ENV"}, entry{}, entryView())
	if want := "{}\n{}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
