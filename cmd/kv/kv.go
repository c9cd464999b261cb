// Package kv holds the commands of `store kv`.
package kv

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// New returns the group `store kv`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "kv",
		Short: "Read and write key-value entries",
		Long: `Read and write the key-value entries of a service or of one of its scopes: what an
app keeps with store.kv.*. Values are JSON and are passed on byte for byte.`,
		Example: `  store -s api --scope organization=org_1 kv get user:1
  store -s api kv set greeting '"hello"' --ttl 1h`,
	}
	group.AddCommand(
		newGet(t), newSet(t), newExists(t), newRemove(t), newExpire(t), newTouch(t),
		newPersist(t), newTTL(t), newEdit(t),
	)
	return group
}

// changeView shows whether a key was changed.
func changeView() render.View[store.Change] {
	return render.View[store.Change]{
		Columns: []render.Column[store.Change]{
			{Title: "KEY", Cell: func(c store.Change) string { return c.Key }},
			{Title: "CHANGED", Cell: func(c store.Change) string { return strconv.FormatBool(c.Changed) }},
		},
		Text: func(c store.Change) string { return strconv.FormatBool(c.Changed) },
	}
}

// answer prints a change and makes the exit code follow it.
func answer(t *cli.Tool, change store.Change, otherwise string) error {
	if err := cli.Print(t, change, changeView()); err != nil {
		return err
	}
	if !change.Changed {
		return &cli.No{Reason: otherwise}
	}
	return nil
}

// missing is the answer of a command whose key does not exist.
func missing(op, key string) error {
	return &cli.No{Reason: fmt.Sprintf("%s %q: not found", op, key)}
}
