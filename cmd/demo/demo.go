// Package demo holds the command `store demo`.
package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Runner runs one command line in a world and returns its exit code.
type Runner func(ctx context.Context, env cli.Env, args []string) int

// New returns the command `store demo`. Its steps are real command lines; run is
// what runs them.
func New(t *cli.Tool, run Runner) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "See it work, with no server at hand",
		Long: `Demo is a guided tour. It starts an embedded server inside the process, fills it
with the data of two tenants, and runs real commands against it, each shown with its
output. It takes no notice of configured servers and exits with 0 only if every
command behaved.`,
		Example:           `  store demo`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			memory := store.NewMemory()
			defer memory.Close()
			return tour{t.Env, memory, run}.all(cmd.Context())
		},
	}
}

// tour runs steps in a world of its own.
type tour struct {
	env    cli.Env
	memory *store.Memory
	run    Runner
}

func (t tour) all(ctx context.Context) error {
	wrong := 0
	for _, s := range steps() {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		problem, err := t.step(ctx, s)
		if err != nil {
			return err
		}
		if problem != "" {
			wrong++
			fmt.Fprintf(t.env.Err, "store: demo: %s: %s\n", s.line, problem)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("demo: %d of %d commands did not behave", wrong, len(steps()))
	}
	_, err := fmt.Fprintf(t.env.Out, "\nAll %d commands behaved. Next: store --help\n", len(steps()))
	return err
}

// step shows and runs one command line, and says what was wrong with it.
func (t tour) step(ctx context.Context, s step) (problem string, err error) {
	if s.comment != "" {
		if _, err := fmt.Fprintf(t.env.Out, "\n# %s\n", s.comment); err != nil {
			return "", err
		}
	}
	if _, err := fmt.Fprintf(t.env.Out, "$ %s\n", s.shown()); err != nil {
		return "", err
	}
	var out, notes strings.Builder
	code := t.run(ctx, t.world(s, &out, &notes), words(s.line)[1:])
	if _, err := fmt.Fprint(t.env.Out, out.String(), notes.String()); err != nil {
		return "", err
	}
	switch {
	case code != s.code:
		return fmt.Sprintf("exit code %d, want %d", code, s.code), nil
	case !strings.Contains(out.String()+notes.String(), s.want):
		return fmt.Sprintf("the output lacks %q", s.want), nil
	}
	return "", nil
}

// world is where a step runs: the embedded server, no settings from outside, and no
// terminal to ask on.
func (t tour) world(s step, out, notes *strings.Builder) cli.Env {
	env := cli.Env{
		In: strings.NewReader(s.input), Out: out, Err: notes, Now: t.env.Now, Memory: t.memory,
	}
	env.LookupEnv = func(name string) (string, bool) {
		value, ok := map[string]string{"STORE_URL": "memory://", "STORE_SERVICE": "shop"}[name]
		return value, ok
	}
	return env
}

// words splits a command line as a shell does, as far as the tour needs it: at
// spaces, with single quotes.
func words(line string) []string {
	var all []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return all
}
