package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// migrationFile is run like the README: its command lines against an embedded server, its
// Go as one program, in the order in which they stand.
var migrationFile = filepath.Join("docs", "migration.md")

// migrationRows returns the code in the columns of the tables: TypeScript, Go, commands.
func migrationRows(t *testing.T) [][3][]string {
	t.Helper()
	code := regexp.MustCompile("`([^`]+)`")
	var rows [][3][]string
	for line := range strings.Lines(readText(t, migrationFile)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		if len(cells) != 3 {
			t.Fatalf("a row has %d cells: %s", len(cells), line)
		}
		var row [3][]string
		for i, cell := range cells {
			for _, span := range code.FindAllStringSubmatch(cell, -1) {
				row[i] = append(row[i], span[1])
			}
		}
		rows = append(rows, row)
	}
	if len(rows) < 50 {
		t.Fatalf("the tables have only %d rows", len(rows))
	}
	return rows
}

// migrationBlock returns the one block of a kind.
func migrationBlock(t *testing.T, kind string) string {
	t.Helper()
	_, rest, found := strings.Cut(readText(t, migrationFile), "\n```"+kind+"\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("there is no block of %s", kind)
	}
	return block
}

func TestMigrationCommands(t *testing.T) {
	storetest.Require(t, "sh")
	r := newReader(t)
	r.env, r.at = append(r.env, "STORE_SERVICE=api"), migrationFile
	r.settle()
	ran := 0
	for _, row := range migrationRows(t) {
		for _, line := range row[2] {
			switch {
			case strings.HasPrefix(line, "store sub "):
				r.listen(line)
			case strings.HasPrefix(line, "store "):
				if output, code := r.shell(line); code != 0 {
					t.Errorf("%s: exit code %d:\n%s", line, code, output)
				}
			default:
				continue
			}
			ran++
		}
	}
	if ran < 40 {
		t.Errorf("only %d command lines were run", ran)
	}
}

