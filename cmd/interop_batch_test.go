package cmd

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestInteropBatch(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("they write", i.batchTheyWrite)
	t.Run("we write", i.batchWeWrite)
	t.Run("order", i.batchOrder)
	t.Run("bad TTL", i.batchBadTTL)
	t.Run("wrong type", i.batchWrongType)
	t.Run("large", i.batchLarge)
}

// batchTheyWrite reads with batch get what batch.set wrote.
func (i *interop) batchTheyWrite(t *testing.T) {
	i.clear(t)
	p := tenant("org_1")
	i.gives(t, "null", p, "batch.set", []options{
		{"key": "a", "value": options{"x": 1}},
		{"key": "b", "value": "text", "ttl": 3600},
		{"key": "c", "value": nil},
	})
	got := i.exits(t, exitNo, p, "batch", "get", "c", "a", "none", "b", "a", "-o", "json")
	const want = `[{"key":"c","found":true,"value":null},{"key":"a","found":true,"value":{"x":1}},` +
		`{"key":"none","found":false},{"key":"b","found":true,"value":"text"},` +
		`{"key":"a","found":true,"value":{"x":1}}]` + "\n"
	if got.out != want {
		t.Errorf("got  %swant %s", got.out, want)
	}
	i.gives(t, `[null,{"x":1},null,"text",{"x":1}]`, p,
		"batch.get", []string{"c", "a", "none", "b", "a"})
	shown := i.exits(t, exitDone, p, "kv", "ttl", "b").out
	if !within(strings.TrimSpace(shown), 3600) {
		t.Errorf("the TTL of b is %s", shown)
	}
	i.prints(t, "none\n", p, "kv", "ttl", "a")
}

// batchWeWrite reads with batch.get what batch set wrote.
func (i *interop) batchWeWrite(t *testing.T) {
	i.clear(t)
	const rows = `{"key":"a","value":{"x":1}}
{"key":"b","value":"text","ttl":3600}

{"ttl":null,"value":null,"key":"c"}
{"key":"d\n\u0000😀","value":[ 1, 2 ],"ttl":"2h"}
{"key":"","value":"<>&"}`
	got := i.feed(t, rows, api(), "batch", "set", "-f", "-", "-o", "json")
	if want := (answer{out: "{\"written\":5,\"failed\":0,\"errors\":[]}\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	i.gives(t, `[null,{"x":1},null,"text",[1,2],"<>&",{"x":1}]`, api(),
		"batch.get", []string{"c", "a", "none", "b", "d\n\x00😀", "", "a"})
	i.gives(t, "true", api(), "kv.exists", "c")
	for key, want := range map[string]int{"a": forever, "b": 3600, "c": forever, "d\n\x00😀": 7200} {
		i.lasts(t, key, want)
	}
}

// batchOrder writes one key twice. The library sends all entries without a TTL first,
// whatever their order; with us the last row stays.
func (i *interop) batchOrder(t *testing.T) {
	i.clear(t)
	for _, c := range []struct {
		name         string
		first, last  options
		theirs, ours string
	}{
		{
			"without TTL",
			options{"key": "k", "value": 1},
			options{"key": "k", "value": 2},
			"2", "2",
		},
		{
			"TTL last",
			options{"key": "k", "value": 1},
			options{"key": "k", "value": 2, "ttl": 3600},
			"2", "2",
		},
		{
			"TTL first",
			options{"key": "k", "value": 1, "ttl": 3600},
			options{"key": "k", "value": 2},
			"1", "2", // on purpose: what stands last in the input counts
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			i.clear(t)
			i.library(t, api(), "batch.set", []options{c.first, c.last})
			i.prints(t, c.theirs+"\n", api(), "kv", "get", "k")
			rows := fmt.Sprintf("%s\n%s\n", compact(t, c.first), compact(t, c.last))
			i.feed(t, rows, api(), "batch", "set", "-f", "-")
			i.gives(t, c.ours, api(), "kv.get", "k")
		})
	}
}

func compact(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// batchBadTTL gives one entry of two a TTL that Redis refuses. The library reports success
// and drops the entry; we report the row.
func (i *interop) batchBadTTL(t *testing.T) {
	i.clear(t)
	entries := []options{{"key": "bad", "value": 1, "ttl": -1}, {"key": "good", "value": 2}}
	i.gives(t, "null", api(), "batch.set", entries)
	i.gives(t, "[null,2]", api(), "batch.get", []string{"bad", "good"})

	i.clear(t)
	rows := fmt.Sprintf("%s\n%s\n", compact(t, entries[0]), compact(t, entries[1]))
	got := i.feed(t, rows, api(), "batch", "set", "-f", "-", "-o", "json")
	const want = `{"written":1,"failed":1,"errors":[{"line":1,"key":"bad",` +
		`"code":"STORE_TTL_INVALID","message":"the TTL must be longer than zero, not -1s"}]}` + "\n"
	if got.code != exitPartial || got.out != want {
		t.Errorf("got %+v, want %s", got, want)
	}
	i.gives(t, "[null,2]", api(), "batch.get", []string{"bad", "good"})
}

// batchWrongType writes over a list, which SET may, and reads beside one.
func (i *interop) batchWrongType(t *testing.T) {
	i.clear(t)
	i.putList(t, "igniter:store:api:kv:list")
	i.gives(t, "[null,null]", api(), "batch.get", []string{"list", "none"})
	got := i.exits(t, exitRefused, api(), "batch", "get", "list", "none", "-o", "jsonl")
	const want = `{"key":"list","found":true,"error":{"code":"STORE_GET_FAILED","message":` +
		`"batch get \"list\": WRONGTYPE Operation against a key holding the wrong kind of value"}}` +
		"\n{\"key\":\"none\",\"found\":false}\n"
	if got.out != want {
		t.Errorf("got %s, want %s", got.out, want)
	}
	i.prints(t, "1\n", api(), "batch", "set", "list=1", "-q")
	i.gives(t, "[1]", api(), "batch.get", []string{"list"})
}

// batchLarge carries more rows than one pipeline holds, both ways.
func (i *interop) batchLarge(t *testing.T) {
	i.clear(t)
	const n = 2500
	var rows, keys, values strings.Builder
	names, entries := make([]string, n), make([]options, n)
	for at := range n {
		names[at] = fmt.Sprint("k", at)
		entries[at] = options{"key": names[at], "value": at}
		fmt.Fprintf(&rows, "{\"key\":\"k%d\",\"value\":%d}\n", at, at)
		fmt.Fprintf(&keys, "k%d\n", at)
		fmt.Fprintf(&values, "%d\n", at)
	}
	want := "[" + strings.ReplaceAll(strings.TrimSpace(values.String()), "\n", ",") + "]"

	i.feed(t, rows.String(), api(), "batch", "set", "-f", "-")
	i.gives(t, want, api(), "batch.get", names)

	i.library(t, tenant("t"), "batch.set", entries)
	got := i.feed(t, keys.String(), tenant("t"), "batch", "get", "-f", "-", "-o", "raw")
	if got != (answer{out: values.String()}) {
		t.Errorf("got exit code %d and %d bytes: %s", got.code, len(got.out), got.err)
	}
	got = i.feed(t, keys.String(), tenant("t"), "batch", "remove", "-f", "-", "--yes", "-q")
	if got != (answer{out: "2500\n"}) {
		t.Errorf("got %+v", got)
	}
	i.gives(t, "false", tenant("t"), "kv.exists", "k0")
}
