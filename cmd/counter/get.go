package counter

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newGet(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "get KEY",
		Short: "Print a counter",
		Long: `Get prints the value of a counter. It exits with 1 when there is none, and with 3 when
the key holds no integer.

JSON fields: key, value; found (false) when there is none`,
		Example:           `  store -s api counter get visits`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceCounter),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			count, err := client.Counter().Get(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !count.Found {
				return showMissing(t, "counter get", args[0])
			}
			return cli.Print(t, count, countView())
		}),
	}
}
