package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestSameProgram builds what a release is built from in two folders.
func TestSameProgram(t *testing.T) {
	askedFor(t)
	t.Chdir("../../..")
	r, err := readRelease(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	copySource(t, dir)
	build := func() []byte {
		t.Helper()
		binary := filepath.Join(t.TempDir(), "store")
		// The copy has no history to take a version from.
		if err := command(t.Context(), append(r.buildArgs(binary), "-buildvcs=false")...); err != nil {
			t.Fatal(err)
		}
		program, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		return program
	}
	here := build()
	t.Chdir(dir)
	if there := build(); !bytes.Equal(here, there) {
		t.Error("another folder makes another program")
	}
}

// copySource copies what the program is compiled from.
func copySource(t *testing.T, dir string) {
	t.Helper()
	for _, tree := range []string{"cmd", "pkg"} {
		if err := os.CopyFS(filepath.Join(dir, tree), os.DirFS(tree)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"main.go", "go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
