// Package cmd is the command line of store: the tree of commands, and the one place
// where errors become exit codes. `ls cmd` reads like `store --help`.
package cmd

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/batch"
	"github.com/tenantstore/store/cmd/claim"
	"github.com/tenantstore/store/cmd/config"
	"github.com/tenantstore/store/cmd/counter"
	"github.com/tenantstore/store/cmd/demo"
	"github.com/tenantstore/store/cmd/help"
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/cmd/kv"
	"github.com/tenantstore/store/cmd/scan"
	"github.com/tenantstore/store/cmd/version"
)

// Main runs the program in the real world and returns its exit code.
func Main(args []string) int {
	// A reader that goes away shows as a failed write instead of killing us: what
	// has begun is finished and reported.
	// Ignoring the signal would do as well, but our children would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := interruptible(context.Background())
	defer stop()
	return run(ctx, cli.System(), args)
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, env cli.Env, args []string) int {
	tool := cli.New(ctx, env)
	root := newRoot(tool)
	help := &helpOutput{out: env.Out}
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(help)
	root.SetErr(env.Err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = help.err
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

// newRoot makes the tree of commands.
func newRoot(t *cli.Tool) *cobra.Command {
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
	add(root, "data", kv.New(t), counter.New(t), claim.New(t), batch.New(t), scan.New(t))
	add(root, "tool", config.New(t), demo.New(t, run), version.New(t))
	root.AddCommand(help.Topics()...)
	root.SetHelpCommandGroupID("tool")
	root.SetCompletionCommandGroupID("tool")
	strict(root)
	return root
}

func add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
	}
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
