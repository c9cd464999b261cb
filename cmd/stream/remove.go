package stream

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newRemove(t *cli.Tool) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:     "remove STREAM ID...",
		Aliases: []string{"rm", "del"},
		Short:   "Delete messages from a stream",
		Long: `Remove deletes messages and prints how many there were. It exits with 1 when none of
them was in the stream. Where they are pending in a group they stay so, without what they
held. The messages are named one by one, so it asks only in a protected context.

JSON fields: stream, count`,
		Example:           `  store -s api stream remove jobs 1764000000000-0 1764000000000-1`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			question := fmt.Sprintf("Remove %d messages from the stream %q of %s?",
				len(args)-1, args[0], t.Place())
			if err := t.Confirm(true, question); err != nil { // asks in a protected context
				return err
			}
			n, err := c.Streams().Remove(cmd.Context(), args[0], args[1:]...)
			if err != nil {
				return err
			}
			if err := printCount(t, counted{Stream: args[0], Count: n}); err != nil || n > 0 {
				return err
			}
			return &cli.No{Reason: fmt.Sprintf("stream remove %q: none of the ids is in the stream",
				args[0])}
		}),
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask (only a protected context does)")
	return cmd
}
