package sub

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		``: nil, ` `: nil, `a`: {"a"}, ` a  b `: {"a", "b"}, `'a b' "c d"`: {"a b", "c d"},
		`a'b'"c"d`: {"abcd"}, `'' ""`: {"", ""}, `a\ b \'`: {"a b", "'"}, `"\"\\\n$x"`: {`"\\n$x`},
		`'\'`: {`\`}, "a\tb\nc": {"a", "b", "c"},
	} {
		if got, ok := split(text); !ok || !slices.Equal(got, want) {
			t.Errorf("%q is split into %q, %t; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{`'a`, `"a`, `a\`, `"a\"`} {
		if got, ok := split(text); ok {
			t.Errorf("%q is split into %q", text, got)
		}
	}
}
