package kv

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newTTL(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "ttl KEY",
		Short: "Print how long a key has left",
		Long: `TTL prints the seconds that KEY has left, rounded up, or none when it never
expires. It exits with 1 when the key does not exist.

JSON fields: key, found, ttl (seconds, null: never expires)`,
		Example:           `  store -s api kv ttl session:1`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			entry, err := client.KV().TTL(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if entry.Found || cli.IsJSON(t) {
				err = cli.Print(t, entry, render.View[store.Entry]{Text: entryTTL})
			}
			if err == nil && !entry.Found {
				err = missing("kv ttl", args[0])
			}
			return err
		}),
	}
}
