package group

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// ensured is the answer of `store stream group ensure`.
type ensured struct {
	Stream  string `json:"stream"`
	Group   string `json:"group"`
	Created bool   `json:"created"`
}

func newEnsure(t *cli.Tool) *cobra.Command {
	var start string
	cmd := &cobra.Command{
		Use:   "ensure STREAM GROUP",
		Short: "Create a group if it does not exist",
		Long: `Ensure creates the group, and the stream with it, if it does not exist; an existing group
stays where it is. It prints created or exists, and exits with 0 either way.

The group begins with the first message there is. --start-id $ begins with what is appended
from now on, an id with what comes after it, and a time (2026-01-02T15:04:05Z, -15m) with
what was appended since.

JSON fields: stream, group, created`,
		Example: `  store -s api stream group ensure jobs workers
  store -s api stream group ensure jobs audit --start-id '$'`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			created, err := c.Streams().Group(args[0], args[1]).Ensure(cmd.Context(), start)
			if err != nil {
				return err
			}
			return cli.Print(t, ensured{args[0], args[1], created}, render.View[ensured]{
				Text: func(e ensured) string {
					if e.Created {
						return "created"
					}
					return "exists"
				},
			})
		}),
	}
	cmd.Flags().StringVar(&start, "start-id", "0", "`id` or time behind which a new group begins")
	return cmd
}
