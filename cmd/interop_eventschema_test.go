package cmd

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// exported runs the script that the README shows on the events of the interoperability
// tests, and returns the registry file it writes. A target makes it write another dialect.
func exported(t *testing.T, target string) string {
	t.Helper()
	return exportedBy(t, "export-events.mjs", func(script string) string {
		if target == "" {
			return script
		}
		const io = "io: 'input'"
		script = strings.Replace(script, io+" }", io+", target: '"+target+"' }", 1)
		return strings.Replace(script, io+", events", io+", dialect: '"+target+"', events", 1)
	})
}

// exportedBy runs a script, as edit leaves it, and returns the registry file.
func exportedBy(t *testing.T, name string, edit func(script string) string) string {
	t.Helper()
	dir, err := storetest.InteropDir()
	if err != nil {
		t.Fatal(err)
	}
	storetest.RequireNode(t, dir)
	script, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "--input-type=module", "-", "./events.mjs")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(edit(string(script)))
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "events.json")
	if err := os.WriteFile(path, output, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInteropEventWarnings has the longer script export the same, with warnings.
func TestInteropEventWarnings(t *testing.T) {
	all := func(path string) (events []eventschema.Event, warnings int) {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		registry, err := eventschema.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		events = registry.Events()
		for i := range events {
			warnings += len(events[i].Warnings)
			events[i].Warnings = nil
		}
		return events, warnings
	}
	short, none := all(exported(t, ""))
	long, some := all(exportedBy(t, "export-events-noting.mjs", strings.Clone))
	if !reflect.DeepEqual(short, long) || len(short) < 60 {
		t.Errorf("one exports %d events, the other %d", len(short), len(long))
	}
	if none != 0 || some < 5 {
		t.Errorf("%d warnings, and %d where they are noted", none, some)
	}
}

func TestInteropEventSchemas(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	registry := exported(t, "")
	for _, target := range []string{"draft-7", "draft-4", "openapi-3.0"} {
		t.Run(target, func(t *testing.T) { i.judgeAlike(t, exported(t, target), target) })
	}
	t.Run("same", func(t *testing.T) { i.judgeAlike(t, registry, "") })
	t.Run("different", func(t *testing.T) { i.judgeUnlike(t, registry) })
	t.Run("examples", func(t *testing.T) { i.judgeExamples(t, registry) })
	t.Run("lost", func(t *testing.T) { i.judgeLost(t, registry) })
}

// judged returns what both sides say of a payload: whether they accept it.
func (i *interop) judged(t *testing.T, registry, channel, payload string) (theirs, ours bool) {
	t.Helper()
	_, err := i.node.Call(t.Context(), "events.publish", "typed", nil,
		channel, json.RawMessage(payload))
	thrown, refused := err.(*storetest.NodeError)
	if err != nil && (!refused || thrown.Code != string(store.CodeSchemaValidation)) {
		t.Fatalf("library publishes %s %s: %v", channel, payload, err)
	}
	got := i.feed(t, payload, place{service: "typed"},
		"event", "validate", channel, "-", "--events", registry, "-o", "json")
	var v struct {
		Valid      bool
		Violations []store.Violation
	}
	if err := json.Unmarshal([]byte(got.out), &v); err != nil {
		t.Fatalf("store validates %s %s: %+v", channel, payload, got)
	}
	if v.Valid != (got.code == exitDone) || v.Valid != (len(v.Violations) == 0) {
		t.Errorf("store validates %s %s: %+v", channel, payload, got)
	}
	return !refused, v.Valid
}

// judgeAlike puts each payload to both sides: they agree, except about what the
// dialect cannot express.
func (i *interop) judgeAlike(t *testing.T, registry, dialect string) {
	accepted, refused := 0, 0
	for _, c := range schemaPayloads() {
		if slices.Contains(inexpressible()[dialect], c.channel) {
			continue
		}
		for _, payload := range c.payloads {
			theirs, ours := i.judged(t, registry, c.channel, payload)
			if theirs != ours {
				t.Errorf("%s %s: the library says %v, store %v", c.channel, payload, theirs, ours)
			}
			if theirs {
				accepted++
			} else {
				refused++
			}
		}
	}
	t.Logf("accepted %d, refused %d", accepted, refused)
	if accepted < 60 || refused < 60 {
		t.Errorf("accepted %d, refused %d: too few", accepted, refused)
	}
}

// inexpressible are the channels whose schemas a dialect cannot express: draft 4 has no
// rules for the names of properties, OpenAPI no tuples either.
func inexpressible() map[string][]string {
	names := []string{"shape:record", "shape:complete", "shape:partial"}
	return map[string][]string{
		"draft-4":     names,
		"openapi-3.0": append(names, "shape:tuple", "shape:rest"),
	}
}

// judgeUnlike shows what JSON Schema cannot express, and which side accepts more.
func (i *interop) judgeUnlike(t *testing.T, registry string) {
	for _, c := range []struct {
		channel, payload string
		theirs, ours     bool
	}{
		{"other:refine", `"no"`, false, true},
		{"other:coerce", `{"n":"5"}`, true, false},
		{"other:catch", `{"s":5}`, true, false},
		{"other:catch", `{}`, true, false},
		{"other:lower", `"ABC"`, true, false},
		{"other:trim", `" a "`, false, true},
		{"other:flags", `"X"`, true, false},
		{"other:http", `"ftp://example.com"`, false, true},
		{"other:http", `"http:example.com"`, false, true},
		{"other:preprocess", `5`, true, false},
		{"text:ipv6", `"::ffff:1.2.3.4"`, true, false},
		{"text:url", `"http://xn--zz"`, false, true},
		{"text:backref", `"\ud83d\udc4d"`, false, false},
		{"text:backref", `"\ud83d\ud83e"`, false, true},
	} {
		theirs, ours := i.judged(t, registry, c.channel, c.payload)
		if theirs != c.theirs || ours != c.ours {
			t.Errorf("%s %s: the library says %v, store %v", c.channel, c.payload, theirs, ours)
		}
	}
}

// judgeExamples publishes the example of every event with the library: it accepts them.
func (i *interop) judgeExamples(t *testing.T, registry string) {
	file, err := os.Open(registry)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := eventschema.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Events() {
		if e.Missing != "" {
			continue
		}
		example, err := r.Example(e.Name)
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		theirs, ours := i.judged(t, registry, e.Name, string(example))
		if !ours || !theirs {
			t.Errorf("%s: the example %s: the library says %v, store %v", e.Name, example, theirs, ours)
		}
	}
}

// judgeLost asks about an event whose schema could not be exported: the library judges it,
// and store does not pretend to.
func (i *interop) judgeLost(t *testing.T, registry string) {
	i.throws(t, place{service: "typed"}, "events.publish", "other:date", json.RawMessage(`{}`))
	got := i.exits(t, exitUsage, api(), "event", "validate", "other:date", "{}", "--events", registry)
	if !strings.Contains(got.err, "Date cannot be represented") || got.out != "" {
		t.Errorf("store says %+v", got)
	}
	i.exits(t, exitNo, api(), "event", "show", "other:date", "--events", registry)
}

// builder is the npm library's opinion of names: the code of what it throws, or "".
const builder = `
import { IgniterStore, IgniterStoreEvents, IgniterStoreMemoryAdapter } from '@igniter-js/store';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
const adapter = IgniterStoreMemoryAdapter.create();
const codes = JSON.parse(readFileSync(3, 'utf8')).map((name) => {
  const [namespace, ...rest] = name.split(':');
  const event = rest.pop();
  try {
    let events = IgniterStoreEvents.create(namespace);
    events = rest.length
      ? events.group(rest[0], (g) => g.event(event, z.any()))
      : events.event(event, z.any());
    IgniterStore.create().withAdapter(adapter).withService('s').addEvents(events.build());
    return '';
  } catch (error) { return error.code; }
});
console.log(JSON.stringify(codes));`

// TestInteropEventNames compares the naming rules of both sides.
func TestInteropEventNames(t *testing.T) {
	t.Parallel()
	dir, err := storetest.InteropDir()
	if err != nil {
		t.Fatal(err)
	}
	storetest.RequireNode(t, dir)
	parts := []string{
		"user", "", "a.b", "a b", "ign", "IGN", "ignore", "igniter", "igniter-x", "ign_x", "__", "__x",
		"___", "__internal", "_a", "design", "a-b", "a*b", "é", "A", "x/y", "a\nb", "ig", "1",
	}
	var names []string
	for _, part := range parts {
		names = append(names, part+":e", "n:"+part, "n:g:"+part, "n:"+part+":e")
	}
	for i, want := range builderCodes(t, dir, names) {
		err := store.CheckEventName(names[i])
		failure, _ := errors.AsType[*store.Error](err)
		// An empty namespace is one of the first rule set for us, of the second for them.
		empty := strings.HasPrefix(names[i], ":")
		switch {
		case (want == "") != (err == nil):
			t.Errorf("%q: the library says %q, we say %v", names[i], want, err)
		case err != nil && !empty && !sameRule(want, failure.Code):
			t.Errorf("%q: the library says %q, we say %q", names[i], want, failure.Code)
		}
	}
}

// sameRule reports whether both codes are for the same rule. A namespace goes through two
// sets of rules; which one speaks first differs.
func sameRule(theirs string, ours store.Code) bool {
	return theirs == string(ours) ||
		theirs == string(store.CodeInvalidEventName) && ours == store.CodeInvalidNamespace
}

// builderCodes asks the library about names.
func builderCodes(t *testing.T, dir string, names []string) []string {
	t.Helper()
	text, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "names.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command("node", "--input-type=module", "-")
	cmd.Dir, cmd.Stdin, cmd.ExtraFiles = dir, strings.NewReader(builder), []*os.File{file}
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	if err := json.Unmarshal(output, &codes); err != nil || len(codes) != len(names) {
		t.Fatalf("%d codes, %v", len(codes), err)
	}
	return codes
}
