//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
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

// TestFaults does to servers, networks and outputs what happens in the real world, and
// looks at what becomes of commands: what they say, how they exit, what has changed on the
// server, and that they end. What it finds is the table in docs/faults.md; -update writes
// it anew. What must never be, such as a write that is done twice or a refusal without a
// hint, no -update makes right.

const faultsFile = "docs/faults.md"

// hangLimit is how long a command may take that has a --timeout of at most a second, or
// nothing to wait for. It tells a slow machine from a command that hangs.
const hangLimit = waitLimit

// scene is a server with what happens to it, one fault after the other.
type scene struct {
	name    string
	options []storetest.Option
	play    func(*faultWorld)
}

// faultSections are the sections of the table.
func faultSections() []struct {
	title  string
	scenes []scene
} {
	return []struct {
		title  string
		scenes []scene
	}{
		{"Connecting and logging in", connectingScenes()},
		{"The network", networkScenes()},
		{"A server that stops or stalls", stallingScenes()},
		{"A server that refuses", refusingScenes()},
		{"Clusters and Sentinels", deploymentScenes()},
		{"The output", outputScenes()},
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	sections := faultSections()
	texts := make([][]string, len(sections))
	t.Run("scenes", func(t *testing.T) {
		for i, section := range sections {
			texts[i] = make([]string, len(section.scenes))
			for j, s := range section.scenes {
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					texts[i][j] = playScene(t, s)
				})
			}
		}
	})
	var b strings.Builder
	b.WriteString(faultsIntroduction)
	for i, section := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n", section.title)
		b.WriteString("| fault | command | exit | what it says | what became of it |\n" +
			"|---|---|---|---|---|\n")
		for _, text := range texts[i] {
			if text == "" {
				return // Only some were asked for, or failed; each was compared by itself.
			}
			b.WriteString(text)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(faultsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if readText(t, faultsFile) != b.String() {
		t.Errorf("%s is not up to date (go test . -run TestFaults -update)", faultsFile)
	}
}

const faultsIntroduction = `# Faults

What ` + "`store`" + ` says and does when something breaks. A test breaks each of these things for real, with
servers, connections and files, and writes down here what it finds (` + "`go test . -run TestFaults -update`" + `).

* In this table a counter is the usual write: its value tells how often the increment was carried out. Not
  one was carried out twice, and none was carried out that ended with 4.
* Every command ended by itself, within its ` + "`--timeout`" + ` where an answer did not come; the time a program
  takes to start comes on top. Those that go on for ever, ` + "`sub` and `stream tail --follow`" + `, went on.
* What is said goes to stderr; with ` + "`-o json`" + ` it is the same as one JSON object. ADDR stands for the address of a server, TIME and N for what differs each time.
`

// playScene plays a scene and returns its rows of the table.
func playScene(t *testing.T, s scene) string {
	w := &faultWorld{T: t}
	if s.options != nil {
		w.server = storetest.RunRedis(t, s.options...)
		w.reach(w.server.URL())
		w.seed()
	}
	s.play(w)
	w.settle()
	if t.Failed() {
		return ""
	}
	text := w.table()
	if !*update && !strings.Contains(readText(t, faultsFile), text) {
		t.Errorf("%s does not have these rows (go test . -run TestFaults -update):\n%s", faultsFile, text)
	}
	return text
}

// faultWorld is where a scene plays.
type faultWorld struct {
	*testing.T
	server *storetest.Server
	proxy  *storetest.Proxy
	state  redis.UniversalClient // what is looked at for what became of writes
	url    string
	env    []string
	faults []*faultRows
}

// faultRows are the rows of one fault.
type faultRows struct {
	name, done string
	rows       []*faultRow
}

// faultRow is a command with what came of it.
type faultRow struct {
	command, said, exit, became string
	code                        int
	look                        func(*faultRow) string // finds out what became of it, at the end
}

// plain is a server with nothing special about it.
func plain(options ...storetest.Option) []storetest.Option {
	return append([]storetest.Option{}, options...)
}

// reach has all commands from now on use a URL.
func (w *faultWorld) reach(url string) { w.url = url }

// seed stores what the reads of the table read.
func (w *faultWorld) seed() {
	w.Helper()
	w.state = w.server.Client()
	w.must(w.state.Set(w.Context(), "igniter:store:api:kv:k", "1", 0).Err())
}

// behindProxy puts a connection that breaks before the server.
func (w *faultWorld) behindProxy() *storetest.Proxy {
	w.Helper()
	w.proxy = storetest.RunProxy(w, w.server.Addr)
	w.reach(w.proxy.URL())
	return w.proxy
}

func (w *faultWorld) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// fault begins a fault, and looks at what became of the one before.
func (w *faultWorld) fault(name, done string) {
	w.Helper()
	w.settle()
	w.faults = append(w.faults, &faultRows{name: name, done: done})
}

// settle looks at what became of the writes of the last fault. Everything works again.
func (w *faultWorld) settle() {
	w.Helper()
	if len(w.faults) == 0 {
		return
	}
	for _, row := range w.faults[len(w.faults)-1].rows {
		if row.look != nil {
			row.became = row.look(row)
			row.look = nil
		}
	}
}

// faultRun is a command that runs.
type faultRun struct {
	*follower
	w    *faultWorld
	line string
	cmd  *exec.Cmd
}

// start starts a command line.
func (w *faultWorld) start(line string) *faultRun {
	w.Helper()
	dir := w.TempDir()
	r := &faultRun{w: w, line: line, follower: &follower{
		out: filepath.Join(dir, "out"), err: filepath.Join(dir, "err"), ended: make(chan struct{}),
	}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.Context()))
	env := append([]string{"STORE_TIMEOUT=20s"}, w.env...)
	r.cmd = newSession(w.T, w.url, "api", env...).command(ctx, line)
	out, err := os.Create(r.out)
	w.must(err)
	defer out.Close()
	complaints, err := os.Create(r.err)
	w.must(err)
	defer complaints.Close()
	r.cmd.Stdout, r.cmd.Stderr = out, complaints
	w.must(r.cmd.Start())
	go func() {
		_ = r.cmd.Wait()
		close(r.ended)
	}()
	w.Cleanup(func() {
		cancel()
		<-r.ended
	})
	return r
}

