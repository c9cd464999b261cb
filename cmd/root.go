// Package cmd is the command line of store: the tree of commands, and the one place
// where errors become exit codes. `ls cmd` reads like `store --help`.
package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/help"
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Main runs the program in the real world and returns its exit code.
func Main(args []string) int { return MainWith(args, nil) }

// MainWith is Main with somebody who hears of every operation; nil for nobody.
func MainWith(args []string, observer store.Telemetry) int {
	// A reader that goes away shows as a failed write instead of killing us: what
	// has begun is finished and reported.
	// Ignoring the signal would do as well, but our children would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := interruptible(context.Background())
	defer stop()
	env := cli.System()
	env.Observer = observer
	return run(ctx, env, args)
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, env cli.Env, args []string) int {
	tool := cli.New(ctx, env)
	root := newRoot(tool, args)
	help := &helpOutput{out: env.Out}
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(help)
	root.SetErr(env.Err)
	err := root.ExecuteContext(ctx)
	tool.EndTelemetry()
	if err == nil {
		err = help.err
	}
	if wanted, ok := errors.AsType[*schemaWanted](err); ok {
		err = printSchema(tool, wanted.cmd)
	}
	return report(tool, args, err)
}

// helpOutput remembers that help could not be written; cobra does not say.
type helpOutput struct {
	out io.Writer
	err error
}

func (h *helpOutput) Write(b []byte) (int, error) {
	n, err := h.out.Write(b)
	if h.err == nil {
		h.err = err
	}
	return n, err
}

// newRoot makes the tree of commands, as far as a command line needs it.
func newRoot(t *cli.Tool, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "store",
		Short: "Operate multi-tenant stores in Redis and Valkey",
		Long: `Store reads and writes the keys that applications keep in Redis or Valkey through
the npm library @igniter-js/store: entries, counters, claims, events and streams
of many tenants, each key under <prefix>:<service>[:<scope>:<id>…]:<namespace>:<key>.

Data goes to stdout, everything else to stderr, and every question has an exit
code (store help exit-codes).`,
		Example: `  # read one key of one tenant
  store --service api --scope organization=org_1 kv get user:1

  # see it all work, with no server at hand
  store demo`,
		SilenceErrors: true, SilenceUsage: true, DisableAutoGenTag: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return t.Resolve(cmd.Flags())
		},
	}
	t.Bind(root.PersistentFlags())
	root.AddGroup(
		&cobra.Group{ID: "data", Title: "Data:"},
		&cobra.Group{ID: "tool", Title: "The tool itself:"},
	)
	chosen, whole := needed(root.PersistentFlags(), args)
	for _, p := range chosen {
		command := p.make(t)
		command.GroupID = p.group
		root.AddCommand(command)
	}
	root.SetHelpCommandGroupID("tool")
	root.SetCompletionCommandGroupID("tool")
	root.CompletionOptions.DisableDefaultCmd = !whole
	if whole {
		root.AddCommand(help.Topics()...)
		t.CompleteFlags(root)
	}
	strict(root)
	return root
}

// interruptible returns a context that the first SIGINT or SIGTERM ends. The second
// one ends the process.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals)
		cancel(cli.Interrupted{Signal: s})
	}()
	return ctx, func() { cancel(nil) }
}
