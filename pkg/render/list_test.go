package render_test

import (
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/render"
)

func TestList(t *testing.T) {
	for _, test := range []struct {
		name    string
		options render.Options
		want    string
		none    string // what an empty list prints
	}{
		{"table", render.Options{}, "KEY   VALUE\na         7\nb\\nc    123\n", ""},
		{
			"table colour",
			render.Options{Color: true},
			"\x1b[1mKEY   VALUE\x1b[0m\na         7\nb\\nc    123\n", "",
		},
		{"raw", render.Options{Format: render.Raw}, "a\nb\nc\n", ""},
		{
			"json",
			render.Options{Format: render.JSON},
			`[{"key":"a","value":7},{"key":"b\nc","value":123}]` + "\n", "[]\n",
		},
		{
			"json terminal",
			render.Options{Format: render.JSON, Terminal: true},
			"[\n  {\n    \"key\": \"a\",\n    \"value\": 7\n  }," +
				"\n  {\n    \"key\": \"b\\nc\",\n    \"value\": 123\n  }\n]\n", "[]\n",
		},
		{
			"jsonl",
			render.Options{Format: render.JSONL},
			`{"key":"a","value":7}` + "\n" + `{"key":"b\nc","value":123}` + "\n", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := list(t, test.options, entryView(), entry{"a", 7}, entry{"b\nc", 123})
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := list(t, test.options, entryView()); got != test.none {
				t.Errorf("of none: got %q, want %q", got, test.none)
			}
		})
	}
}

func TestListWithoutColumns(t *testing.T) {
	view := render.View[string]{Text: func(s string) string { return s }}
	got := list(t, render.Options{}, view, "a", "b\nc")
	if want := "a\nb\\nc\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestListCutShort(t *testing.T) {
	for _, test := range []struct {
		options render.Options
		want    string
	}{
		{render.Options{}, "KEY  VALUE\na        7\n"},
		{render.Options{Format: render.Raw}, "a\n"},
		{render.Options{Format: render.JSONL}, `{"key":"a","value":7}` + "\n"},
		{render.Options{Format: render.JSON}, `[{"key":"a","value":7}`},
		{
			render.Options{Format: render.JSON, Terminal: true},
			"[\n  {\n    \"key\": \"a\",\n    \"value\": 7\n  }\n",
		},
		{render.Options{Format: render.JSON, JQ: "length"}, ""},
		{render.Options{Format: render.JSONL, JQ: ".key"}, "a\n"},
	} {
		var out strings.Builder
		p, err := render.New(&out, test.options)
		if err != nil {
			t.Fatal(err)
		}
		err = render.List(p, sequence(errBroken, entry{"a", 7}), entryView())
		if err != errBroken {
			t.Errorf("%+v: error %v", test.options, err)
		}
		if got := out.String(); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.options, got, test.want)
		}
	}
}

// TestListFailsAtOnce checks that a list that fails before its first row leaves
// no trace.
func TestListFailsAtOnce(t *testing.T) {
	for _, format := range []render.Format{render.Table, render.JSON, render.JSONL, render.Raw} {
		got, err := printed(t, render.Options{Format: format}, func(p *render.Printer) error {
			return render.List(p, sequence[entry](errBroken), entryView())
		})
		if got != "" || err != errBroken {
			t.Errorf("%s: got %q, %v", format, got, err)
		}
	}
}

func TestFollow(t *testing.T) {
	for _, test := range []struct {
		format render.Format
		want   string
	}{
		{render.Table, "KEY  VALUE\na        7\n"},
		{render.Raw, "a\n"},
		{render.JSONL, `{"key":"a","value":7}` + "\n"},
	} {
		var out strings.Builder
		p, err := render.New(&out, render.Options{Format: test.format, Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		rows := func(yield func(entry, error) bool) {
			yield(entry{"a", 7}, nil)
			if got := out.String(); got != test.want {
				t.Errorf("%s: got %q, want %q before the list ended", test.format, got, test.want)
			}
		}
		if err := render.List(p, rows, entryView()); err != nil {
			t.Fatal(err)
		}
	}
}
