package context

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

func newRemove(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Aliases: []string{"rm", "delete"},
		Short:   "Remove a context",
		Long: `Remove takes a context out of the config file and prints its name. Where it was the
current one, none is any more.

` + jsonFields,
		Example:           `  store context remove staging`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteContext,
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := t.ContextNamed(args[0])
			if err != nil {
				return err
			}
			if err := t.RemoveContext(args[0]); err != nil {
				return err
			}
			return printName(t, c)
		},
	}
}
