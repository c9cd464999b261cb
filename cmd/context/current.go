package context

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

func newCurrent(t *cli.Tool) *cobra.Command {
	var short bool
	cmd := &cobra.Command{
		Use:   "current",
		Short: "Print the name of the context in effect",
		Long: `Current prints the name of the context in effect, and exits with 1 where none is. With
--short, for the prompt of a shell, it prints nothing instead and exits with 0.

` + jsonFields,
		Example: `  store context current
  PS1='[$(store context current --short)] \$ '`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			c, err := t.ContextNamed("")
			if none, ok := errors.AsType[*cli.No](err); ok && short && none != nil {
				return nil
			}
			if err != nil {
				return err
			}
			return printName(t, c)
		},
	}
	cmd.Flags().BoolVar(&short, "short", false, "print nothing where there is none")
	return cmd
}
