package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// readFlags are the flags of `store stream read`.
type readFlags struct {
	members
	count        int
	block        string
	ack, pending bool
}

func newRead(t *cli.Tool) *cobra.Command {
	var flags readFlags
	cmd := &cobra.Command{
		Use:   "read STREAM --group G --consumer C",
		Short: "Read messages as a consumer of a group",
		Long: `Read gives the consumer the next messages of the group that nobody was given yet, and
prints them; they are pending until they are acknowledged. With --block it waits for one.
With --ack it acknowledges what was fully written to stdout, and only then. It exits with 1
when there is no message.

With --pending it shows again what the consumer was given and has not acknowledged, the
oldest first. The server counts that as one more delivery of each; store stream pending
looks without counting.

JSON fields: stream, id, message, deleted (pending, but not in the stream any more)`,
		Example: `  store -s api stream read jobs --group workers --consumer w1 --count 10
  store -s api stream read jobs --group workers --consumer w1 --block 30s --ack
  store -s api stream read jobs --group workers --consumer w1 --pending`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRead(cmd, t, flags, args)
		},
	}
	flags.bind(cmd, true)
	f := cmd.Flags()
	f.IntVar(&flags.count, "count", 10, "at most `N` messages")
	f.StringVar(&flags.block, "block", "", "how long to wait for a message, as `30s`")
	f.BoolVar(&flags.ack, "ack", false, "acknowledge what was written")
	f.BoolVar(&flags.pending, "pending", false, "read again what is pending for this consumer")
	return cmd
}

func runRead(cmd *cobra.Command, t *cli.Tool, flags readFlags, args []string) error {
	if err := checkCount(cmd, "count", flags.count); err != nil {
		return err
	}
	block, err := age(cmd, "block", flags.block)
	if err != nil {
		return err
	}
	if flags.pending && block > 0 {
		return cli.Usagef("--pending does not wait; leave out --block")
	}
	return t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
		g := c.Streams().Group(args[0], flags.group)
		messages, err := g.Read(cmd.Context(), flags.consumer, store.ReadOptions{
			Count: flags.count, Block: block, Pending: flags.pending,
		})
		if errors.Is(err, store.ErrOutcomeUnknown) {
			return &cli.HintError{Err: err, Hint: "what was handed out is pending for the consumer; " +
				"read it with --pending"}
		}
		if err != nil {
			return err
		}
		if err := cli.PrintList(t, cli.All(slices.Values(messages)), messageView()); err != nil {
			return err
		}
		if len(messages) == 0 {
			return &cli.No{Reason: fmt.Sprintf("stream read %q: there is no message for group %q",
				args[0], flags.group)}
		}
		if !flags.ack {
			return nil
		}
		return acknowledge(cmd.Context(), g, messages)
	})(cmd, args)
}

// acknowledge acknowledges messages that were written.
func acknowledge(ctx context.Context, g store.Group, messages []store.Message) error {
	ids := make([]string, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	// What has been written is dealt with, also where we are told to stop just now.
	_, err := g.Ack(context.WithoutCancel(ctx), ids...)
	return err
}
