// Package batch holds the commands of `store batch`.
package batch

import (
	"iter"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// New returns the group `store batch`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "batch",
		Short: "Read and write many entries at once",
		Long: `Read and write many key-value entries in one go. Input of any length streams through
in flat memory, and every row is accounted for.`,
		Example: `  store -s api batch get user:1 user:2
  store -s api batch set -f rows.ndjson`,
	}
	group.AddCommand(newGet(t), newSet(t), newRemove(t))
	return group
}

// source is where a command takes its keys from: its arguments, or -f.
type source struct {
	file string
	args []string
}

// check refuses both at once, and neither.
func (s source) check(what string) error {
	switch {
	case s.file != "" && len(s.args) > 0:
		return cli.Usagef("name the %s, or a file of them with -f, not both", what)
	case s.file == "" && len(s.args) == 0:
		return cli.Usagef("name the %s, or a file of them with -f", what)
	}
	return nil
}

// keys returns the keys and a function that closes the file.
func (s source) keys(t *cli.Tool) (iter.Seq2[store.Row, error], func() error, error) {
	if s.file == "" {
		rows := func(yield func(store.Row) bool) {
			for _, key := range s.args {
				if !yield(store.Row{Key: key}) {
					return
				}
			}
		}
		return cli.All(rows), func() error { return nil }, nil
	}
	in, err := t.Input(s.file)
	if err != nil {
		return nil, nil, err
	}
	return store.ReadKeys(in), in.Close, nil
}

// notEmpty makes an empty sequence an error.
func notEmpty[T any](seq iter.Seq2[T, error], empty error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		some := false
		for v, err := range seq {
			some = true
			if !yield(v, err) {
				return
			}
		}
		var none T
		if !some {
			yield(none, empty)
		}
	}
}
