package consumer

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newRetire(t *cli.Tool) *cobra.Command {
	var group, name, to string
	cmd := &cobra.Command{
		Use:   "retire STREAM --group G --consumer C --to C2",
		Short: "Hand a consumer's pending messages to another and delete it",
		Long: `Retire hands all messages that are pending for a consumer to another one, and only then
deletes the consumer: deleting it alone would throw them away. Their delivery counts stay.
It prints how many were handed over. It exits with 1 when there is no such consumer, and
with 3 when the consumer is still given messages; stop it first.

JSON fields: stream, group, consumer, to, found, moved, gone (pending, but not in the
stream any more), retired, created (the consumer it was handed to is new)`,
		Example:           `  store -s api stream consumer retire jobs --group g --consumer w1 --to w2`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			r, err := c.Streams().Group(args[0], group).Retire(cmd.Context(), name, to)
			if err != nil {
				if r.Moved > 0 {
					t.Notef("store: stream consumer retire %q: handed over %d messages",
						args[0], r.Moved)
				}
				return err
			}
			return report(t, r)
		}),
	}
	f := cmd.Flags()
	f.StringVar(&group, "group", "", "`name` of the consumer group")
	f.StringVar(&name, "consumer", "", "`name` of the consumer to delete")
	f.StringVar(&to, "to", "", "`name` of the consumer that gets its messages")
	for _, flag := range []string{"group", "consumer", "to"} {
		require(cmd, flag)
	}
	return cmd
}

func report(t *cli.Tool, r store.Retired) error {
	err := cli.Print(t, r, render.View[store.Retired]{
		Text: func(r store.Retired) string { return strconv.FormatInt(r.Moved, 10) },
	})
	switch {
	case err != nil:
		return err
	case !r.Found:
		return &cli.No{Reason: fmt.Sprintf("stream consumer retire %q: there is no consumer %q",
			r.Stream, r.Consumer)}
	case r.Created && r.Moved > 0:
		t.Notef("store: stream consumer retire %q: consumer %q is new", r.Stream, r.To)
	}
	return nil
}
