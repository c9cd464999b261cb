package kv

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newRemove(t *cli.Tool) *cobra.Command {
	var yes, dryRun bool
	cmd := &cobra.Command{
		Use:     "remove KEY...",
		Aliases: []string{"rm", "del"},
		Short:   "Delete keys",
		Long: `Remove deletes keys and prints how many there were. It exits with 1 when none of
them existed. The keys are named one by one, so it asks only in a protected context.

JSON fields: key, changed, error (code, message: why it failed); one object for one KEY,
an array for several`,
		Example: `  store -s api kv remove user:1
  store -s api kv remove user:1 user:2 --dry-run`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: t.CompleteKeys(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			remove := client.KV().Remove
			if dryRun {
				remove = client.KV().WouldRemove
			} else if err := t.Confirm(true, question(t, args)); err != nil {
				return err
			}
			changes, err := remove(cmd.Context(), args...)
			if len(changes) == 0 {
				return err
			}
			return reportRemoved(t, changes, err)
		}),
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask (only a protected context does)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be removed, remove nothing")
	return cmd
}

// question asks whether the keys shall really go.
func question(t *cli.Tool, keys []string) string {
	if len(keys) == 1 {
		return fmt.Sprintf("Remove %q from %s?", keys[0], t.Place())
	}
	return fmt.Sprintf("Remove %d keys from %s?", len(keys), t.Place())
}

// reportRemoved prints what happened to each key and sums it up in the exit code.
func reportRemoved(t *cli.Tool, changes []store.Change, failure error) error {
	removed, failed := 0, 0
	for _, c := range changes {
		switch {
		case c.Err != nil:
			failed++
		case c.Changed:
			removed++
		}
	}
	if err := printRemoved(t, changes, removed); err != nil {
		return err
	}
	switch {
	case failed == len(changes), errors.Is(failure, store.ErrOutcomeUnknown):
		return failure
	case failed > 0:
		return &cli.Partial{Reason: fmt.Sprintf("removed %d, failed %d: %v", removed, failed, failure)}
	case removed == 0:
		return &cli.No{}
	}
	return nil
}

func printRemoved(t *cli.Tool, changes []store.Change, removed int) error {
	switch {
	case !cli.IsJSON(t):
		view := render.View[int]{Text: strconv.Itoa}
		return cli.Print(t, removed, view)
	case len(changes) == 1 && changes[0].Err == nil:
		return cli.Print(t, changes[0], changeView())
	case len(changes) == 1:
		return nil // the error says it
	}
	return cli.PrintList(t, cli.All(slices.Values(changes)), changeView())
}
