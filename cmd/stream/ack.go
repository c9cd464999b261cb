package stream

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newAck(t *cli.Tool) *cobra.Command {
	var m members
	cmd := &cobra.Command{
		Use:   "ack STREAM --group G ID...",
		Short: "Acknowledge messages",
		Long: `Ack acknowledges messages that are pending in the group, whichever consumer was given
them, and prints how many that were. It exits with 1 when none of them was pending.

JSON fields: stream, group, count`,
		Example:           `  store -s api stream ack jobs --group workers 1764000000000-0`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			g := c.Streams().Group(args[0], m.group)
			n, err := g.Ack(cmd.Context(), args[1:]...)
			if err != nil {
				return err
			}
			if n == 0 { // the server does not say whether there is such a group
				if _, err := g.Info(cmd.Context()); err != nil {
					return err
				}
			}
			if err := printCount(t, counted{args[0], m.group, n}); err != nil {
				return err
			}
			asked := len(args) - 1
			if n == 0 {
				return &cli.No{Reason: fmt.Sprintf("stream ack %q: none of %d ids was pending in group %q",
					args[0], asked, m.group)}
			}
			if n < int64(asked) {
				t.Notef("store: stream ack %q: %d of %d ids were not pending", args[0],
					int64(asked)-n, asked)
			}
			return nil
		}),
	}
	m.bind(cmd, false)
	return cmd
}
