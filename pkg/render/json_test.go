package render_test

import (
	jsonv1 "encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tenantstore/store/pkg/render"
)

// hostileJSON is valid JSON with everything that decoding and encoding it again
// would change, and with all the white space JSON has.
const hostileJSON = "{ \"z\" : 9007199254740993,\t\"a\":1.50,\r\n\"a\":1E+2, " +
	"\"<>&\":\"<b>&\u2028\u2029\",\"\\u0041\\/\\ud83d\\ude00\": -0, " +
	"\"big\":123456789012345678901234567890, \"\x7f\u0085\":[ ],\"o\":{ } }"

// compactJSON is hostileJSON without the white space.
const compactJSON = "{\"z\":9007199254740993,\"a\":1.50,\"a\":1E+2," +
	"\"<>&\":\"<b>&\u2028\u2029\",\"\\u0041\\/\\ud83d\\ude00\":-0," +
	"\"big\":123456789012345678901234567890,\"\x7f\u0085\":[],\"o\":{}}"

// written encodes itself.
type written string

func (w written) MarshalJSON() ([]byte, error) { return []byte(w), nil }

func TestJSONAsStored(t *testing.T) {
	want := `{"key":"k","value":` + compactJSON + "}\n"
	checkAsStored(t, "jsontext.Value", want, jsontext.Value(hostileJSON))
	checkAsStored(t, "encoding/json.RawMessage", want, jsonv1.RawMessage(hostileJSON))
	checkAsStored(t, "MarshalJSON", want, written(hostileJSON))
	checkAsStored[any](t, "any", want, jsontext.Value(hostileJSON))
	checkAsStored(t, "not UTF-8",
		"{\"key\":\"k\",\"value\":\"\xff\"}\n", jsontext.Value("\"\xff\""))
}

func checkAsStored[T any](t *testing.T, name, want string, value T) {
	t.Helper()
	type stored struct {
		Key   string `json:"key"`
		Value T      `json:"value"`
	}
	got := one(t, render.Options{Format: render.JSON}, stored{"k", value}, render.View[stored]{})
	if got != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

// TestJSONOnTerminal checks that what a person sees is the document a program
// reads: the same in every token, and without anything but printable text.
func TestJSONOnTerminal(t *testing.T) {
	for _, format := range []render.Format{render.JSON, render.JSONL} {
		shown := one(t, render.Options{Format: format, Terminal: true},
			jsontext.Value(hostileJSON), render.View[jsontext.Value]{})
		checkPrintable(t, shown)
		if got, want := tokens(t, shown), tokens(t, hostileJSON); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
}

// tokens returns what document consists of: strings unescaped, numbers as written.
func tokens(t *testing.T, document string) []any {
	t.Helper()
	var all []any
	d := jsonv1.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	for d.More() {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, token)
	}
	return all
}

// record has a field of each kind that needs care.
type record struct {
	Zulu   string            `json:"zulu"`
	Alpha  []string          `json:"alpha"`
	Labels map[string]string `json:"labels"`
	TTL    *int64            `json:"ttl"`
	Memory int64             `json:"memory,omitzero"`
	Error  *string           `json:"error,omitzero"`
	Any    any               `json:"any,omitzero"`
	Large  int64             `json:"large"`
	Binary []byte            `json:"binary,omitzero"`
}

func TestJSONFields(t *testing.T) {
	for _, test := range []struct {
		value record
		want  string
	}{
		{record{}, `{"zulu":"","alpha":[],"labels":{},"ttl":null,"large":0}`},
		{
			record{
				Zulu: "<a>&\u2028\"\\\n\x00", Alpha: []string{"a"}, Labels: map[string]string{"k": "v"},
				TTL: new(int64(5)), Memory: 1, Error: new("e"), Any: []any{1, "x"}, Large: 1<<63 - 1,
				Binary: []byte{0xff},
			},
			"{\"zulu\":\"<a>&\u2028\\\"\\\\\\n\\u0000\",\"alpha\":[\"a\"]," +
				"\"labels\":{\"k\":\"v\"},\"ttl\":5,\"memory\":1,\"error\":\"e\",\"any\":[1,\"x\"]," +
				"\"large\":9223372036854775807,\"binary\":\"/w==\"}",
		},
		{
			record{
				Zulu: "a\xff", Alpha: []string{"ok", "\xc3"}, Labels: map[string]string{"\xff": "\xfe"},
				Any: map[string]any{"k": "\x80"},
			},
			`{"zulu":{"base64":"Yf8="},"alpha":["ok",{"base64":"ww=="}],"labels":{"` + "\ufffd" +
				`":{"base64":"/g=="}},"ttl":null,"any":{"k":{"base64":"gA=="}},"large":0}`,
		},
	} {
		got := one(t, render.Options{Format: render.JSONL}, test.value, render.View[record]{})
		if got != test.want+"\n" {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
}

// TestJSONAfterFailure checks that a value which cannot be encoded prints nothing
// and spoils nothing.
func TestJSONAfterFailure(t *testing.T) {
	got, err := printed(t, render.Options{Format: render.JSONL}, func(p *render.Printer) error {
		view := render.View[jsontext.Value]{}
		if err := render.One(p, jsontext.Value(`{"a":1,`), view); err == nil {
			t.Error("what is not JSON was printed")
		}
		return render.One(p, jsontext.Value(`{"a":1}`), view)
	})
	if want := `{"a":1}` + "\n"; got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestJSONColours(t *testing.T) {
	o := render.Options{Format: render.JSONL, Terminal: true, Color: true}
	value := jsontext.Value(`{"a\":":null,"b":["null: \"x\":",null]}`)
	got := one(t, o, value, render.View[jsontext.Value]{})
	want := "{\x1b[34m\"a\\\":\"\x1b[0m:\x1b[2mnull\x1b[0m,\x1b[34m\"b\"\x1b[0m:" +
		"[\"null: \\\"x\\\":\",\x1b[2mnull\x1b[0m]}\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
