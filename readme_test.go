package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// The README is run, from top to bottom, in one folder and against one embedded server:
//
//	sh       a script that must succeed; an export in it holds for the blocks that follow
//	console  $ command lines with what they print on stdout and stderr; "…" stands for any
//	         text in a line, and alone in a line for any lines
//	yaml     the file that its first line names
//	go       the body of a function that is compiled and run
//	js       the script that exports events, which the tests of interoperability run
//
// "# exits with N" behind a command is its exit code. Lines that begin with go or npm do
// not work on a store; moduleLines says what becomes of each.
const readmeFile = "README.md"

// block is a fenced block of the README.
type block struct {
	line int
	kind string
	text string
}

// readmeBlocks returns the blocks whose kind is given.
func readmeBlocks(t *testing.T) []block {
	t.Helper()
	var blocks []block
	var open *block
	number := 0
	for line := range strings.Lines(readText(t, readmeFile)) {
		number++
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && open == nil:
			open = &block{line: number, kind: strings.TrimSpace(fence)}
		case isFence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	if open != nil || len(blocks) < 10 {
		t.Fatalf("%s has %d blocks; open at the end: %v", readmeFile, len(blocks), open != nil)
	}
	return blocks
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadme(t *testing.T) {
	storetest.Require(t, "sh")
	r := newReader(t)
	for _, b := range readmeBlocks(t) {
		r.at = fmt.Sprintf("%s:%d", readmeFile, b.line)
		switch b.kind {
		case "sh":
			r.script(b.text)
		case "console":
			r.session(b.text)
		case "yaml":
			r.file(b.text)
		case "go":
			r.program(b.text)
		case "js":
			holdsScript(t, b.text, "export-events.mjs")
		default:
			t.Errorf("%s: nothing runs %q blocks", r.at, b.kind)
		}
	}
}

// holdsScript makes sure that a text shows a script of the interoperability tests, which run
// it.
func holdsScript(t *testing.T, text, name string) {
	t.Helper()
	if !strings.Contains(text, readText(t, filepath.Join("testdata", "interop", name))) {
		t.Errorf("%s is not shown as it is", name)
	}
}

func TestLongerExport(t *testing.T) {
	holdsScript(t, readText(t, filepath.Join("docs", "events.md")), "export-events-noting.mjs")
}

// reader does what the README says.
type reader struct {
	t       *testing.T
	url     string   // of the server
	home    string   // where the files of the user are
	env     []string // of every command
	exports string   // the exports so far
	at      string   // the block at hand
}

func newReader(t *testing.T) *reader {
	home := t.TempDir()
	r := &reader{t: t, url: storetest.RunEmbedded(t).URL(), home: home}
	r.env = []string{"HOME=" + home, "STORE_URL=" + r.url, "EDITOR=true"}
	for _, name := range []string{"PATH", "TMPDIR", "GORACE", "GOCOVERDIR"} {
		if value, set := os.LookupEnv(name); set {
			r.env = append(r.env, name+"="+value)
		}
	}
	return r
}

// exitComment is how the README tells an exit code that is not 0.
var exitComment = regexp.MustCompile(`(?m)^(.*?) +# exits with (\d+)$`)

// script runs a block of commands.
func (r *reader) script(text string) {
	if lines := strings.Split(strings.TrimSpace(text), "\n"); isModuleLine(lines[0]) {
		for _, line := range lines {
			r.moduleLine(line)
		}
		return
	}
	checked := exitComment.ReplaceAllString(text,
		"code=0; $1 || code=$?; [ $$code = $2 ] || { echo exit code $$code, not $2; exit 99; }")
	if output, code := r.shell("set -e\n" + checked); code != 0 {
		r.t.Errorf("%s: exit code %d:\n%s\n%s", r.at, code, text, output)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "export ") {
			r.exports += line
		}
	}
}

// shell runs a script and returns what it printed, and its exit code.
func (r *reader) shell(script string) (output string, code int) {
	cmd := exec.Command("sh", "-c", r.exports+script)
	cmd.Dir, cmd.Env = r.home, r.env
	return r.outcome(cmd)
}

func (r *reader) outcome(cmd *exec.Cmd) (output string, code int) {
	r.t.Helper()
	text, err := cmd.CombinedOutput()
	if exit, ended := errors.AsType[*exec.ExitError](err); ended {
		return string(text), exit.ExitCode()
	}
	if err != nil {
		r.t.Fatalf("%s: %v", r.at, err)
	}
	return string(text), 0
}

// session runs the commands of a block and compares what they print.
func (r *reader) session(text string) {
	for _, step := range strings.Split("\n"+text, "\n$ ")[1:] {
		line, want, _ := strings.Cut(step, "\n")
		if want != "" {
			want = strings.TrimSuffix(want, "\n") + "\n"
		}
		wantCode := 0
		if comment := exitComment.FindStringSubmatch(line); comment != nil {
			line = comment[1]
			wantCode, _ = strconv.Atoi(comment[2])
		}
		got, code := r.shell(line)
		if code != wantCode {
			r.t.Errorf("%s: %s: exit code %d, want %d", r.at, line, code, wantCode)
		}
		if !masked(want).MatchString(got) {
			r.t.Errorf("%s: %s printed\n%s\nnot\n%s", r.at, line, got, want)
		}
	}
}

// masked turns text in which "…" stands for anything into a pattern.
func masked(text string) *regexp.Regexp {
	pattern := regexp.QuoteMeta(text)
	pattern = regexp.MustCompile(`(?m)^…\n`).ReplaceAllString(pattern, `(?:.*\n)*`)
	return regexp.MustCompile(`^` + strings.ReplaceAll(pattern, "…", `.*`) + `$`)
}

// file writes a block to the file that its first line names.
func (r *reader) file(text string) {
	first, _, _ := strings.Cut(text, "\n")
	name, named := strings.CutPrefix(first, "# ")
	if !named {
		r.t.Fatalf("%s: the first line names no file", r.at)
	}
	path := filepath.Join(r.home, strings.TrimPrefix(name, "~/"))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if output, code := r.shell("store config show"); code != 0 {
		r.t.Errorf("%s: %s", r.at, output)
	}
}

// program compiles and runs a block of Go.
func (r *reader) program(body string) {
	source := `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/tenantstore/store/pkg/store"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
` + strings.Replace(body, "redis://127.0.0.1:6379", r.url, 1) + `
	return nil
}
`
	path := filepath.Join(r.t.TempDir(), "main.go")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		r.t.Fatal(err)
	}
	const want = `true {"name":"Grace","plan":"free"}` + "\n"
	if got, code := r.outcome(exec.Command("go", "run", path)); code != 0 || got != want {
		r.t.Errorf("%s: exit code %d, output\n%s", r.at, code, got)
	}
}

