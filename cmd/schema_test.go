package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// documentLines make every command print every form of JSON it has, one after the other
// on one embedded server. What stands behind " < " is the standard input.
const documentLines = `
doctor
acl support --read-only --groups kv,scan
kv set k {"a":1.50}
kv set k 1 --if-absent
kv set k 1 --ttl 1h
kv set blob "x" --ttl 1h
kv get k
kv get nothing
kv get nothing --default 0
kv get k -o jsonl
kv exists k
kv exists nothing
kv expire k 1h
kv expire nothing 1h
kv touch k 2h
kv persist k
kv ttl k
kv ttl nothing
kv edit k
kv remove nothing
kv remove nothing k --dry-run
kv remove a b c
counter increment c
counter increment c --by 5
counter decrement c
counter get c
counter get nothing
counter set c 7
counter expire c 1h
counter ttl c
counter ttl nothing
claim once l me --ttl 1m
claim once l other --ttl 1m
claim once forever me
claim show l
claim show nothing
claim list
claim list --recursive -o jsonl
claim extend l me --ttl 2m
claim extend l other --ttl 2m
claim release l other
claim release l me
claim release forever --force --yes
claim release forever --force --yes
batch set a=1 b=2
batch set a=1 b=2 --if-absent --dry-run
batch set -f - < nonsense
batch get a nothing b
batch get a b -o jsonl
scan
scan -n all --values --ttl --memory --type --recursive
scan -n all --all-services -o jsonl
scan --cursor 0
batch remove a nothing --yes
batch remove a --dry-run
counter remove c
event list --events EVENTS
event show user:created --events EVENTS
event show user:odd --events EVENTS
event validate user:created {"userId":"u1"} --events EVENTS
event validate user:created {} --events EVENTS
event validate order:placed {} --events EVENTS
pub user:created {"userId":"u1"}
pub user:created -f - < {"userId":"u1"}
pub user:created -f - --events EVENTS < {}
stream append s {"n":1}
stream append s {"n":2}
stream append s -f - < {"n":3}
stream append s -f - < nonsense
stream list
stream list --recursive
stream info s
stream info nothing
stream range s
stream range s --count 1 -o jsonl
stream tail s -n 2
stream group ensure s g
stream group ensure s g
stream group list s
stream list
stream info s
stream read s --group g --consumer w1 --count 2
stream read s --group g --consumer w1 --pending
stream pending s --group g
stream pending s --group g --detail
stream consumer list s --group g
stream check s --group g
stream check s --group g --max-pending 1
stream check s --group g --max-idle 1ms
stream claim s --group g --consumer w2 --min-idle 0
stream ack s --group g 1-1
stream consumer retire s --group g --consumer w2 --to w3
stream remove s 1-1
stream trim s --max-len 1 --dry-run
stream trim s --max-len 1
stream group remove s g --dry-run
stream group remove s g --yes
context add one --url redis://h:1 -s api --scope a=b --password env://PW --protected
context add two --url redis://h:2 --tls-ca ca.pem --read-only --username ada
context list
context use one
context current
context use two
context previous
context show
context show two
context edit one
context remove two
config show
version
kv get
kv set k nonsense
kv expire k never
event validate user:created {} --events EVENTS --strict-events
nonsense
-u redis://127.0.0.1:1 kv get k
`

// realLines are those that the embedded server, which has no XGROUP SETID, cannot run.
const realLines = `stream append s 1
stream group ensure s g
stream group set-id s g 0
doctor
acl app --role app
`

const documentEvents = `{
"format": "igniter-store-events/1", "io": "input",
"dialect": "https://json-schema.org/draft/2020-12/schema",
"events": {
  "user:created": {"type":"object","properties":{"userId":{"type":"string"}},"required":["userId"]},
  "user:odd": {"type":"string","pattern":"^(?=x)y$"}
},
"warnings": [{"event":"user:created","path":"userId","reason":"coerces"}]
}`

// TestDocumentsFitTheirSchemas runs every command that prints JSON and holds what it
// prints, and what it fails with, against the schemas.
func TestDocumentsFitTheirSchemas(t *testing.T) {
	server := storetest.RunRedis(t)
	w := newSchemaWorld(t)
	w.listen() // before a context is in effect
	w.serve()
	for line := range strings.Lines(realLines) {
		w.run(append([]string{"-u", server.URL()}, strings.Fields(line)...), "")
	}
	for line := range strings.Lines(documentLines) {
		if line = strings.TrimSpace(line); line != "" {
			line, input, _ := strings.Cut(line, " < ")
			w.run(strings.Fields(line), input)
		}
	}
	_, commands := newTree(t)
	for _, cmd := range commands {
		if outputOf(cmd) != nil && w.seen[cmd.CommandPath()] == 0 {
			t.Errorf("%s: no document was held against the schema; add a line", cmd.CommandPath())
		}
	}
}