// ends waits for the end of a command and notes what came of it. The rest of what is to be
// said about it is found out by look, when all is well again.
func (r *faultRun) ends(code int, look func(*faultRow) string) *faultRow {
	r.w.Helper()
	select {
	case <-r.ended:
	case <-time.After(hangLimit):
		r.w.Fatalf("%s: hangs; it says\n%s", r.line, r.said())
	}
	row := &faultRow{
		command: r.line, code: r.cmd.ProcessState.ExitCode(), said: r.w.normal(r.said()), look: look,
	}
	row.exit = fmt.Sprint(row.code)
	if row.code != code {
		r.w.Errorf("%s: exit code %d, want %d:\n%s", r.line, row.code, code, r.said())
	}
	r.w.note(row)
	return row
}

// note adds a row to the fault at hand.
func (w *faultWorld) note(row *faultRow) {
	w.Helper()
	if row.code > 1 && !strings.Contains(row.said, "hint: ") && row.code < 128 && row.code != 5 {
		w.Errorf("%s: exit code %d and no hint:\n%s", row.command, row.code, row.said)
	}
	last := w.faults[len(w.faults)-1]
	last.rows = append(last.rows, row)
}

// ask runs a command line to its end.
func (w *faultWorld) ask(code int, line string, look func(*faultRow) string) *faultRow {
	w.Helper()
	return w.start(line).ends(code, look)
}

// read reads the entry that is there.
func (w *faultWorld) read(code int, flags ...string) {
	w.Helper()
	r := w.start(strings.Join(append([]string{"store kv get k"}, flags...), " "))
	r.ends(code, func(row *faultRow) string {
		out := strings.Join(r.lines(), "\n")
		switch {
		case code == 0 && out == "1":
			return "the value is read"
		case code != 0 && out == "":
			return "nothing is read"
		}
		w.Errorf("%s: exit code %d, and prints %q", r.line, row.code, out)
		return ""
	})
}

// write increments a counter of its own, whose value says how often that was done.
func (w *faultWorld) write(code int, flags ...string) {
	w.Helper()
	key := string(rune('n' + len(w.faults[len(w.faults)-1].rows)))
	key = fmt.Sprintf("%s%d", key, len(w.faults))
	line := strings.Join(append([]string{"store counter increment " + key}, flags...), " ")
	row := w.ask(code, line, w.effect("igniter:store:api:counter:"+key, w.counted))
	row.command = strings.Replace(row.command, key, "n", 1)
	row.said = strings.ReplaceAll(row.said, `"`+key+`"`, `"n"`)
}

// effect compares how often a write was done with what its exit code says.
func (w *faultWorld) effect(key string, count func(key string) int64) func(*faultRow) string {
	return func(row *faultRow) string {
		w.Helper()
		n := count(key)
		switch {
		case row.code == 0 && n == 1:
			return "done, once"
		case row.code == 6 && n == 1:
			return "done, and not repeated"
		case row.code == 6 && n == 0:
			return "not done, and not repeated"
		case (row.code == 3 || row.code == 4) && n == 0:
			return "nothing is changed"
		}
		w.Errorf("%s: exit code %d, and it was done %d times", row.command, row.code, n)
		return ""
	}
}

// counted returns the value of a counter, as it is on the server.
func (w *faultWorld) counted(key string) int64 {
	w.Helper()
	var n int64
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() (err error) {
		n, err = w.state.Get(w.Context(), key).Int64()
		if errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	}))
	return n
}

// became is a look at what is known already.
func became(text string) func(*faultRow) string {
	return func(*faultRow) string { return text }
}

// hides are the parts of what a command says that differ each time, and what stands for them.
var hides = []struct {
	pattern *regexp.Regexp
	mask    string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+(->127\.0\.0\.1:\d+)?`), "ADDR"},
	{regexp.MustCompile(`(?m)^store: stream tail: not connected .*\n`), ""},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`\b\d+(\.\d+)? ?(ms|s)\b`), "N s"},
}

// normal returns what is the same each time in what a command says. Summaries of what
// went well are left out.
func (w *faultWorld) normal(said string) string {
	for _, hide := range hides {
		said = hide.pattern.ReplaceAllString(said, hide.mask)
	}
	var lines []string
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "subscribed: ") && !strings.HasPrefix(line, "received ") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	if n := len(lines); n > 6 { // of a batch, whose rows all failed in the same way
		lines = append(lines[:1], append([]string{"…"}, lines[n-3:]...)...)
	}
	return strings.Join(lines, "\n")
}

// table returns the rows of all faults.
func (w *faultWorld) table() string {
	var b strings.Builder
	for _, f := range w.faults {
		first := "**" + f.name + "**: " + f.done
		for _, row := range f.rows {
			cells := []string{first, code1(row.command), row.exit, codeLines(row.said), row.became}
			first = ""
			for i, cell := range cells {
				cells[i] = strings.ReplaceAll(cell, "|", `\|`)
			}
			b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		}
	}
	return strings.ReplaceAll(b.String(), "|  |", "| |")
}

// code1 marks a text as code.
func code1(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// codeLines marks each line as code.
func codeLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = code1(line)
	}
	return strings.Join(lines, "<br>")
}
