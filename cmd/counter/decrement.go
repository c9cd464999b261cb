package counter

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newDecrement(t *cli.Tool) *cobra.Command {
	var by int64
	cmd := &cobra.Command{
		Use:     "decrement KEY",
		Aliases: []string{"decr"},
		Short:   "Subtract from a counter and print the difference",
		Long: `Decrement subtracts 1, or N with --by, and prints the difference. A counter that does
not exist begins at 0; counters go below it.

JSON fields: key, value`,
		Example: `  store -s api counter decrement stock
  store -s api counter decrement stock --by 5`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceCounter),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			rest, err := client.Counter().Decrement(cmd.Context(), args[0], by, 0)
			if err != nil {
				return err
			}
			return cli.Print(t, store.Count{Key: args[0], Value: rest}, countView())
		}),
	}
	cmd.Flags().Int64Var(&by, "by", 1, "subtract `N`; also negative, as --by=-5")
	return cmd
}
