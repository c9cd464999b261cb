package claim

import (
	"cmp"
	"fmt"
	"iter"
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
scopes (key, identifier), error (code, message: why the owner could not be read)`,
		Example: `  store -s api claim list
  store -s api claim list 'job:*' --recursive -o jsonl`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			var unread unread
			claims := client.Claim().List(cmd.Context(), strings.Join(args, ""), recursive)
			if err := cli.PrintList(t, unread.watch(claims), listView(recursive)); err != nil {
				return err
			}
			return unread.answer()
		}),
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
			{Title: "OWNER", Cell: ownerCell},
		},
		Raw: func(dst []byte, c store.Claimed) []byte { return append(dst, c.Key...) },
	}
	if recursive {
		path := column{Title: "SCOPES", Cell: func(c store.Claimed) string {
			return cli.ScopePath(c.Scopes)
		}}
		view.Columns = append([]column{path}, view.Columns...)
	}
	return view
}

// ownerCell shows the owner, or in parentheses why it could not be read.
func ownerCell(c store.Claimed) string {
	if c.Err != nil {
		return "(" + c.Err.Error() + ")"
	}
	return c.OwnerText()
}

// unread counts the claims whose owner the server would not tell.
type unread struct {
	count int
	first error
}

// watch passes claims on and counts.
func (u *unread) watch(claims iter.Seq2[store.Claimed, error]) iter.Seq2[store.Claimed, error] {
	return func(yield func(store.Claimed, error) bool) {
		for claimed, err := range claims {
			if claimed.Err != nil {
				u.count++
				u.first = cmp.Or(u.first, claimed.Err)
			}
			if !yield(claimed, err) {
				return
			}
		}
	}
}

// answer turns the count into an error.
func (u *unread) answer() error {
	if u.count == 0 {
		return nil
	}
	return &cli.Partial{Reason: fmt.Sprintf("claim list: %d claims could not be read: %v",
		u.count, u.first)}
}
