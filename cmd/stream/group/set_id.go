package group

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// position is the answer of `store stream group set-id`.
type position struct {
	Stream string `json:"stream"`
	Group  string `json:"group"`
	ID     string `json:"id"`
}

func newSetID(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "set-id STREAM GROUP ID",
		Short: "Move a group to another place in the stream",
		Long: `Set-id makes a group go on behind ID: 0 for the first message there is, $ for what is
appended from now on, an id for what comes after it, a time (2026-01-02T15:04:05Z) for what
was appended since. A duration before the server's now needs -- before it, as it begins
with a minus. What is pending stays so. It prints the id that was set.

JSON fields: stream, group, id`,
		Example: `  store -s api stream group set-id jobs workers 0
  store -s api stream group set-id jobs workers -- -15m`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: t.CompleteStreamGroup(),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			id, err := c.Streams().Group(args[0], args[1]).SetID(cmd.Context(), args[2])
			if err != nil {
				return err
			}
			return cli.Print(t, position{args[0], args[1], id}, render.View[position]{
				Text: func(p position) string { return p.ID },
			})
		}),
	}
}
