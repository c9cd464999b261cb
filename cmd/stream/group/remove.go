package group

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// removed is the answer of `store stream group remove`.
type removed struct {
	Stream  string `json:"stream"`
	Group   string `json:"group"`
	Removed bool   `json:"removed"`
	DryRun  bool   `json:"dryRun,omitzero"`
}

func newRemove(t *cli.Tool) *cobra.Command {
	var yes, dryRun bool
	cmd := &cobra.Command{
		Use:     "remove STREAM GROUP",
		Aliases: []string{"rm", "del"},
		Short:   "Delete a group and what it knows about pending messages",
		Long: `Remove deletes a group: where it was in the stream, its consumers, and what was pending.
The messages themselves stay. It asks first, and needs --yes where there is no terminal to
ask on. It exits with 1 when there is no such group.

JSON fields: stream, group, removed, dryRun`,
		Example: `  store -s api stream group remove jobs workers --yes
  store -s api stream group remove jobs workers --dry-run`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteStreamGroup(),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			group := c.Streams().Group(args[0], args[1])
			return remove(cmd.Context(), t, group, removed{args[0], args[1], false, dryRun}, yes)
		}),
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say whether there is such a group, remove nothing")
	return cmd
}

func remove(ctx context.Context, t *cli.Tool, group store.Group, r removed, yes bool) error {
	info, err := group.Info(ctx)
	if err != nil && !unknown(err) {
		return err
	}
	exists := err == nil
	if exists && !r.DryRun {
		question := fmt.Sprintf("Group %q of stream %q of %s has %d pending messages. Delete it?",
			r.Group, r.Stream, t.Place(), info.Pending)
		if err := t.Confirm(yes, question); err != nil {
			return err
		}
		if exists, err = group.Remove(ctx); err != nil {
			return err
		}
	}
	r.Removed = exists
	err = cli.Print(t, r, render.View[removed]{
		Text: func(r removed) string { return strconv.FormatBool(r.Removed) },
	})
	if err == nil && !exists {
		err = &cli.No{Reason: fmt.Sprintf("stream group remove %q: there is no group %q",
			r.Stream, r.Group)}
	}
	return err
}

// unknown reports whether err says that there is no such group.
func unknown(err error) bool {
	e, ok := errors.AsType[*store.Error](err)
	return ok && strings.HasPrefix(e.Reason, "NOGROUP")
}