// schemaWorld is where the command lines run.
type schemaWorld struct {
	*testing.T
	env  cli.Env
	seen map[string]int
}

func newSchemaWorld(t *testing.T) *schemaWorld {
	memory := store.NewMemory()
	t.Cleanup(memory.Close)
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "events.json"), []byte(documentEvents), 0o600); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{
		"HOME": home, "STORE_URL": "memory://", "STORE_SERVICE": "api", "EDITOR": "true",
		"STORE_SCOPE": "organization=org_1",
	}
	return &schemaWorld{t, cli.Env{
		LookupEnv: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
		Environ:   os.Environ, Now: time.Now, Memory: memory, Dir: home,
	}, map[string]int{}}
}

// run runs a command line and checks its documents.
func (w *schemaWorld) run(args []string, input string) {
	w.Helper()
	for i, word := range args {
		if word == "EVENTS" {
			args[i] = filepath.Join(w.env.Dir, "events.json")
		}
	}
	if !slices.Contains(args, "-o") {
		args = append(args, "-o", "json")
	}
	var out, errs bytes.Buffer
	env := w.env
	env.In, env.Out, env.Err = strings.NewReader(input), &out, &errs
	code := run(w.Context(), env, args)
	if failure := errs.Bytes(); code > exitNo && bytes.Contains(failure, []byte(`{"error"`)) {
		w.check("store", failure[bytes.Index(failure, []byte(`{"error"`)):])
	}
	root, _ := newTree(w.T)
	cmd, _, err := root.Find(args)
	if err == nil && cmd != root && out.Len() > 0 {
		w.checkLines(cmd, args, out.Bytes())
	}
}

// checkLines checks a document, or that every line of many is an element.
func (w *schemaWorld) checkLines(cmd *cobra.Command, args []string, out []byte) {
	w.Helper()
	lines := slices.Contains(args, "jsonl")
	for _, document := range bytes.SplitAfter(bytes.TrimSpace(out), []byte("\n")) {
		if lines && slices.ContainsFunc(outputOf(cmd), isMany) {
			document = slices.Concat([]byte("["), document, []byte("]"))
		}
		w.check(cmd.CommandPath(), document)
	}
}

func isMany(s render.Shape) bool { return s.List }

// check holds a document against the schema of a command, to which nothing may be added.
func (w *schemaWorld) check(path string, document []byte) {
	w.Helper()
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		w.Errorf("%s: %v in %s", path, err, document)
		return
	}
	w.seen[path]++
	if err := closed(w.T, schemaOf(w.T, path)).Validate(value); err != nil {
		w.Errorf("%s: %s\n%v", path, document, err)
	}
}

// listen prints an event with all that it can have.
func (w *schemaWorld) listen() {
	subscribed := &notice{text: "subscribed", told: make(chan struct{})}
	var out bytes.Buffer
	env := w.env
	env.In, env.Out, env.Err = strings.NewReader(""), &out, subscribed
	args := []string{"sub", "*", "--all-services", "--count", "3", "--validate", "-o", "jsonl",
		"--events", filepath.Join(w.env.Dir, "events.json")}
	ended := make(chan int, 1)
	go func() { ended <- run(w.Context(), env, args) }()
	select {
	case <-subscribed.told:
	case code := <-ended:
		w.Fatalf("sub: exit code %d: %s", code, subscribed)
	}
	for _, data := range []string{`{"userId":"u1"}`, `{}`, `"x"`} {
		w.run([]string{"--actor", "user=u1", "pub", "user:created", data}, "")
	}
	if code := <-ended; code != exitDone {
		w.Errorf("sub: exit code %d: %s", code, subscribed.String())
	}
	root, _ := newTree(w.T)
	cmd, _, _ := root.Find([]string{"sub"})
	w.checkLines(cmd, args, out.Bytes())
	gap, err := json.Marshal(map[string]any{"gap": &store.Gap{Reason: "read: EOF", Dropped: 1}})
	if err != nil {
		w.Fatal(err)
	}
	w.check("store sub", gap)
}

