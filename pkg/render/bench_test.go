package render_test

import (
	"io"
	"iter"
	"testing"

	"github.com/tenantstore/store/pkg/render"
)

// keyRow is a row as a listing of keys has it.
type keyRow struct {
	Key       string       `json:"key"`
	Namespace string       `json:"namespace"`
	Service   string       `json:"service"`
	Scopes    []scopeField `json:"scopes"`
	RedisKey  string       `json:"redisKey"`
}

type scopeField struct {
	Key        string `json:"key"`
	Identifier string `json:"identifier"`
}

func keyView() render.View[keyRow] {
	return render.View[keyRow]{
		Columns: []render.Column[keyRow]{
			{Title: "KEY", Cell: func(r keyRow) string { return r.Key }},
			{Title: "NAMESPACE", Cell: func(r keyRow) string { return r.Namespace }},
			{Title: "SERVICE", Cell: func(r keyRow) string { return r.Service }},
		},
		Raw: func(dst []byte, r keyRow) []byte { return append(dst, r.Key...) },
	}
}

// rows yields n rows like those of a listing of keys.
func rows(n int, key string) iter.Seq2[keyRow, error] {
	r := keyRow{
		Key: key, Namespace: "kv", Service: "api",
		Scopes:   []scopeField{{Key: "organization", Identifier: "org_1"}},
		RedisKey: "igniter:store:api:organization:org_1:kv:" + key,
	}
	return func(yield func(keyRow, error) bool) {
		for range n {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// BenchmarkList prints one row per operation.
func BenchmarkList(b *testing.B) {
	for _, bench := range []struct {
		name, key string
		options   render.Options
	}{
		{"jsonl", "user:123456", render.Options{Format: render.JSONL}},
		{"jsonl binary", "user:\xff", render.Options{Format: render.JSONL}},
		{"jsonl jq", "user:123456", render.Options{Format: render.JSONL, JQ: ".key"}},
		{"jsonl terminal", "user:123456", render.Options{Format: render.JSONL, Terminal: true}},
		{"json", "user:123456", render.Options{Format: render.JSON}},
		{"raw", "user:123456", render.Options{Format: render.Raw}},
		{"raw follow", "user:123456", render.Options{Format: render.Raw, Follow: true}},
		{"table", "user:123456", render.Options{Format: render.Table}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			p, err := render.New(io.Discard, bench.options)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			if err := render.List(p, rows(b.N, bench.key), keyView()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
