package kv

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newPersist(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "persist KEY",
		Short: "Keep a key for ever",
		Long: `Persist removes the TTL of KEY. It exits with 1 when there was nothing to remove:
the key does not exist, or never expires anyway.

JSON fields: key, changed`,
		Example:           `  store -s api kv persist session:1`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			change, err := client.KV().Persist(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return answer(t, change,
				fmt.Sprintf("kv persist %q: not found, or it has no TTL", args[0]))
		}),
	}
}
