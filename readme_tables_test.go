package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmeTables compares the tables of the README with what the program itself says.
func TestReadmeTables(t *testing.T) {
	text := readText(t, readmeFile)
	tables := map[string]string{
		"commands":    commandTable(t),
		"exit codes":  exitCodeTable(t),
		"environment": environmentTable(t),
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		before, rest, opened := strings.Cut(text, "<!-- "+name+" -->\n")
		got, after, closed := strings.Cut(rest, "<!-- /"+name+" -->\n")
		if !opened || !closed {
			t.Errorf("the table of %s is not marked", name)
			continue
		}
		if got != tables[name] && !*update {
			t.Errorf("the table of %s is not up to date (go test . -update); want\n%s", name, tables[name])
		}
		text = before + "<!-- " + name + " -->\n" + tables[name] + "<!-- /" + name + " -->\n" + after
	}
	if *update {
		if err := os.WriteFile(readmeFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// storeOutput returns what a store command prints in a world without settings.
func storeOutput(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("store", args...)
	cmd.Env = append([]string{"GORACE=" + os.Getenv("GORACE"), "GOCOVERDIR=" + os.Getenv("GOCOVERDIR")}, env...)
	cmd.Dir = t.TempDir()
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("store %s: %v\n%s", strings.Join(args, " "), err, complaint.String())
	}
	return out.String()
}

// commandTable lists the commands that can be run, as the help does.
func commandTable(t *testing.T) string {
	t.Helper()
	rows := [][]string{{"command", ""}}
	for _, top := range listed(t) {
		verbs := listed(t, top[0])
		if len(verbs) == 0 || top[0] == "completion" {
			verbs = [][2]string{{"", top[1]}}
		}
		for _, verb := range verbs {
			name := strings.TrimSpace("store " + top[0] + " " + verb[0])
			rows = append(rows, []string{"`" + name + "`", verb[1]})
		}
	}
	return markdown(rows)
}

// markdown returns a table, the heading first.
func markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return strings.ReplaceAll(b.String(), "|  |", "| |")
}

// listed returns the names and summaries of the commands in a command's help.
func listed(t *testing.T, command ...string) [][2]string {
	t.Helper()
	help := storeOutput(t, nil, append(command, "--help")...)
	if _, examples, found := strings.Cut(help, "\nExamples:"); found {
		help = examples
	}
	help, _, _ = strings.Cut(help, "\nFlags:")
	var all [][2]string
	for _, row := range regexp.MustCompile(`(?m)^  ([a-z-]+) {2,}(\S.*)$`).FindAllStringSubmatch(help, -1) {
		all = append(all, [2]string{row[1], row[2]})
	}
	return all
}

// exitCodeTable is the table of `store help exit-codes`.
func exitCodeTable(t *testing.T) string {
	t.Helper()
	rows := [][]string{{"code", "meaning"}}
	for _, row := range helpRows(t, "exit-codes") {
		rows = append(rows, row[:])
	}
	return markdown(rows)
}

// environmentTable is the table of `store help environment`.
func environmentTable(t *testing.T) string {
	t.Helper()
	code := regexp.MustCompile(`--[a-z-]+…?|[A-Z]+_[A-Z_]+|\b[A-Z]{4,}\b|a=1,b=2|kv edit`)
	rows := [][]string{{"variable", "stands for"}}
	for _, row := range helpRows(t, "environment") {
		rows = append(rows, []string{
			code.ReplaceAllString(row[0], "`$0`"), code.ReplaceAllString(row[1], "`$0`"),
		})
	}
	return markdown(rows)
}

// helpRows returns the first table of a help topic: rows are indented by two spaces,
// what continues them by more, and a first cell goes on behind a comma.
func helpRows(t *testing.T, topic string) [][2]string {
	t.Helper()
	var rows [][2]string
	for line := range strings.Lines(storeOutput(t, nil, "help", topic)) {
		text, indented := strings.CutPrefix(strings.TrimRight(line, "\n"), "  ")
		if !indented && len(rows) > 0 {
			break
		}
		if !indented {
			continue
		}
		left, right, _ := strings.Cut(text, "  ")
		last := len(rows) - 1
		switch {
		case last >= 0 && strings.HasSuffix(rows[last][0], ","):
			rows[last][0] += " " + left
			rows[last][1] = strings.TrimSpace(right)
		case left == "":
			rows[last][1] = strings.TrimSpace(rows[last][1] + " " + strings.TrimSpace(text))
		default:
			rows = append(rows, [2]string{left, strings.TrimSpace(right)})
		}
	}
	if len(rows) < 5 {
		t.Fatalf("help %s has a table of %d rows", topic, len(rows))
	}
	return rows
}

// TestHelpExitCodes compares the help, and with it the README, with the code.
func TestHelpExitCodes(t *testing.T) {
	var want, got []string
	source := readText(t, filepath.Join("cmd", "exit.go"))
	for _, code := range regexp.MustCompile(`(?m)^\texit\w+ += (\d+)$`).FindAllStringSubmatch(source, -1) {
		want = append(want, code[1])
	}
	for _, row := range helpRows(t, "exit-codes") {
		got = append(got, row[0])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the help has the codes %q, the program %q", got, want)
	}
}

// TestHelpEnvironment makes sure that every variable in the help, and with it in the
// README, has an effect, and that no other has.
func TestHelpEnvironment(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte("contexts: {there: {service: api}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	names := variablesInHelp(t)
	for _, name := range names {
		env := []string{"STORE_CONFIG=" + config, name + "=" + variableValue(name)}
		if name == "STORE_CONFIG" {
			env = env[:1]
		}
		effect := regexp.MustCompile(`environment ` + name + `\b`)
		if shown := storeOutput(t, env, "config", "show"); !effect.MatchString(shown) {
			t.Errorf("%s has no effect", name)
		}
	}
	for _, name := range variablesInCode(t) {
		if !slices.Contains(names, name) {
			t.Errorf("the help does not have %s", name)
		}
	}
}

// variableValue returns a value that a variable may have.
func variableValue(name string) string {
	switch name {
	case "STORE_URL", "REDIS_URL":
		return "redis://h"
	case "STORE_CONTEXT":
		return "there"
	case "STORE_OUTPUT":
		return "json"
	case "STORE_TIMEOUT":
		return "3s"
	case "STORE_READ_ONLY", "STORE_TLS_SKIP_VERIFY":
		return "true"
	}
	return "a=1"
}

// variablesInHelp returns the names of the variables that are settings. What the others
// do is shown by scripts.
func variablesInHelp(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, row := range helpRows(t, "environment") {
		names = append(names, regexp.MustCompile(`[A-Z][A-Z_]+`).FindAllString(row[0], -1)...)
	}
	others := []string{"NO_COLOR", "CLICOLOR_FORCE", "VISUAL", "EDITOR", "STORE_COMPLETION"}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(others, name) })
}

// variablesInCode returns the names of variables in the code that reads settings.
func variablesInCode(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, file := range []string{"overlay.go", "secret.go"} {
		text := readText(t, filepath.Join("cmd", "internal", "cli", file))
		for _, name := range regexp.MustCompile(`"([A-Z]+_[A-Z_]+)"`).FindAllStringSubmatch(text, -1) {
			names = append(names, name[1])
		}
	}
	if len(names) < 10 {
		t.Fatalf("the code has only %d variables", len(names))
	}
	return names
}
