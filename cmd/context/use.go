package context

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

func newUse(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "use NAME",
		Short: "Choose the context of the commands to come",
		Long: `Use makes NAME the current context: commands take their settings from it unless
--context or STORE_CONTEXT names another.

` + jsonFields,
		Example:           `  store context use production`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteContext,
		RunE: func(_ *cobra.Command, args []string) error {
			return use(t, args[0])
		},
	}
}

// use makes a context the current one, the one before where the name is empty, and
// prints its name.
func use(t *cli.Tool, which string) error {
	chosen, err := t.UseContext(which)
	if err != nil {
		return err
	}
	c, err := t.ContextNamed(chosen)
	if err != nil {
		return err
	}
	c.Current = true
	return printName(t, c)
}