// settle makes what the command lines take for granted: the config file, the registry of
// events, and a message with the id that is acknowledged.
func (r *reader) settle() {
	r.t.Helper()
	events := filepath.Join(r.home, ".config", "store", "events.json")
	if err := os.MkdirAll(filepath.Dir(events), 0o700); err != nil {
		r.t.Fatal(err)
	}
	registry := `{"format": "igniter-store-events/1", "io": "input",
		"dialect": "https://json-schema.org/draft/2020-12/schema",
		"events": {"user:created": {"type": "object", "required": ["id"]}}}`
	if err := os.WriteFile(events, []byte(registry), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.file(migrationBlock(r.t, "yaml"))
	message := &redis.XAddArgs{
		Stream: "igniter:store:api:streams:s", ID: "1764000000000-0", Values: []string{"data", "1"},
	}
	if err := r.client().XAdd(r.t.Context(), message).Err(); err != nil {
		r.t.Fatal(err)
	}
}

// listen runs a command that waits for an event, publishes one, and interrupts the command
// when it has printed it.
func (r *reader) listen(line string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+line)
	cmd.Dir, cmd.Env = r.home, r.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	client := r.client()
	err = storetest.WaitFor(ctx, 20*time.Second, func() error {
		const channel = "igniter:store:api:events:user:created"
		heard, err := client.Publish(ctx, channel, `{"id":"canary"}`).Result()
		if err == nil && heard != 1 {
			err = fmt.Errorf("%d subscribers", heard)
		}
		return err
	})
	if err != nil {
		r.t.Errorf("%s: %v", line, err)
	}
	printed, err := bufio.NewReader(out).ReadString('\n')
	if !strings.Contains(printed, "canary") {
		r.t.Errorf("%s printed %q, %v", line, printed, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.t.Error(err)
	}
	err = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 130 {
		r.t.Errorf("%s: %v", line, err)
	}
}

// client returns a client of the server itself.
func (r *reader) client() *redis.Client {
	r.t.Helper()
	o, err := redis.ParseURL(r.url)
	if err != nil {
		r.t.Fatal(err)
	}
	client := redis.NewClient(o)
	r.t.Cleanup(func() { client.Close() })
	return client
}

// migrationProgram is what stands around the pieces of Go.
const migrationProgram = `package main

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"maps"
	"os"
	"time"

	"encoding/json"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

TYPES

type form struct{}

func (form) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (form) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

var (
	ctx         = context.Background()
	url         = "memory://"
	logger      = slog.New(slog.DiscardHandler)
	telemetry   = store.NewTelemetryLines(os.Stderr, nil)
	serializer  = form{}
	registry, _ = eventschema.Define(map[string]string{"user:created": "{}"})
	c, err      = store.Open(url, store.WithService("api"))
	adapter     = c.Adapter()
	s           = c.Streams()
	g           = s.Group("s", "g")
)

// use makes sure that nothing failed.
func use(at string, values ...any) {
	for _, v := range values {
		if failed, ok := v.(error); ok && failed != nil {
			log.Fatal(at, ": ", failed)
		}
	}
}

// with lets use have what a call returns behind its name.
func with(at string) func(...any) { return func(values ...any) { use(at, values...) } }

func main() {
STATEMENTS}
`

// statement makes a statement of a piece of Go.
func statement(piece string) string {
	head, _, _ := strings.Cut(piece, ":=")
	names := strings.Split(strings.TrimSpace(head[strings.Index(head, " ")+1:]), ", ")
	switch {
	case strings.HasPrefix(piece, "for "):
		return fmt.Sprintf("%s {\n\tuse(%q, %s)\n\tbreak\n}", piece, piece, strings.Join(names, ", "))
	case strings.HasPrefix(piece, "if "):
		return fmt.Sprintf("%s {\n\t_ = %s\n}", piece, names[0])
	}
	return fmt.Sprintf("with(%q)(%s)", piece, piece)
}

func TestMigrationGo(t *testing.T) {
	var statements strings.Builder
	pieces := 0
	for _, row := range migrationRows(t) {
		for _, piece := range row[1] {
			if _, err := parser.ParseExpr("func() {\n" + statement(piece) + "\n}"); err != nil {
				t.Errorf("%s: %v", piece, err)
			}
			statements.WriteString("\t" + statement(piece) + "\n")
			pieces++
		}
	}
	if pieces < 50 {
		t.Errorf("only %d pieces of Go", pieces)
	}
	source := strings.Replace(migrationProgram, "TYPES", migrationBlock(t, "go"), 1)
	source = strings.Replace(source, "STATEMENTS", statements.String(), 1)
	path := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("go", "run", path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// spoken is how the calls of an interface of the npm library begin.
var spoken = map[string]string{
	"IgniterStoreBuilder":             ".",
	"IIgniterStoreManager":            "store.",
	"IgniterStoreKV":                  "kv.",
	"IgniterStoreCounter":             "counter.",
	"IgniterStoreClaim":               "claim.",
	"IgniterStoreBatch":               "batch.",
	"IgniterStoreDev":                 "dev.",
	"IgniterStoreEventsAPI":           "events.",
	"IgniterStoreEventAccessor":       "events.user.created.",
	"IgniterStoreEventsBuilder":       ".",
	"IgniterStoreEventsGroupBuilder":  ".",
	"IgniterStoreKeyBuilder":          ".",
	"IgniterStoreError":               "IgniterStoreError.",
	"IgniterStoreStreams":             "streams.",
	"IgniterStoreStreamConsumerGroup": "group.",
	"IgniterStoreAdapter":             "adapter.",
}

// TestMigrationIsComplete looks in the tables for every method of the npm library, and for
// every option that a call takes.
func TestMigrationIsComplete(t *testing.T) {
	var text strings.Builder
	for _, row := range migrationRows(t) {
		text.WriteString(strings.Join(row[0], "\n") + "\n")
	}
	found := map[string]int{}
	for _, file := range declarationFiles(t) {
		for name, body := range declaredInterfaces(readText(t, file)) {
			begins, isAPI := spoken[name]
			for _, method := range methodsOf(body) {
				if isAPI && !mentioned(text.String(), begins+method) {
					t.Errorf("%s: %s%s is not in the tables", name, begins, method)
				}
				found[name]++
			}
			for _, option := range optionsOf(name, body) {
				if !mentioned(text.String(), option) {
					t.Errorf("%s: the option %s is not in the tables", name, option)
				}
				found["options"]++
			}
		}
	}
	for name := range spoken {
		if found[name] == 0 {
			t.Errorf("the npm library does not declare %s", name)
		}
	}
	if found["options"] < 8 {
		t.Errorf("only %d options were found", found["options"])
	}
}

// declarationFiles returns where the npm library declares its types.
func declarationFiles(t *testing.T) []string {
	t.Helper()
	dir, err := storetest.InteropDir()
	if err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(dir, "node_modules", "@igniter-js", "store", "dist")
	index := storetest.Require(t, filepath.Join(dist, "index.d.ts"))
	others, err := filepath.Glob(filepath.Join(dist, "redis.adapter-*.d.ts"))
	if err != nil || len(others) != 1 {
		t.Fatalf("there are %d declarations of adapters: %v", len(others), err)
	}
	return append(others, index)
}

// declaredInterfaces returns the bodies of interfaces and classes by their names.
func declaredInterfaces(text string) map[string]string {
	bodies := map[string]string{}
	declaration := regexp.MustCompile(
		`(?ms)^(?:export )?(?:interface|declare class) (\w+)[^\n]*\{\n(.*?)^\}`)
	for _, d := range declaration.FindAllStringSubmatch(text, -1) {
		bodies[d[1]] = d[2]
	}
	return bodies
}

// methodsOf returns the names of public methods.
func methodsOf(body string) []string {
	var names []string
	method := regexp.MustCompile(`(?m)^    (?:static )?([a-z]\w*)[(<]`)
	for _, m := range method.FindAllStringSubmatch(body, -1) {
		if m[1] != "constructor" {
			names = append(names, m[1])
		}
	}
	return names
}

// optionsOf returns the fields of an interface of options of calls and of scopes.
func optionsOf(name, body string) []string {
	switch name {
	case "IgniterStoreKeyValueOptions", "IgniterStoreScanOptions", "IgniterStoreStreamAppendOptions",
		"IgniterStoreStreamReadOptions", "IgniterStoreStreamRangeOptions", "IgniterStoreScopeOptions",
		"IgniterStoreStreamGroupEnsureOptions", "IgniterStoreEventsValidationOptions":
	default:
		return nil
	}
	var names []string
	for _, field := range regexp.MustCompile(`(?m)^    (\w+)\?:`).FindAllStringSubmatch(body, -1) {
		names = append(names, field[1])
	}
	return names
}

// mentioned reports whether a name is in a text as a whole. What begins with a dot is a
// method of whatever stands before it.
func mentioned(text, name string) bool {
	pattern := regexp.QuoteMeta(name) + `(\W|$)`
	if !strings.HasPrefix(name, ".") {
		pattern = `(^|\W)` + pattern
	}
	return regexp.MustCompile(`(?m)` + pattern).MatchString(text)
}
