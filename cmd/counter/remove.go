package counter

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
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
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := t.Open()
			if err != nil {
				return err
			}
			defer client.Close()
			change, err := client.Counter().Remove(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return answer(t, "counter remove", change)
		},
	}
}
