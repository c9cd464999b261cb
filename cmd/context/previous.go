package context

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

func newPrevious(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "previous",
		Short: "Go back to the context before",
		Long: `Previous makes the context current that was so before the last "store context use".
Called again it returns. It exits with 1 where there was none.

` + jsonFields,
		Example:           `  store context previous`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return use(t, "") },
	}
}
