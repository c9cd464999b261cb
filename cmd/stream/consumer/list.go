package consumer

import (
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newList(t *cli.Tool) *cobra.Command {
	var group string
	cmd := &cobra.Command{
		Use:   "list STREAM --group G",
		Short: "List the consumers of a group",
		Long: `List lists the consumers of a group with what is pending for them. Idle is how long ago a
consumer last asked for something, inactive how long ago it last got something; servers
before Redis 7.2 know only the first, which there is the second for some commands.

JSON fields: name, pending, idle (seconds; null: unknown), inactive (seconds; absent where
the server does not tell, or it never got anything)`,
		Example:           `  store -s api stream consumer list jobs --group workers`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			consumers, err := c.Streams().Group(args[0], group).Consumers(cmd.Context())
			if err != nil {
				return err
			}
			return cli.PrintList(t, cli.All(slices.Values(consumers)), view())
		}),
	}
	cmd.Flags().StringVar(&group, "group", "", "`name` of the consumer group")
	require(cmd, "group")
	return cmd
}

// view shows a consumer a line.
func view() render.View[store.ConsumerInfo] {
	type column = render.Column[store.ConsumerInfo]
	return render.View[store.ConsumerInfo]{
		Columns: []column{
			{Title: "CONSUMER", Cell: func(c store.ConsumerInfo) string { return c.Name }},
			{Title: "PENDING", Right: true, Cell: func(c store.ConsumerInfo) string {
				return strconv.FormatInt(c.Pending, 10)
			}},
			{Title: "IDLE", Right: true, Cell: func(c store.ConsumerInfo) string { return since(c.Idle) }},
			{Title: "INACTIVE", Right: true, Cell: func(c store.ConsumerInfo) string {
				return since(c.Inactive)
			}},
		},
		Raw: func(dst []byte, c store.ConsumerInfo) []byte { return append(dst, c.Name...) },
	}
}

// since shows a time that has passed, or "-" where it is not known.
func since(s *store.Seconds) string {
	if s == nil {
		return "-"
	}
	return s.Duration().String()
}
