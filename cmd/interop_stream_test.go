package cmd

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestInteropStream(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("append", i.streamAppend)
	t.Run("range", i.streamRange)
	t.Run("foreign fields", i.streamForeign)
	t.Run("groups", i.streamGroups)
	t.Run("shared group", i.streamShared)
	t.Run("commands", i.streamCommands)
}

const hostileStream = "igniter:store:api:organization:a:b*c \"d\"\n:streams:"

// messages are JSON texts that both sides store with the same bytes.
func messages() []string {
	return []string{
		`{"b":1,"a":[true,null,"<é>&"]}`, `"text"`, `""`, `0`, `-1.5`, `null`, `false`, `[]`, `{}`,
		`"😀 \u2028` + "\u2028" + `\u0000"`, `{"data":{"data":1}}`,
	}
}

// streamAppend has both sides append the same messages: field and bytes are the same.
func (i *interop) streamAppend(t *testing.T) {
	i.clear(t)
	for _, text := range messages() {
		i.library(t, hostile(), "streams.append", "theirs", json.RawMessage(text))
		i.exits(t, exitDone, hostile(), "stream", "append", "ours", "--", text)
	}
	got := i.feed(t, strings.Join(messages(), "\n"), hostile(), "stream", "append", "piped", "-f", "-")
	if got.code != exitDone {
		t.Errorf("append -f: %+v", got)
	}
	theirs := i.streamFields(t, "theirs")
	for _, ours := range [][]string{i.streamFields(t, "ours"), i.streamFields(t, "piped")} {
		for n, text := range messages() {
			if strings.Contains(text, `\u2028`) {
				continue // JavaScript writes these characters as they are; we keep what is given
			}
			if len(ours) <= n || len(theirs) <= n || ours[n] != theirs[n] {
				t.Errorf("%s is stored by us as %q, by the library as %q", text, ours, theirs)
			}
		}
	}
	want := bodies(t, i.library(t, hostile(), "streams.range", "theirs"))
	for _, name := range []string{"ours", "piped"} {
		if got := bodies(t, i.library(t, hostile(), "streams.range", name)); got != want {
			t.Errorf("the library reads\n%s\nwant\n%s", got, want)
		}
	}
}

// streamFields returns names and values of the entries of a stream.
func (i *interop) streamFields(t *testing.T, stream string) []string {
	t.Helper()
	reply, err := i.redis.(*redis.Client).Do(t.Context(),
		"XRANGE", hostileStream+stream, "-", "+").Slice()
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, entry := range reply {
		line, err := json.Marshal(entry.([]any)[1])
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, string(line))
	}
	return fields
}

// bodies returns the messages of a listing of either side, one JSON text a line.
func bodies(t *testing.T, listing string) string {
	t.Helper()
	var list []struct {
		ID      string          `json:"id"`
		Message json.RawMessage `json:"message"`
	}
	if err := json.Unmarshal([]byte(listing), &list); err != nil {
		t.Fatalf("%v in %q", err, listing)
	}
	var lines []string
	for _, m := range list {
		lines = append(lines, string(m.Message))
	}
	return strings.Join(lines, "\n")
}

// agree compares what both sides read in a stream.
func (i *interop) agree(t *testing.T, library, ours string) {
	t.Helper()
	if theirs, own := bodies(t, library), bodies(t, ours); theirs != own {
		t.Errorf("the library reads\n%s\nwe read\n%s", theirs, own)
	}
}

// streamRange reads what either side has written, with the same options.
func (i *interop) streamRange(t *testing.T) {
	i.clear(t)
	for n := range 5 {
		i.library(t, hostile(), "streams.append", "s", n)
		i.exits(t, exitDone, hostile(), "stream", "append", "s", `{"n":true}`)
	}
	for _, c := range []struct {
		theirs options
		ours   []string
	}{
		{options{}, nil},
		{options{"count": 3}, line("--count", "3")},
		{options{"reverse": true}, line("--reverse")},
		{options{"reverse": true, "count": 2}, line("--reverse", "--count", "2")},
		{options{"startId": "(0-1", "endId": "+"}, line("--start", "(0-1", "--end", "+")},
		{options{"startId": "0", "endId": "1"}, line("--start", "0", "--end", "1")},
	} {
		args := append(line("stream", "range", "s", "-o", "json"), c.ours...)
		i.agree(t, i.library(t, hostile(), "streams.range", "s", c.theirs),
			i.exits(t, exitDone, hostile(), args...).out)
	}
	i.gives(t, "[]", hostile(), "streams.range", "nope")
	i.exits(t, exitNo, hostile(), "stream", "range", "nope")
}

