package batch

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newRemove(t *cli.Tool) *cobra.Command {
	var from source
	var yes, dryRun bool
	cmd := &cobra.Command{
		Use:     "remove KEY... | -f FILE|-",
		Aliases: []string{"rm", "del"},
		Short:   "Delete many keys",
		Long: `Remove deletes keys and prints how many there were. With -f they come from a file or
from standard input, one a line, as "store scan -o raw" prints them; it then asks
first, and needs --yes where there is no terminal to ask on. It exits with 1 when
none of the keys existed.

JSON fields: written (keys removed), unchanged (keys that did not exist), failed,
unknown, dryRun, errors (line, key, code, message), errorsOmitted`,
		Example: `  store -s api batch remove session:1 session:2
  store -s api scan 'session:*' -o raw | store -s api batch remove -f - --yes`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: t.CompleteKeys(store.NamespaceKV),
		RunE: func(cmd *cobra.Command, args []string) error {
			from.args = args
			if err := from.check("keys"); err != nil {
				return err
			}
			if !dryRun {
				if err := t.Confirm(yes || from.file == "", from.question(t)); err != nil {
					return err
				}
			}
			return runRemove(cmd, t, from, dryRun)
		},
	}
	cmd.Flags().StringVarP(&from.file, "file", "f", "",
		"`FILE` with one key a line, - for standard input")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "count the keys, remove nothing")
	return cmd
}

// question asks whether the keys shall really go.
func (s source) question(t *cli.Tool) string {
	if s.file == "" {
		return fmt.Sprintf("Remove %d keys from %s?", len(s.args), t.Place())
	}
	return "Remove all keys in " + s.file + " from " + t.Place() + "?"
}

func runRemove(cmd *cobra.Command, t *cli.Tool, from source, dryRun bool) error {
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	rows, closeInput, err := from.keys(t)
	if err != nil {
		return err
	}
	defer closeInput()
	result := newOutcome(t, "batch remove", "removed", dryRun)
	report, err := client.Batch().Remove(cmd.Context(), notEmpty(rows, noKeys()), store.BatchOptions{
		DryRun: dryRun, OnError: result.failed, OnProgress: result.progress.Rows,
	})
	if err := result.finish(report, err); err != nil || report.Written > 0 {
		return err
	}
	return &cli.No{}
}
