package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCompletions holds the files that packages install to what the program prints.
// -update writes them anew.
func TestCompletions(t *testing.T) {
	for shell, file := range map[string]string{
		"bash": "store.bash", "zsh": "_store", "fish": "store.fish", "powershell": "store.ps1",
	} {
		want, err := exec.CommandContext(t.Context(), "store", "completion", shell).Output()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("completions", file)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := readText(t, path); got != string(want) {
			t.Errorf("%s is not what store completion %s prints; go test . -update writes it", path, shell)
		}
	}
}
