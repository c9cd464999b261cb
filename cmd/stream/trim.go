package stream

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newTrim(t *cli.Tool) *cobra.Command {
	var o store.TrimOptions
	var maxLen int64
	var yes bool
	cmd := &cobra.Command{
		Use:   "trim STREAM --max-len N | --min-id ID",
		Short: "Remove the oldest messages of a stream",
		Long: `Trim keeps the newest N messages (--max-len), or those from an id or a time on
(--min-id), and prints how many it removed. --max-len 0 empties the stream; it asks first,
and needs --yes where there is no terminal to ask on. Messages that are pending in a group
stay pending without what they held; it says on stderr which groups that concerns.

JSON fields: stream, removed, dryRun, orphaned (groups whose pending messages lost what they
held)`,
		Example: `  store -s api stream trim jobs --max-len 10000 --approximate
  store -s api stream trim jobs --min-id -7d --dry-run`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.MaxLen, err = maxLength(cmd, &maxLen); err != nil {
				return err
			}
			return runTrim(cmd, t, args, o, yes)
		},
	}
	f := cmd.Flags()
	f.Int64Var(&maxLen, "max-len", 0, "keep the newest `N` messages")
	f.StringVar(&o.MinID, "min-id", "", "keep the messages from this `id` or time on")
	f.BoolVar(&o.Approximate, "approximate", false,
		"keep some more where that is cheaper for the server")
	f.BoolVar(&o.DryRun, "dry-run", false, "say how many would be removed, remove nothing")
	f.BoolVarP(&yes, "yes", "y", false, "do not ask before --max-len 0")
	return cmd
}

func runTrim(cmd *cobra.Command, t *cli.Tool, args []string, o store.TrimOptions, yes bool,
) error {
	if (o.MaxLen == nil) == (o.MinID == "") {
		return cli.Usagef("give --max-len or --min-id, one of the two")
	}
	if !o.DryRun {
		if err := confirmTrim(t, args[0], o, yes); err != nil {
			return err
		}
	}
	return t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
		result, err := c.Streams().Trim(cmd.Context(), args[0], o)
		if err != nil {
			return err
		}
		return printTrimmed(t, result)
	})(cmd, args)
}

// confirmTrim asks before a stream is emptied, and in a protected context before any trim.
func confirmTrim(t *cli.Tool, stream string, o store.TrimOptions, yes bool) error {
	if o.MaxLen != nil && *o.MaxLen == 0 {
		return confirmEmpty(t, stream, o.MaxLen, yes)
	}
	return t.Confirm(true, fmt.Sprintf("Trim the stream %q of %s?", stream, t.Place()))
}

func printTrimmed(t *cli.Tool, result store.Trimmed) error {
	err := cli.Print(t, result, render.View[store.Trimmed]{
		Text: func(r store.Trimmed) string { return strconv.FormatInt(r.Removed, 10) },
	})
	if err == nil && len(result.Orphaned) > 0 {
		t.Notef("store: stream trim %q: warning: pending messages lost what they held, in %s",
			result.Stream, strings.Join(result.Orphaned, ", "))
	}
	return err
}
