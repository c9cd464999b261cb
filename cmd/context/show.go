package context

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
)

func newShow(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "show [NAME]",
		Short: "Show the settings of a context",
		Long: `Show prints what a context sets; without NAME that of the one in effect, and it exits
with 1 where none is. "store config show" prints what is in effect of all sources.

` + jsonFields,
		Example: `  store context show production
  store context show -o json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: t.CompleteContext,
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := t.ContextNamed(strings.Join(args, ""))
			if err != nil {
				return err
			}
			return cli.Print(t, c, showView(c))
		},
	}
}

// showView shows the settings that a context has, below each other.
func showView(c cli.Context) render.View[cli.Context] {
	var set []column
	for _, f := range fields() {
		if f.Cell(c) != "" {
			set = append(set, f)
		}
	}
	return render.View[cli.Context]{Columns: set}
}