// streamForeign reads entries that neither side writes.
func (i *interop) streamForeign(t *testing.T) {
	i.clear(t)
	for _, fields := range [][]any{
		{"field", "v", "other", `{"x":1}`},
		{"data", "not json", "k", "v"},
		{"data", `{"ok":1}`, "extra", "dropped"},
		{"data", ""},
		{"data", "null"},
		{"data", " 1 "},
		{"data", "1", "data", "2"},
		{"data", "1", "data", ""},
		{"data", "{", "data", "2"},
		{"DATA", "1"},
		{"b", "1", "10", "x", "2", "y", "a", "2", "01", "3", "-1", "4", "b", "last"},
		{"4294967294", "index", "x", "1", "4294967295", "no index", "0", "first"},
		{"", "empty name", "é😀", "\"\\\n\t\x00"},
		{"constructor", "1", "toString", "2"},
		{"data", "NaN"},
		{"data", "[1,]"},
		{"data", "\ufeff1"},
	} {
		args := append([]any{"XADD", hostileStream + "f", "*"}, fields...)
		if err := i.redis.(*redis.Client).Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	ours := i.exits(t, exitDone, hostile(), "stream", "range", "f", "-o", "json").out
	theirs := i.library(t, hostile(), "streams.range", "f")
	i.agree(t, theirs, strings.ReplaceAll(ours, `" 1 "`, "1"))

	// On purpose another way: a field that the library loses, and bytes that it replaces.
	i.clear(t)
	for _, fields := range [][]any{{"__proto__", "1", "a", "2"}, {"data", "\xff"}} {
		args := append([]any{"XADD", hostileStream + "f", "*"}, fields...)
		if err := i.redis.(*redis.Client).Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	got := bodies(t, i.library(t, hostile(), "streams.range", "f"))
	if got != "{\"a\":\"2\"}\n{\"data\":\"\ufffd\"}" {
		t.Errorf("the library reads %s", got)
	}
	ours = i.exits(t, exitDone, hostile(), "stream", "range", "f", "-o", "json").out
	if got := bodies(t, ours); got != `{"__proto__":"1","a":"2"}`+"\n"+`{"data":{"base64":"/w=="}}` {
		t.Errorf("we read %s", got)
	}
}

// streamGroups has each side create groups that the other one reads in.
func (i *interop) streamGroups(t *testing.T) {
	i.clear(t)
	i.library(t, hostile(), "group.ensure", "theirs", "c", "s")
	i.prints(t, "exists\n", hostile(), "stream", "group", "ensure", "s", "theirs")
	i.prints(t, "created\n", hostile(), "stream", "group", "ensure", "s", "ours")
	i.library(t, hostile(), "group.ensure", "ours", "c", "s")
	for _, n := range []string{"1", "2", "3", "4"} {
		i.exits(t, exitDone, hostile(), "stream", "append", "s", n)
	}
	i.agree(t, i.library(t, hostile(), "group.read", "ours", "c", "s"),
		i.exits(t, exitDone, hostile(), "stream", "read", "s", "--group", "theirs",
			"--consumer", "c", "-o", "json").out)
	i.prints(t, "4", hostile(), "stream", "pending", "s", "--group", "ours", "-o", "raw")

	// What one side was given, the other one acknowledges.
	var ids []string
	listing := i.exits(t, exitDone, hostile(), "stream", "pending", "s", "--group", "theirs",
		"--detail", "-o", "json", "--jq", ".[].id").out
	ids = strings.Fields(listing)
	i.library(t, hostile(), "group.ack", "theirs", "anybody", "s", ids)
	i.prints(t, "0", hostile(), "stream", "pending", "s", "--group", "theirs", "-o", "raw")
	i.prints(t, "4\n", hostile(), append(line("stream", "ack", "s", "--group", "ours"), ids...)...)
	i.gives(t, "[]", hostile(), "group.read", "ours", "c", "s")

	thrown := i.throws(t, hostile(), "group.read", "nope", "c", "s")
	if !strings.HasPrefix(thrown.Message, "NOGROUP") {
		t.Errorf("the library throws %+v", thrown)
	}
	i.exits(t, exitRefused, hostile(), "stream", "read", "s", "--group", "nope", "--consumer", "c")
}

// streamShared has both sides be consumers of one group: each message goes to one of them.
func (i *interop) streamShared(t *testing.T) {
	i.clear(t)
	i.library(t, hostile(), "group.ensure", "g", "them", "s")
	seen := map[string]int{}
	for range 10 {
		i.library(t, hostile(), "streams.append", "s", "a")
		i.exits(t, exitDone, hostile(), "stream", "append", "s", `"a"`)
		ours := i.exits(t, exitDone, hostile(), "stream", "read", "s", "--group", "g", "--consumer", "us",
			"--count", "1", "--ack", "-o", "json").out
		theirs := i.library(t, hostile(), "group.read", "g", "them", "s", options{"count": 1})
		for _, listing := range []string{ours, theirs} {
			var list []struct{ ID string }
			if err := json.Unmarshal([]byte(listing), &list); err != nil || len(list) != 1 {
				t.Fatalf("%s, %v", listing, err)
			}
			seen[list[0].ID]++
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d messages were delivered, want 20", len(seen))
	}
	i.prints(t, "10", hostile(), "stream", "pending", "s", "--group", "g", "-o", "raw")
	i.prints(t, "10\n", hostile(), "stream", "consumer", "retire", "s", "--group", "g",
		"--consumer", "them", "--to", "us")
}

// streamCommands compares what both sides send.
func (i *interop) streamCommands(t *testing.T) {
	i.clear(t)
	m := watch(t, i.server)
	const key = `"igniter:store:api:organization:a:b*c \"d\"\n:streams:s"`
	for _, c := range []struct {
		call string
		args []any
		line []string
		want string
	}{
		{"streams.append", []any{"s", 1}, line("stream", "append", "s", "1"),
			`xadd <> "*" "data" "1"`},
		{"streams.append", []any{"s", 1, options{"maxLen": 5}},
			line("stream", "append", "s", "1", "--max-len", "5"),
			`xadd <> "MAXLEN" "5" "*" "data" "1"`},
		{"streams.append", []any{"s", 1, options{"maxLen": 5, "approximate": true}},
			line("stream", "append", "s", "1", "--max-len", "5", "--approximate"),
			`xadd <> "MAXLEN" "~" "5" "*" "data" "1"`},
		{"group.ensure", []any{"g", "c", "s"}, line("stream", "group", "ensure", "s", "g"),
			`xgroup "CREATE" <> "g" "0" "MKSTREAM"`},
		{"group.read", []any{"g", "c", "s", options{"count": 1}},
			line("stream", "read", "s", "--group", "g", "--consumer", "c", "--count", "1"),
			`xreadgroup "GROUP" "g" "c" "COUNT" "1" "STREAMS" <> ">"`},
		{"group.read", []any{"g", "c", "s", options{"count": 1, "blockMs": 50}},
			line("stream", "read", "s", "--group", "g", "--consumer", "c", "--count", "1",
				"--block", "50ms"),
			`xreadgroup "GROUP" "g" "c" "COUNT" "1" "BLOCK" "50" "STREAMS" <> ">"`},
		{"group.ack", []any{"g", "c", "s", []string{"1-1"}},
			line("stream", "ack", "s", "--group", "g", "1-1"), `xack <> "g" "1-1"`},
	} {
		i.library(t, hostile(), c.call, c.args...)
		want := strings.ReplaceAll(c.want, "<>", key)
		same(t, "the library", m.commands(t), sends(want))
		i.store(t, hostile(), c.line...)
		got := m.commands(t)
		if len(got) == 0 || strings.ReplaceAll(got[0], `"49"`, `"50"`) != want {
			t.Errorf("store %q sends %q, want %q", c.line, got, want)
		}
	}
}