func isModuleLine(line string) bool {
	return strings.HasPrefix(line, "go ") || strings.HasPrefix(line, "npm ")
}

// moduleLine does what it can about a line that is for the module's own folder.
func (r *reader) moduleLine(line string) {
	check, known := map[string]func(line string){
		"go run . demo":                    r.demo,
		"go run ./cmd/internal/bench":      r.bench,
		"go test ./...":                    r.inCI,
		"npm --prefix testdata/interop ci": r.inCI,
		"go install " + module + "@latest": r.install,
	}[line]
	if !known {
		r.t.Errorf("%s: nothing checks %q", r.at, line)
		return
	}
	check(line)
}

// demo runs the tour as it is written.
func (r *reader) demo(line string) {
	words := strings.Fields(line)
	output, code := r.outcome(exec.Command(words[0], words[1:]...))
	if code != 0 || !strings.Contains(output, "\nAll ") {
		r.t.Errorf("%s: exit code %d:\n%s", r.at, code, output)
	}
}

// bench makes sure that the program is there; measuring takes too long.
func (r *reader) bench(line string) {
	words := append(strings.Fields(line), "-help")
	if output, code := r.outcome(exec.Command(words[0], words[1:]...)); code != 0 {
		r.t.Errorf("%s: exit code %d:\n%s", r.at, code, output)
	}
}

// inCI makes sure that .ci/run runs the same command, apart from flags. The tests would
// run themselves here, and npm would replace what they use.
func (r *reader) inCI(line string) {
	if !slices.Contains(ciCommands(r.t), line) {
		r.t.Errorf("%s: .ci/run does not run %q", r.at, line)
	}
}

// ciCommands returns the command lines of .ci/run without flags, variables and
// redirections.
func ciCommands(t *testing.T) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(readText(t, filepath.Join(".ci", "run"))) {
		words := slices.DeleteFunc(strings.Fields(line), func(word string) bool {
			return word == "exec" || strings.ContainsAny(word, "=<") ||
				strings.HasPrefix(word, "-") && word != "--prefix"
		})
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// install compares with the module's name: there is no release to install in a test.
func (r *reader) install(line string) {
	if !strings.HasPrefix(readText(r.t, "go.mod"), "module "+module+"\n") {
		r.t.Errorf("%s: %s: go.mod names another module", r.at, line)
	}
}

// TestReadmePaths makes sure that the files and folders exist that the README names.
func TestReadmePaths(t *testing.T) {
	paths := regexp.MustCompile("`((?:cmd|pkg|testdata|\\.ci)/[a-z_/.]+|[a-z_]+\\.go|LICENSE)`")
	found := paths.FindAllStringSubmatch(readText(t, readmeFile), -1)
	if len(found) < 10 {
		t.Errorf("the README names only %d files", len(found))
	}
	for _, path := range found {
		if _, err := os.Stat(filepath.FromSlash(path[1])); err != nil {
			t.Error(err)
		}
	}
}
