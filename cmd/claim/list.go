package claim

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newList(t *cli.Tool) *cobra.Command {
	var recursive bool
	cmd := &cobra.Command{
		Use:   "list [PATTERN]",
		Short: "List claims with their owners",
		Long: `List lists the claims of the scope, with --recursive those of child scopes too, in no
order. PATTERN is a glob over the key, as in store scan.

JSON fields: key, found, owner (the stored JSON), ttl (seconds, null: never expires),
scopes (key, identifier)`,
		Example: `  store -s api claim list
  store -s api claim list 'job:*' --recursive -o jsonl`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := t.Open()
			if err != nil {
				return err
			}
			defer client.Close()
			claims := client.Claim().List(cmd.Context(), strings.Join(args, ""), recursive)
			return cli.PrintList(t, claims, listView(recursive))
		},
	}
	cmd.Flags().BoolVar(&recursive, "recursive", false, "child scopes too")
	return cmd
}

// listView shows a claim a line.
func listView(recursive bool) render.View[store.Claimed] {
	view := render.View[store.Claimed]{
		Columns: []column{
			{Title: "KEY", Cell: func(c store.Claimed) string { return c.Key }},
			{Title: "TTL", Right: true, Cell: ttl},
			{Title: "OWNER", Cell: store.Claimed.OwnerText},
		},
		Raw: func(dst []byte, c store.Claimed) []byte { return append(dst, c.Key...) },
	}
	if recursive {
		path := column{Title: "SCOPES", Cell: func(c store.Claimed) string { return cli.ScopePath(c.Scopes) }}
		view.Columns = append([]column{path}, view.Columns...)
	}
	return view
}
