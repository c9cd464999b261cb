package cmd

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// foreign are the commands that cobra makes.
var foreign = []string{"help", "completion"}

// newTree returns the tree of commands without those that cobra makes.
func newTree(t *testing.T) (root *cobra.Command, ours []*cobra.Command) {
	t.Helper()
	root = newRoot(cli.New(t.Context(), cli.Env{
		In: strings.NewReader(""), Out: io.Discard, Err: io.Discard,
		LookupEnv: func(string) (string, bool) { return "", false },
	}), nil)
	walk(root, func(cmd *cobra.Command) {
		first, _, _ := strings.Cut(strings.TrimPrefix(cmd.CommandPath(), "store "), " ")
		if !slices.Contains(foreign, first) {
			ours = append(ours, cmd)
		}
	})
	if len(ours) < 20 {
		t.Fatalf("the tree has only %d commands", len(ours))
	}
	return root, ours
}

// isTopic reports whether a command is a help topic and nothing else.
func isTopic(cmd *cobra.Command) bool { return !cmd.Runnable() && !cmd.HasSubCommands() }

// TestCommands holds every command to the same shape.
func TestCommands(t *testing.T) {
	_, commands := newTree(t)
	for _, cmd := range commands {
		check := func(ok bool, complaint string) {
			t.Helper()
			if !ok {
				t.Errorf("%s: %s", cmd.CommandPath(), complaint)
			}
		}
		check(cmd.Short != "" && !strings.HasSuffix(cmd.Short, "."), "Short is one phrase")
		check(cmd.Long != "", "there is no Long")
		if isTopic(cmd) {
			continue
		}
		check(cmd.Run == nil && cmd.RunE != nil, "a command has RunE, not Run")
		check(cmd.Args != nil, "there is no Args")
		check(cmd.Example != "", "there is no Example")
		if !cmd.HasSubCommands() {
			// A command line of the user's own is completed with files, and prints
			// what it likes.
			runsOther := strings.Contains(cmd.Use, "CMD")
			check(cmd.ValidArgsFunction != nil || runsOther, "there is no ValidArgsFunction")
			printsJSON := cmd.Name() != "demo" && !runsOther
			check(strings.Contains(cmd.Long, "\nJSON fields: ") == printsJSON, "Long and JSON fields")
		}
	}
}

// TestExamples parses every command line in the examples.
func TestExamples(t *testing.T) {
	_, commands := newTree(t)
	for _, cmd := range commands {
		lines := exampleLines(cmd.Example)
		if len(lines) == 0 && !isTopic(cmd) {
			t.Errorf("%s: no example begins with store", cmd.CommandPath())
		}
		for _, line := range lines {
			checkExample(t, cmd.CommandPath(), line)
		}
	}
}

// checkExample looks an example's command up in a fresh tree and checks its flags and
// its number of arguments.
func checkExample(t *testing.T, path string, words []string) {
	t.Helper()
	root, _ := newTree(t)
	cmd, args, err := root.Find(words)
	if err != nil || cmd == root && len(words) > 0 {
		t.Errorf("%s: example %q: no such command (%v)", path, words, err)
		return
	}
	cmd.SetContext(context.Background())
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(args); err != nil {
		t.Errorf("%s: example %q: %v", path, words, err)
		return
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		t.Errorf("%s: example %q: %v", path, words, err)
	}
}

// exampleLines returns the words behind every "store" that begins a command in shell
// text.
func exampleLines(text string) [][]string {
	var all [][]string
	for line := range strings.Lines(text + "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, command := range shellCommands(line) {
			for len(command) > 0 && (command[0] == "if" || strings.Contains(command[0], "=")) {
				command = command[1:]
			}
			if len(command) > 0 && command[0] == "store" {
				all = append(all, command[1:])
			}
		}
	}
	return all
}

// shellCommands splits a line at pipes and semicolons and each command at spaces,
// minding single quotes, and leaves redirections out.
func shellCommands(line string) [][]string {
	var commands [][]string
	var command []string
	word, quoted, begun, skip := strings.Builder{}, false, false, false
	endWord := func() {
		redirected := !quoted && strings.HasPrefix(word.String(), ">")
		switch {
		case skip:
			skip = false
		case redirected:
			skip = word.String() == ">"
		case begun:
			command = append(command, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, c := range line {
		switch {
		case c == '\'':
			quoted, begun = !quoted, true
		case quoted:
			word.WriteRune(c)
		case strings.ContainsRune(" \n", c):
			if begun {
				endWord()
			}
		case strings.ContainsRune("|;", c):
			if begun {
				endWord()
			}
			commands, command = append(commands, command), nil
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	return append(commands, command)
}
