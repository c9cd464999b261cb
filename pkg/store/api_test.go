package store_test

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite api.txt")

// TestAPI compares what the package offers with api.txt, so that nobody changes it without
// seeing it: a line that goes breaks somebody's program.
func TestAPI(t *testing.T) {
	var all strings.Builder
	for _, pkg := range []string{".", "./eventschema"} {
		out, err := exec.Command("go", "doc", "-all", pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString("package " + pkg + "\n" + declarations(string(out)))
	}
	if *update {
		if err := os.WriteFile("api.txt", []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("api.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(all.String(), "\n")
	for i, line := range strings.Split(strings.ReplaceAll(string(want), "\r\n", "\n"), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d of api.txt differs: %q\nIf that is meant: go test ./pkg/store -run API -update",
				i+1, line)
		}
	}
}

// declarations leaves out what go doc says in words.
func declarations(doc string) string {
	var b strings.Builder
	_, doc, _ = strings.Cut(doc, "\n\n")
	declared := false
	for line := range strings.Lines(doc) {
		text := strings.TrimSpace(line)
		switch {
		case text == "CONSTANTS" || text == "FUNCTIONS" || text == "TYPES":
			declared = true
		case !declared, text == "", strings.HasPrefix(line, "    "), strings.HasPrefix(text, "//"):
		default:
			text, _, _ = strings.Cut(strings.TrimRight(line, "\n"), " // ")
			b.WriteString(strings.TrimRight(text, " ") + "\n")
		}
	}
	return b.String()
}
