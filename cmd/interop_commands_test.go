package cmd

import (
	"bufio"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestInteropCommands(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("one by one", i.commandsOneByOne)
	t.Run("mixed batch", i.commandsOfMixedBatch)
	t.Run("read-only", i.commandsReadOnly)
}

// monitor shows the commands that a server receives.
type monitor struct {
	server *storetest.Server
	lines  *bufio.Reader
	marks  int
}

// watch starts MONITOR on a connection of its own.
func watch(t *testing.T, server *storetest.Server) *monitor {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("MONITOR\r\n")); err != nil {
		t.Fatal(err)
	}
	m := &monitor{server: server, lines: bufio.NewReader(conn)}
	if line := m.line(t); line != "+OK" {
		t.Fatalf("MONITOR answers %q", line)
	}
	return m
}

func (m *monitor) line(t *testing.T) string {
	t.Helper()
	line, err := m.lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// commands returns the commands on keys of a store since the last call: their names in
// lower case, their arguments quoted as MONITOR does. It sends a command of its own and
// reads until that shows up, so nothing is missed and nothing waited for.
func (m *monitor) commands(t *testing.T) []string {
	t.Helper()
	m.marks++
	mark := fmt.Sprintf("mark %d", m.marks)
	if err := m.server.Client().Echo(t.Context(), mark).Err(); err != nil {
		t.Fatal(err)
	}
	var commands []string
	for {
		_, command, _ := strings.Cut(m.line(t), "] ")
		if strings.HasSuffix(command, `"`+mark+`"`) {
			return commands
		}
		if strings.Contains(command, `"igniter:store:`) {
			name, arguments, _ := strings.Cut(command, " ")
			name = strings.ToLower(strings.Trim(name, `"`))
			commands = append(commands, name+" "+arguments)
		}
	}
}

// sent is a call of the library, the command line for the same, and what either sends.
// In a command <k> stands for the whole key of k.
type sent struct {
	call   string
	args   []any
	line   []string
	theirs []string
	ours   []string // nil where it is the same
}

// hostile is a place with characters that somebody may want to escape.
func hostile() place { return tenant("a:b*c \"d\"\n") }

// whole replaces the keys in commands.
func whole(commands []string) []string {
	const key = `"igniter:store:api:organization:a:b*c \"d\"\n:kv:$1"`
	placeholder := regexp.MustCompile(`<(\w*)>`)
	full := make([]string, len(commands))
	for at, command := range commands {
		full[at] = placeholder.ReplaceAllString(command, key)
	}
	return full
}

// line is a command line.
func line(args ...string) []string { return args }

// sends is what goes to Redis.
func sends(commands ...string) []string { return commands }

func sameCommands() []sent {
	pair := []options{{"key": "k", "value": 1}, {"key": "l", "value": 2}}
	passing := []options{{"key": "k", "value": 1, "ttl": 9}, {"key": "l", "value": 2, "ttl": 9}}
	return []sent{
		{
			"kv.set",
			[]any{"k", options{"a": "<é>"}},
			line("kv", "set", "k", `{ "a": "<é>" }`),
			sends(`set <k> "{\"a\":\"<\xc3\xa9>\"}"`), nil,
		},
		{
			"kv.set",
			[]any{"k", 1, options{"ttl": 30}},
			line("kv", "set", "k", "1", "--ttl", "30s"),
			sends(`set <k> "1" "EX" "30"`), nil,
		},
		{"kv.get", []any{"k"}, line("kv", "get", "k"), sends(`get <k>`), nil},
		{"kv.get", []any{""}, line("kv", "get", ""), sends(`get <>`), nil},
		{"kv.exists", []any{"k"}, line("kv", "exists", "k"), sends(`exists <k>`), nil},
		{"kv.expire", []any{"k", 60}, line("kv", "expire", "k", "1m"), sends(`expire <k> "60"`), nil},
		{"kv.touch", []any{"k", 60}, line("kv", "touch", "k", "60"), sends(`expire <k> "60"`), nil},
		{
			"batch.set",
			[]any{pair},
			line("batch", "set", "k=1", "l=2"),
			sends(`mset <k> "1" <l> "2"`), nil,
		},
		{
			"batch.set",
			[]any{passing},
			line("batch", "set", "k=1", "l=2", "--ttl", "9"),
			sends(`set <k> "1" "EX" "9"`, `set <l> "2" "EX" "9"`), nil,
		},
		{
			"batch.get",
			[]any{[]string{"l", "k", "l"}},
			line("batch", "get", "l", "k", "l"),
			sends(`mget <l> <k> <l>`), nil,
		},
		{"kv.remove", []any{"k"}, line("kv", "remove", "k"), sends(`del <k>`), nil},
	}
}

// otherCommands differ on purpose.
func otherCommands() []sent {
	return []sent{
		// JSON output has the TTL, read at the same moment as the value.
		{
			"kv.get",
			[]any{"k"},
			line("kv", "get", "k", "-o", "json"),
			sends(`get <k>`), sends(`get <k>`, `pttl <k>`),
		},
		// One key needs no MGET.
		{
			"batch.get",
			[]any{[]string{"k"}},
			line("batch", "get", "k"),
			sends(`mget <k>`), sends(`get <k>`),
		},
		// MGET is silent about the type of what it answers null for, so that is asked for
		// again.
		{
			"batch.get",
			[]any{[]string{"none", "l"}},
			line("batch", "get", "none", "l"),
			sends(`mget <none> <l>`), sends(`mget <none> <l>`, `get <none>`),
		},
		// The library removes one key at a time; we remove several in one round trip, each
		// with an answer of its own.
		{
			"kv.remove",
			[]any{"k"},
			line("kv", "remove", "k", "l"),
			sends(`del <k>`), sends(`del <k>`, `del <l>`),
		},
		// A single entry needs no MSET.
		{
			"batch.set",
			[]any{[]options{{"key": "k", "value": 1}}},
			line("batch", "set", "k=1"),
			sends(`mset <k> "1"`), sends(`set <k> "1"`),
		},
		// The place is escaped, so that it matches itself alone, and pages are larger.
		{
			"dev.scan",
			[]any{"k*"},
			line("scan", "k*"),
			sends(`scan "0" "MATCH" ` +
				`"igniter:store:api:organization:a:b*c \"d\"\n:kv:k*" "COUNT" "10"`),
			sends(`scan "0" "match" ` +
				`"igniter:store:api:organization:a:b\\*c \"d\"\n:kv:k*" "count" "100"`),
		},
	}
}

// commandsOneByOne compares what MONITOR shows of both sides.
func (i *interop) commandsOneByOne(t *testing.T) {
	i.clear(t)
	m := watch(t, i.server)
	for _, c := range append(sameCommands(), otherCommands()...) {
		t.Run(strings.Join(c.line, " "), func(t *testing.T) {
			if c.ours == nil {
				c.ours = c.theirs
			}
			i.library(t, hostile(), c.call, c.args...)
			same(t, "the library", m.commands(t), whole(c.theirs))
			// Whether the key exists is another matter.
			if got := i.store(t, hostile(), c.line...); got.code > exitNo {
				t.Errorf("got %+v", got)
			}
			same(t, "store", m.commands(t), whole(c.ours))
		})
	}
}

// commandsOfMixedBatch shows the one batch that is sent quite differently: the library
// takes entries without a TTL first and pipelines the rest; we keep the order.
func (i *interop) commandsOfMixedBatch(t *testing.T) {
	i.clear(t)
	m := watch(t, i.server)
	i.library(t, hostile(), "batch.set", []options{
		{"key": "a", "value": 1, "ttl": 9},
		{"key": "b", "value": 2},
		{"key": "c", "value": 3},
		{"key": "d", "value": 4, "ttl": 9},
	})
	same(t, "the library", m.commands(t), whole(sends(
		`mset <b> "2" <c> "3"`, `set <a> "1" "EX" "9"`, `set <d> "4" "EX" "9"`)))

	const rows = `{"key":"a","value":1,"ttl":9}
{"key":"b","value":2}
{"key":"c","value":3}
{"key":"d","value":4,"ttl":9}
`
	i.feed(t, rows, hostile(), "batch", "set", "-f", "-")
	same(t, "store", m.commands(t), whole(sends(
		`set <a> "1" "EX" "9"`, `mset <b> "2" <c> "3"`, `set <d> "4" "EX" "9"`)))
}

// commandsReadOnly proves that refused writes are never sent.
func (i *interop) commandsReadOnly(t *testing.T) {
	i.clear(t)
	m := watch(t, i.server)
	for _, line := range []string{
		"kv set k 1", "kv remove k", "kv expire k 1", "kv touch k 1", "kv persist k",
		"batch set k=1", "batch remove k",
	} {
		i.exits(t, exitUsage, api(), append(strings.Fields(line), "--read-only")...)
	}
	same(t, "store", m.commands(t), nil)
}
