package context

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
)

func newList(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the contexts",
		Long: `List lists the contexts of the config file; a star marks the one in effect.

` + jsonFields,
		Example: `  store context list
  store context list -o raw`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			contexts, err := t.Contexts()
			if err != nil {
				return err
			}
			return cli.PrintList(t, cli.All(slices.Values(contexts)), listView())
		},
	}
}

// listView shows a context a line.
func listView() render.View[cli.Context] {
	return render.View[cli.Context]{
		Columns: []column{
			{Title: "CURRENT", Cell: star},
			{Title: "NAME", Cell: func(c cli.Context) string { return c.Name }},
			{Title: "SERVICE", Cell: func(c cli.Context) string { return c.Service }},
			{Title: "SCOPES", Cell: scopes},
			{Title: "CARE", Cell: care},
			{Title: "URL", Cell: func(c cli.Context) string { return c.URL }},
		},
		Raw: func(dst []byte, c cli.Context) []byte { return append(dst, c.Name...) },
	}
}

func star(c cli.Context) string {
	if c.Current {
		return "*"
	}
	return ""
}

// care says what a context forbids or asks for.
func care(c cli.Context) string {
	var words []string
	if c.ReadOnly {
		words = append(words, "read-only")
	}
	if c.Protected {
		words = append(words, "protected")
	}
	return strings.Join(words, ",")
}
