package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSchemas holds the schemas of all commands to what they were, so that a change that
// breaks scripts is seen. -update writes them anew.
func TestSchemas(t *testing.T) {
	help, err := exec.CommandContext(t.Context(), "store", "help", "--all").Output()
	if err != nil {
		t.Fatal(err)
	}
	old, err := filepath.Glob("testdata/schemas/*.json")
	if err != nil {
		t.Fatal(err)
	}
	gone := map[string]bool{}
	for _, path := range old {
		gone[path] = true
	}
	lines := regexp.MustCompile(`(?m)^store((?: [a-z-]+)*)`).FindAllStringSubmatch(string(help), -1)
	for _, line := range append(lines, []string{"", ""}) { // the errors last
		path := checkSchema(t, strings.Fields(line[1]))
		delete(gone, path)
	}
	for path := range gone {
		t.Errorf("%s: there is no such schema any more", path)
	}
}

// checkSchema compares the schema of a command, if it has one, with its file.
func checkSchema(t *testing.T, command []string) (path string) {
	t.Helper()
	var failure bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "store", append(command, "-o", "schema")...)
	cmd.Stderr = &failure
	text, err := cmd.Output()
	if strings.Contains(failure.String(), "has no JSON output") {
		return ""
	}
	var got bytes.Buffer
	if err == nil {
		err = json.Indent(&got, text, "", "  ")
	}
	if err != nil {
		t.Fatalf("%q: %v: %s", command, err, failure.String())
	}
	name := strings.Join(command, "-")
	if name == "" {
		name = "error"
	}
	path = filepath.Join("testdata", "schemas", name+".json")
	if *update {
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, got.Bytes(), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := readText(t, path); want != got.String() {
		t.Errorf("%s is not what store %s -o schema prints; go test . -update writes it, and a "+
			"change that breaks a reader raises schemaVersion", path, strings.Join(command, " "))
	}
	return path
}
