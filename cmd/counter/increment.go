package counter

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newIncrement(t *cli.Tool) *cobra.Command {
	var by int64
	var ttl string
	cmd := &cobra.Command{
		Use:     "increment KEY",
		Aliases: []string{"incr"},
		Short:   "Add to a counter and print the sum",
		Long: `Increment adds 1, or N with --by, and prints the sum. A counter that does not exist
begins at 0. With --ttl it expires if this call created it; a counter that exists keeps
the TTL it has. Both happen at once on the server, so a rate limit is never left without
expiry. A sum beyond 64 bits is an error and changes nothing.

JSON fields: key, value`,
		Example: `  store -s api counter increment visits
  store -s api counter increment requests --ttl 1m
  store -s api counter increment stock --by=-5`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceCounter),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			var fresh time.Duration
			var err error
			if cmd.Flags().Changed("ttl") {
				if fresh, err = store.ParseTTL(ttl); err != nil {
					return err
				}
			}
			sum, err := client.Counter().Increment(cmd.Context(), args[0], by, fresh)
			if err != nil {
				return err
			}
			return cli.Print(t, store.Count{Key: args[0], Value: sum}, countView())
		}),
	}
	cmd.Flags().Int64Var(&by, "by", 1, "add `N`; also negative, as --by=-5")
	cmd.Flags().StringVar(&ttl, "ttl", "",
		"`time` to live if this call creates the counter: 90, 90s, 7d")
	return cmd
}
