package stream

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/child"
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// consumeFlags are the flags of `store stream consume`.
type consumeFlags struct {
	members
	jobs, count   int
	claimIdle     string
	maxDeliveries int64
	deadLetter    string
}

func newConsume(t *cli.Tool) *cobra.Command {
	var flags consumeFlags
	cmd := &cobra.Command{
		Use:   "consume STREAM --group G --consumer C -- CMD ARGS...",
		Short: "Run a command for every message",
		Long: `Consume works through a stream as a consumer of a group: for every message it runs CMD
(directly, not through a shell) with the message's JSON as a line on standard input. When
CMD exits with 0 the message is acknowledged, otherwise it is left pending. It goes on for
ever, or until --count messages have been dealt with.

It begins with what is pending for the consumer from an earlier life. With --claim-idle it
also takes over messages that have been pending and idle for so long, its own failures
included; what a CMD still works on does not become idle. With --max-deliveries and
--dead-letter a message that was delivered so often and not acknowledged is moved to
another stream, in one step; beside the message the entry there has the fields stream, id,
group, consumer and deliveries. On a cluster both streams need a common part in braces.

Messages are delivered at least once: after a crash, or a lost connection, one may be
delivered again. When the connection is lost it says so on stderr and connects again.

SIGINT and SIGTERM let the commands that run finish, and then end it. A second signal is
passed on to them, a third one kills them.

CMD finds in its environment: STORE_STREAM, STORE_STREAM_ID, STORE_STREAM_GROUP,
STORE_STREAM_CONSUMER and STORE_STREAM_DELIVERIES (1 for the first time). Passwords of
ours are taken out of it.`,
		Example: `  store -s api stream consume jobs --group workers --consumer w1 -- ./work.sh
  store -s api stream consume jobs --group g --consumer w1 --jobs 4 --claim-idle 5m -- ./work.sh
  store -s api stream consume jobs --group g --consumer w --max-deliveries 5 --dead-letter bad -- ./w.sh`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeConsume(t),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := flags.worker(cmd, t, args)
			if err != nil {
				return err
			}
			return w.run(cmd.Context())
		},
	}
	flags.bind(cmd)
	return cmd
}

// completeConsume completes the stream; the command is left to the shell.
func completeConsume(t *cli.Tool) cobra.CompletionFunc {
	streams := t.CompleteKey(store.NamespaceStreams)
	return func(cmd *cobra.Command, args []string, typed string) (
		[]cobra.Completion, cobra.ShellCompDirective,
	) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return streams(cmd, args, typed)
	}
}

func (f *consumeFlags) bind(cmd *cobra.Command) {
	f.members.bind(cmd, true)
	s := cmd.Flags()
	s.IntVar(&f.jobs, "jobs", 1, "how many commands run at a time, as `N`")
	s.IntVar(&f.count, "count", 0, "end after `N` messages")
	s.StringVar(&f.claimIdle, "claim-idle", "",
		"also take over messages that have been idle for so long, as `5m`")
	s.Int64Var(&f.maxDeliveries, "max-deliveries", 0,
		"move a message away that was delivered `N` times in vain")
	s.StringVar(&f.deadLetter, "dead-letter", "", "`STREAM` it is moved to")
}

// worker checks the command line.
func (f *consumeFlags) worker(cmd *cobra.Command, t *cli.Tool, args []string) (*worker, error) {
	if cmd.ArgsLenAtDash() != 1 || len(args) < 2 {
		return nil, &cli.UsageError{
			Reason: "stream consume wants a STREAM, and -- before the command",
			Hint:   "store stream consume STREAM --group G --consumer C -- CMD ARGS...",
		}
	}
	idle, err := age(cmd, "claim-idle", f.claimIdle)
	if err == nil {
		err = f.check(cmd)
	}
	if err != nil {
		return nil, err
	}
	path, err := child.LookPath("stream consume", args[1])
	w := &worker{
		tool: t, stream: args[0], members: f.members, path: path, command: args[1:],
		jobs: f.jobs, count: f.count,
	}
	w.options = store.ConsumeOptions{
		ClaimIdle: idle, MaxDeliveries: f.maxDeliveries, DeadLetter: f.deadLetter,
		OnLink:  func(e store.LinkEvent) { noteLink(t, w.op(), e) },
		OnEvent: w.note,
	}
	return w, err
}

// check refuses numbers that cannot be meant.
func (f *consumeFlags) check(cmd *cobra.Command) error {
	if err := checkCount(cmd, "jobs", f.jobs); err != nil {
		return err
	}
	if err := checkCount(cmd, "count", f.count); err != nil {
		return err
	}
	if cmd.Flags().Changed("max-deliveries") && f.maxDeliveries < 1 {
		return cli.Usagef("--max-deliveries is at least 1, not %d", f.maxDeliveries)
	}
	if (f.maxDeliveries > 0) != (f.deadLetter != "") {
		return cli.Usagef("--max-deliveries and --dead-letter go together")
	}
	return nil
}

func (w *worker) op() string { return fmt.Sprintf("stream consume %q", w.stream) }

// note says what happened to a message that was not simply delivered.
func (w *worker) note(e store.ConsumeEvent) {
	text := fmt.Sprintf("%s: %s", e.ID, e.What)
	switch e.What {
	case store.TakenOver:
		text += fmt.Sprintf(" from %q (delivery %d)", e.Consumer, e.Deliveries)
	case store.DeadLettered:
		text += fmt.Sprintf(" to %q after %d deliveries", w.options.DeadLetter, e.Deliveries)
		w.tally(func(c *counts) { c.dead++ })
	case store.Gone:
		text += ": deleted from the stream while it was pending"
	}
	w.notef("%s", text)
}

// notef writes a note; several commands may end at the same time.
func (w *worker) notef(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tool.Notef("store: %s: %s", w.op(), fmt.Sprintf(format, args...))
}
