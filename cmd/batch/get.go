package batch

import (
	"cmp"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newGet(t *cli.Tool) *cobra.Command {
	var from source
	cmd := &cobra.Command{
		Use:   "get KEY... | -f FILE|-",
		Short: "Print the values of many keys",
		Long: `Get prints entries in the order asked for; a key asked for twice is shown twice. It
exits with 1 when a key is missing, and with 5 when the server would not read one.
With -f the keys come from a file or from standard input, one a line, as
"store scan -o raw" prints them; empty lines are skipped. With -o raw each value
takes one line, and a missing one an empty line.

JSON fields: key, found, value, error (code, message)`,
		Example: `  store -s api batch get user:1 user:2 -o json
  store -s api scan 'user:*' -o raw | store -s api batch get -f - -o jsonl`,
		ValidArgsFunction: t.CompleteKeys(store.NamespaceKV),
		Args:              cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			from.args = args
			if err := from.check("keys"); err != nil {
				return err
			}
			client, err := t.Open()
			if err != nil {
				return err
			}
			defer client.Close()
			rows, done, err := from.keys(t)
			if err != nil {
				return err
			}
			defer done()
			var seen tally
			entries := client.Batch().Get(cmd.Context(), names(notEmpty(rows, noKeys())))
			if err := cli.PrintList(t, seen.count(entries), entryView()); err != nil {
				return err
			}
			return seen.answer()
		},
	}
	cmd.Flags().StringVarP(&from.file, "file", "f", "",
		"`FILE` with one key a line, - for standard input")
	return cmd
}

func noKeys() error {
	return &store.Error{
		Kind: store.ErrInvalid, Code: store.CodeBatchKeysRequired,
		Reason: "there are no keys in the input",
	}
}

// names returns the keys of rows.
func names(rows iter.Seq2[store.Row, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for row, err := range rows {
			if !yield(row.Key, err) {
				return
			}
		}
	}
}

// tally counts what the exit code depends on.
type tally struct {
	found, missing, failed int
	first                  error
}

// count passes entries on and counts them.
func (c *tally) count(seq iter.Seq2[store.Entry, error]) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for e, err := range seq {
			switch {
			case e.Err != nil:
				c.failed++
				c.first = cmp.Or(c.first, e.Err)
			case e.Found:
				c.found++
			case err == nil:
				c.missing++
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// answer turns the counts into an error.
func (c *tally) answer() error {
	switch {
	case c.failed > 0 && c.found == 0:
		return c.first
	case c.failed > 0:
		return &cli.Partial{Reason: fmt.Sprintf("found %d, missing %d, failed %d: %v",
			c.found, c.missing, c.failed, c.first)}
	case c.missing > 0:
		return &cli.No{Reason: fmt.Sprintf("batch get: %d of %d keys not found",
			c.missing, c.found+c.missing)}
	}
	return nil
}

func entryView() render.View[store.Entry] {
	return render.View[store.Entry]{
		Columns: []render.Column[store.Entry]{
			{Title: "KEY", Cell: func(e store.Entry) string { return e.Key }},
			{Title: "VALUE", Cell: valueCell},
		},
		Raw: func(dst []byte, e store.Entry) []byte { return append(dst, e.Value...) },
	}
}

// valueCell shows a value; what stands in parentheses is none.
func valueCell(e store.Entry) string {
	switch {
	case e.Err != nil:
		return "(" + e.Err.Error() + ")"
	case !e.Found:
		return "(missing)"
	}
	return string(e.Value)
}
