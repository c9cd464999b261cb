package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// written returns the files that the program writes.
func written(t *testing.T, args ...string) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "man")
	if err := run(append(args, dir), io.Discard); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	return files
}

// TestPages looks for the page of every command, by the name that one would type.
func TestPages(t *testing.T) {
	files := map[string]bool{}
	for _, path := range written(t) {
		files[filepath.Base(path)] = true
	}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		if !files[name+".1"] && !files[name+".7"] {
			t.Errorf("%s has no page", c.CommandPath())
		}
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	visit(cmd.Tree())
	for _, name := range []string{"store.1", "store-kv-get.1", "store-tenancy.7"} {
		if !files[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestSame writes the pages twice: nothing in them may depend on the day.
func TestSame(t *testing.T) {
	for _, args := range [][]string{nil, {"-gzip"}} {
		once, again := written(t, args...), written(t, args...)
		for i := range once {
			if !bytes.Equal(content(t, once[i]), content(t, again[i])) {
				t.Errorf("%s is not the same twice", filepath.Base(once[i]))
			}
		}
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestGroff reads the pages as Linux does, every warning on.
func TestGroff(t *testing.T) {
	groff := storetest.Require(t, "groff")
	args := append([]string{"-man", "-Tutf8", "-ww", "-z"}, written(t)...)
	complaints, err := exec.CommandContext(t.Context(), groff, args...).CombinedOutput()
	if err != nil || len(complaints) > 0 {
		t.Errorf("groff: %v\n%s", err, complaints)
	}
}

// TestMandoc reads the pages as macOS, the BSDs and Alpine do. They have no date on purpose.
func TestMandoc(t *testing.T) {
	mandoc := storetest.Require(t, "mandoc")
	args := append([]string{"-Tlint", "-Wwarning"}, written(t)...)
	complaints, _ := exec.CommandContext(t.Context(), mandoc, args...).CombinedOutput()
	for complaint := range strings.Lines(string(complaints)) {
		if !strings.Contains(complaint, "missing date") {
			t.Error(complaint)
		}
	}
}

// TestShown compares what a reader sees with what is to be copied into a shell.
func TestShown(t *testing.T) {
	groff := storetest.Require(t, "groff")
	all := "'quoted' `ticks` ~/dir ^caret C:\\n --flag \"double\" …\n\n  .dot -x\n\n  'quote"
	c := &cobra.Command{Use: "x-y", Short: "Try - it", Long: all, Run: func(*cobra.Command, []string) {}}
	command := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-P-c", "-ww", "-rLL=200n")
	command.Stdin = strings.NewReader(page{c}.text())
	shown, err := command.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.SplitSeq(all, "\n") {
		if !strings.Contains(string(shown), l) {
			t.Errorf("%q is not in\n%s", l, shown)
		}
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b"}, {"-nope", "a"}} {
		if run(args, io.Discard) == nil {
			t.Errorf("%q passes", args)
		}
	}
}

// TestNotLinked keeps what writes the pages out of the program.
func TestNotLinked(t *testing.T) {
	deps, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "../../..").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.FieldsSeq(string(deps)) {
		if strings.Contains(dep, "cobra/doc") || strings.HasSuffix(dep, "/internal/man") {
			t.Errorf("store contains %s", dep)
		}
	}
}
