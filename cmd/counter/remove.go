package counter

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newRemove(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:     "remove KEY",
		Aliases: []string{"rm", "del"},
		Short:   "Delete a counter",
		Long: `Remove deletes a counter. It exits with 1 when there is none.

JSON fields: key, changed`,
		Example:           `  store -s api counter remove visits`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceCounter),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			question := fmt.Sprintf("Remove the counter %q from %s?", args[0], t.Place())
			if err := t.Confirm(true, question); err != nil { // asks in a protected context
				return err
			}
			change, err := client.Counter().Remove(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return answer(t, "counter remove", change)
		}),
	}
}
