package render_test

import (
	"testing"

	"github.com/tenantstore/store/pkg/render"
)

func TestTree(t *testing.T) {
	root := render.Node{Name: "kv", Count: 5, Children: []render.Node{
		{Name: "user", Count: 3, Children: []render.Node{
			{Name: "1\n└── 2", Count: 2},
			{Name: "\x1b[2J", Count: 1},
		}},
		{Name: "order", Count: 2, Children: []render.Node{{Name: "9", Count: 2}}},
	}}
	drawn := `kv  5
├── user  3
│   ├── 1\n└── 2  2
│   └── \x1b[2J  1
└── order  2
    └── 9  2
`
	document := `{"name":"kv","count":5,"children":[{"name":"user","count":3,"children":[` +
		`{"name":"1\n└── 2","count":2},{"name":"\u001b[2J","count":1}]},` +
		`{"name":"order","count":2,"children":[{"name":"9","count":2}]}]}` + "\n"
	for format, want := range map[render.Format]string{
		render.Table: drawn, render.Raw: drawn, render.JSON: document, render.JSONL: document,
	} {
		got, err := printed(t, render.Options{Format: format}, func(p *render.Printer) error {
			return render.Tree(p, root)
		})
		if got != want || err != nil {
			t.Errorf("%s: got\n%s%v\nwant\n%s", format, got, err, want)
		}
	}
}

func TestTreeColour(t *testing.T) {
	got, err := printed(t, render.Options{Color: true}, func(p *render.Printer) error {
		return render.Tree(p, render.Node{Name: "kv", Count: 5})
	})
	if want := "kv\x1b[2m  5\x1b[0m\n"; got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
