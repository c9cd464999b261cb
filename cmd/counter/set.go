package counter

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newSet(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "set KEY N",
		Short: "Set a counter",
		Long: `Set sets a counter to N, a 64-bit integer. A TTL that the counter has is removed. A
negative N stands behind --.

JSON fields: key, changed`,
		Example: `  store -s api counter set stock 100
  store -s api counter set balance -- -5`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceCounter),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			n, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				return cli.Usagef("counter set %q: %q is not a 64-bit integer", args[0], args[1])
			}
			if err := client.Counter().Set(cmd.Context(), args[0], n); err != nil {
				return err
			}
			return answer(t, "counter set", store.Change{Key: args[0], Changed: true})
		}),
	}
}