// serve prints where a server is, and ends it then.
func (w *schemaWorld) serve() {
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	printed := &notice{text: "\n", told: make(chan struct{})}
	env := w.env
	env.In, env.Out, env.Err = strings.NewReader(""), printed, io.Discard
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, env, []string{"dev", "--listen", "127.0.0.1:0", "--data", filepath.Join(w.env.Dir, "dev.data"), "-o", "json"})
	}()
	select {
	case <-printed.told:
		cancel()
		<-ended
	case code := <-ended:
		w.Fatalf("dev: exit code %d", code)
	}
	w.check("store dev", []byte(printed.String()))
}

// notice is a writer that tells when a text has been written.
type notice struct {
	mu   sync.Mutex
	all  bytes.Buffer
	text string
	told chan struct{}
	once sync.Once
}

func (n *notice) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all.Write(b)
	if strings.Contains(n.all.String(), n.text) {
		n.once.Do(func() { close(n.told) })
	}
	return len(b), nil
}

func (n *notice) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all.String()
}

// schemaOf returns the schema that a command prints, run without anything it needs.
func schemaOf(t *testing.T, path string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	env := cli.Env{
		In: strings.NewReader(""), Out: &out, Err: &errs,
		LookupEnv: func(string) (string, bool) { return "", false },
	}
	args := append(strings.Fields(path)[1:], "-o", "schema")
	if code := run(t.Context(), env, args); code != exitDone {
		t.Fatalf("%s -o schema: exit code %d: %s", path, code, errs.String())
	}
	return out.Bytes()
}

// closed returns a schema whose objects have no members but those it names.
func closed(t *testing.T, text []byte) *jsonschema.Resolved {
	t.Helper()
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	closeObjects(tree)
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func closeObjects(tree any) {
	switch node := tree.(type) {
	case map[string]any:
		if node["type"] == "object" && node["properties"] != nil {
			node["additionalProperties"] = false
		}
		for _, below := range node {
			closeObjects(below)
		}
	case []any:
		for _, below := range node {
			closeObjects(below)
		}
	}
}

// TestSchemasAndHelpAgree holds the members that the help of a command lists against those
// of its schema, in both directions.
func TestSchemasAndHelpAgree(t *testing.T) {
	_, commands := newTree(t)
	for _, cmd := range commands {
		_, help, listed := strings.Cut(cmd.Long, "JSON fields: ")
		if listed != (outputOf(cmd) != nil && cmd.HasParent()) {
			t.Errorf("%s: the help lists fields: %v, but not so the schema", cmd.CommandPath(), listed)
		}
		if !listed {
			continue
		}
		help, _, _ = strings.Cut(help, "\n\n")
		text := schemaOf(t, cmd.CommandPath())
		top, all := members(t, text)
		for _, name := range top {
			if !slices.Contains(words(help), name) {
				t.Errorf("%s: %q is not among the fields of the help: %s", cmd.CommandPath(), name, help)
			}
		}
		for _, item := range outside(help) {
			if !slices.Contains(all, item) {
				t.Errorf("%s: the help lists %q, which the schema does not have", cmd.CommandPath(), item)
			}
		}
	}
}

// members returns the members of a document's outermost objects, and those of all.
func members(t *testing.T, text []byte) (top, all []string) {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	outermost := []any{tree}
	if more, ok := tree["oneOf"].([]any); ok {
		outermost = more
	}
	if item := tree["$defs"].(map[string]any)["item"]; item != nil {
		outermost = append(outermost, item)
	}
	for _, object := range outermost {
		properties, _ := object.(map[string]any)["properties"].(map[string]any)
		for name := range properties {
			top = append(top, name)
		}
	}
	for _, name := range regexp.MustCompile(`"(\w+)":`).FindAllSubmatch(text, -1) {
		all = append(all, string(name[1]))
	}
	return top, all
}

func words(text string) []string { return regexp.MustCompile(`\w+`).FindAllString(text, -1) }

// outside returns the single words between commas that are not in parentheses.
func outside(help string) []string {
	help = regexp.MustCompile(`\([^)]*\)`).ReplaceAllString(help, "")
	var names []string
	for _, piece := range regexp.MustCompile(`[,;:]`).Split(help, -1) {
		if found := words(piece); len(found) == 1 {
			names = append(names, found[0])
		}
	}
	return names
}
