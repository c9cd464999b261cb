package group

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newList(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "list STREAM",
		Short: "List the groups of a stream with what is pending and their lag",
		Long: `List lists the consumer groups of a stream. The lag is how many messages a group has not
been given yet. The server does not know it after messages were deleted that the group had
not read, after its position was set, and before Redis 7.0; then it is unknown, and null in
JSON. It exits with 1 when there is no such stream.

JSON fields: name, consumers, pending, lastDeliveredId, entriesRead (null: unknown), lag
(null: unknown)`,
		Example:           `  store -s api stream group list jobs`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			groups, found, err := c.Streams().Groups(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := cli.PrintList(t, cli.All(slices.Values(groups)), view()); err != nil || found {
				return err
			}
			return &cli.No{Reason: fmt.Sprintf("stream group list %q: there is no such stream", args[0])}
		}),
	}
}

// view shows a group a line.
func view() render.View[store.GroupInfo] {
	type column = render.Column[store.GroupInfo]
	number := func(title string, of func(store.GroupInfo) int64) column {
		return column{Title: title, Right: true, Cell: func(g store.GroupInfo) string {
			return strconv.FormatInt(of(g), 10)
		}}
	}
	return render.View[store.GroupInfo]{
		Columns: []column{
			{Title: "GROUP", Cell: func(g store.GroupInfo) string { return g.Name }},
			number("CONSUMERS", func(g store.GroupInfo) int64 { return g.Consumers }),
			number("PENDING", func(g store.GroupInfo) int64 { return g.Pending }),
			{Title: "LAG", Right: true, Cell: func(g store.GroupInfo) string { return g.Lag.String() }},
			{Title: "LAST DELIVERED", Cell: func(g store.GroupInfo) string { return g.LastDelivered }},
		},
		Raw: func(dst []byte, g store.GroupInfo) []byte { return append(dst, g.Name...) },
	}
}
