package scan

import (
	"strconv"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

type column = render.Column[store.Item]

// view shows keys with as many columns as the flags ask for.
func (f *flags) view() render.View[store.Item] {
	name := func(i store.Item) string { return i.Key.Key }
	if f.fullKeys {
		name = func(i store.Item) string { return i.RedisKey }
	}
	view := render.View[store.Item]{
		Raw: func(dst []byte, i store.Item) []byte { return append(dst, name(i)...) },
	}
	for _, c := range []struct {
		shown  bool
		column column
	}{
		{f.allServices, column{Title: "SERVICE", Cell: service}},
		{f.allServices || f.recursive, column{Title: "SCOPES", Cell: scopes}},
		{f.namespace == "all", column{Title: "NAMESPACE", Cell: namespace}},
		{true, column{Title: "KEY", Cell: name}},
		{f.kind, column{Title: "TYPE", Cell: func(i store.Item) string { return i.Type }}},
		{f.ttl, column{Title: "TTL", Right: true, Cell: ttl}},
		{f.memory, column{Title: "MEMORY", Right: true, Cell: memory}},
		{f.values, column{Title: "VALUE", Cell: value}},
	} {
		if c.shown {
			view.Columns = append(view.Columns, c.column)
		}
	}
	return view
}

func service(i store.Item) string   { return i.Service }
func namespace(i store.Item) string { return string(i.Namespace) }

// scopes shows the chain of a key. One that can be read as another address too is
// marked.
func scopes(i store.Item) string {
	path := cli.ScopePath(i.Scopes)
	if i.Ambiguous {
		path += " (?)"
	}
	return path
}

func ttl(i store.Item) string {
	if i.TTL == nil {
		return ""
	}
	return i.TTL.String()
}

func memory(i store.Item) string {
	if i.Memory == nil {
		return ""
	}
	return strconv.FormatInt(*i.Memory, 10)
}

// value shows a value, or in parentheses why there is none.
func value(i store.Item) string {
	switch {
	case i.Err != nil:
		return "(" + i.Err.Error() + ")"
	case i.Value == nil:
		return "(not a string)"
	}
	return string(*i.Value)
}
