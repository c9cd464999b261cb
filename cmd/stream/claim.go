package stream

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newClaim(t *cli.Tool) *cobra.Command {
	var m members
	var idle string
	var count int
	cmd := &cobra.Command{
		Use:   "claim STREAM --group G --consumer C --min-idle D [ID...]",
		Short: "Take over pending messages of other consumers",
		Long: `Claim gives the consumer the messages named, if they have been pending and idle for at
least --min-idle, and prints them. Without IDs it takes over all such messages of the
group. It counts as one more delivery of each. Pending messages that are not in the stream
any more are removed from what is pending, and counted on stderr. It exits with 1 when
there was nothing to take over.

JSON fields: stream, id, message, deleted`,
		Example: `  store -s api stream claim jobs --group workers --consumer w2 --min-idle 5m
  store -s api stream claim jobs --group workers --consumer w2 --min-idle 5m 1764000000000-0`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: func(cmd *cobra.Command, args []string) error {
			wait, err := duration("min-idle", idle)
			if err == nil {
				err = checkCount(cmd, "count", count)
			}
			if err == nil && count > 0 && len(args) > 1 {
				err = cli.Usagef("--count is for a claim without IDs")
			}
			if err != nil {
				return err
			}
			return t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
				g := c.Streams().Group(args[0], m.group)
				return runClaim(cmd, t, g, m.consumer, wait, count, args)
			})(cmd, args)
		},
	}
	m.bind(cmd, true)
	cmd.Flags().StringVar(&idle, "min-idle", "", "`time` a message must have been idle, as 5m")
	require(cmd, "min-idle")
	cmd.Flags().IntVar(&count, "count", 0, "take over at most `N` messages")
	return cmd
}

func runClaim(cmd *cobra.Command, t *cli.Tool, g store.Group, consumer string,
	idle time.Duration, count int, args []string,
) error {
	some, gone := false, 0
	var messages iter.Seq2[store.Message, error]
	if ids := args[1:]; len(ids) > 0 {
		claimed, err := g.Claim(cmd.Context(), consumer, idle, ids...)
		if err != nil {
			return err
		}
		messages = cli.All(slices.Values(claimed))
	} else {
		messages = claimable(g.AutoClaim(cmd.Context(), consumer, idle, count), &gone)
	}
	if err := cli.PrintList(t, watch(messages, &some), messageView()); err != nil {
		return err
	}
	if gone > 0 {
		t.Notef("store: stream claim %q: %d pending messages were not in the stream any more",
			args[0], gone)
	}
	if some {
		return nil
	}
	return &cli.No{Reason: fmt.Sprintf("stream claim %q: there was nothing to take over", args[0])}
}

// claimable passes messages on and counts those that are gone.
func claimable(seq iter.Seq2[store.Claimable, error], gone *int,
) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		for c, err := range seq {
			if c.Gone {
				*gone++
				continue
			}
			if !yield(c.Message, err) {
				return
			}
		}
	}
}
