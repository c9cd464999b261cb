package stream

import (
	"cmp"
	"fmt"
	"iter"
	"strconv"
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
		Short: "List streams with their length, groups and lag",
		Long: `List lists the streams of the scope, with --recursive those of child scopes too, in no
order. PATTERN is a glob over the name, as in store scan. The lag is that of the group
furthest behind; where the server does not know one of them it is unknown, and null in
JSON. It exits with 5 when the server would not tell about a key.

JSON fields: stream, scopes (key, identifier), length, groups (how many), lag (null:
unknown; absent where there are no groups), error (code, message)`,
		Example: `  store -s api stream list
  store -s api stream list 'mail*' --recursive -o jsonl`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			var unread unread
			streams := c.Streams().List(cmd.Context(), strings.Join(args, ""), recursive)
			if err := cli.PrintList(t, unread.watch(streams), listView(recursive)); err != nil {
				return err
			}
			return unread.answer()
		}),
	}
	cmd.Flags().BoolVar(&recursive, "recursive", false, "child scopes too")
	return cmd
}

type itemColumn = render.Column[store.StreamItem]

// listView shows a stream a line.
func listView(recursive bool) render.View[store.StreamItem] {
	view := render.View[store.StreamItem]{
		Columns: []itemColumn{
			{Title: "STREAM", Cell: streamCell},
			{Title: "LENGTH", Right: true, Cell: func(s store.StreamItem) string {
				return number(s.Length)
			}},
			{Title: "GROUPS", Right: true, Cell: func(s store.StreamItem) string {
				return strconv.Itoa(s.Groups)
			}},
			{Title: "LAG", Right: true, Cell: lagCell},
		},
		Raw: func(dst []byte, s store.StreamItem) []byte { return append(dst, s.Stream...) },
	}
	if recursive {
		path := itemColumn{Title: "SCOPES", Cell: func(s store.StreamItem) string {
			return cli.ScopePath(s.Scopes)
		}}
		view.Columns = append([]itemColumn{path}, view.Columns...)
	}
	return view
}

// streamCell shows the name, and in parentheses why nothing else is known.
func streamCell(s store.StreamItem) string {
	if s.Err != nil {
		return s.Stream + " (" + s.Err.Error() + ")"
	}
	return s.Stream
}

func lagCell(s store.StreamItem) string {
	if s.Lag == nil {
		return "-"
	}
	return s.Lag.String()
}

// unread counts the keys that the server would not tell about.
type unread struct {
	count int
	first error
}

// watch passes streams on and counts.
func (u *unread) watch(seq iter.Seq2[store.StreamItem, error]) iter.Seq2[store.StreamItem, error] {
	return func(yield func(store.StreamItem, error) bool) {
		for item, err := range seq {
			if item.Err != nil {
				u.count++
				u.first = cmp.Or(u.first, item.Err)
			}
			if !yield(item, err) {
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
	return &cli.Partial{Reason: fmt.Sprintf("stream list: %d keys could not be read: %v",
		u.count, u.first)}
}
