package counter

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newExpire(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "expire KEY TTL",
		Short: "Set how long a counter has left",
		Long: `Expire sets the TTL of a counter: whole seconds or a duration (90, 90s, 1h30m, 7d). It
exits with 1 when there is no such counter.

JSON fields: key, changed`,
		Example:           `  store -s api counter expire visits 1d`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceCounter),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			ttl, err := store.ParseTTL(args[1])
			if err != nil {
				return err
			}
			change, err := client.Counter().Expire(cmd.Context(), args[0], ttl)
			if err != nil {
				return err
			}
			return answer(t, "counter expire", change)
		}),
	}
}
