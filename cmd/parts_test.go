package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// TestNeeded checks that a command line finds its command behind any flags of the root,
// and that in doubt the whole tree is made.
func TestNeeded(t *testing.T) {
	for line, want := range map[string]string{
		"kv get k":                       "kv",
		"-s api kv get k":                "kv",
		"--service api --json scan":      "scan",
		"--service=api --scope a=b scan": "scan",
		"-q -v claim run x -- kv":        "claim",
		"--service kv counter get c":     "counter",
		"":                               "all",
		"--help":                         "all",
		"help kv":                        "all",
		"completion bash":                "all",
		"__complete kv":                  "all",
		"kvv get k":                      "all",
		"-sapi kv get k":                 "all",
		"--service":                      "all",
		"--unheard kv get k":             "all",
		"-- kv get k":                    "all",
		"- kv":                           "all",
	} {
		tool := cli.New(t.Context(), cli.Env{})
		root := newRoot(tool, nil)
		chosen, whole := needed(root.PersistentFlags(), strings.Fields(line))
		got := "all"
		if !whole {
			got = chosen[0].name
		}
		if got != want || whole != (len(chosen) == len(parts())) {
			t.Errorf("%q: got %s, %d parts; want %s", line, got, len(chosen), want)
		}
	}
}

// TestParts checks that every part goes by the name of its command: by another one it
// would never be found.
func TestParts(t *testing.T) {
	tool := cli.New(t.Context(), cli.Env{})
	var names []string
	for _, p := range parts() {
		command := p.make(tool)
		if command.Name() != p.name || len(command.Aliases) > 0 {
			t.Errorf("part %q makes %q with aliases %q", p.name, command.Name(), command.Aliases)
		}
		names = append(names, p.name)
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(names))); len(unique) != len(names) {
		t.Errorf("a name is there twice: %q", names)
	}
}
