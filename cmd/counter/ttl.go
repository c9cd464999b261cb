package counter

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newTTL(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "ttl KEY",
		Short: "Print how long a counter has left",
		Long: `TTL prints the seconds that a counter has left, rounded up, or none when it never
expires. It exits with 1 when there is no such counter.

JSON fields: key, found, ttl (seconds, null: never expires)`,
		Example:           `  store -s api counter ttl requests`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceCounter),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			entry, err := client.Counter().TTL(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !entry.Found {
				return showMissing(t, "counter ttl", args[0])
			}
			return cli.Print(t, entry, render.View[store.Entry]{
				Text: func(e store.Entry) string { return e.TTL.String() },
			})
		}),
	}
}
