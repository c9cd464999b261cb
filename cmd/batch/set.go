package batch

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// setFlags are the flags of `store batch set`.
type setFlags struct {
	source
	ttl           string
	ifAbsent      bool
	validateFirst bool
	dryRun, yes   bool
}

func newSet(t *cli.Tool) *cobra.Command {
	var flags setFlags
	cmd := &cobra.Command{
		Use:   "set KEY=JSON... | -f FILE|-",
		Short: "Store many values",
		Long: `Set stores entries in the order given; for a key that comes twice the last one
stays. With -f they come from a file or from standard input as NDJSON, one object
{"key":…,"value":…,"ttl":…} a line; ttl is optional. It prints how many were
written. A row that is wrong, or that the server refuses, is reported with its line
number, the others still land, and the exit code is 5. With --validate-first every
row is checked before the first is written, and one that is wrong stops it all
(standard input is kept in a temporary file meanwhile).

JSON fields: written, failed, unchanged, unknown, dryRun, errors (line, key, code,
message), errorsOmitted (how many errors beyond the first 1000)`,
		Example: `  store -s api batch set a=1 'b={"x":2}'
  store -s api batch set -f rows.ndjson --ttl 1h --if-absent
  jq -c '{key: .id, value: .}' users.json | store -s api batch set -f -`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.args = args
			return runSet(cmd, t, flags)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&flags.file, "file", "f", "", "NDJSON `FILE`, - for standard input")
	f.StringVar(&flags.ttl, "ttl", "", "`time` to live of rows that have none of their own")
	f.BoolVar(&flags.ifAbsent, "if-absent", false, "leave keys alone that exist")
	f.BoolVar(&flags.validateFirst, "validate-first", false,
		"check every row before the first is written")
	f.BoolVar(&flags.dryRun, "dry-run", false, "check every row, write nothing")
	f.BoolVarP(&flags.yes, "yes", "y", false, "do not ask (it never does: every row is named)")
	return cmd
}

func runSet(cmd *cobra.Command, t *cli.Tool, flags setFlags) error {
	if err := flags.check("entries as KEY=JSON"); err != nil {
		return err
	}
	result := newOutcome(t, "batch set", "written", flags.dryRun)
	options := store.BatchOptions{
		IfAbsent: flags.ifAbsent, DryRun: flags.dryRun,
		OnError: result.failed, OnProgress: result.progress.Rows,
	}
	var err error
	if cmd.Flags().Changed("ttl") {
		if options.TTL, err = store.ParseTTL(flags.ttl); err != nil {
			return err
		}
	}
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	rows, closeInput, err := flags.rows(t)
	if err != nil {
		return err
	}
	defer closeInput()
	if flags.validateFirst {
		if err := validate(cmd, client.Batch(), rows, options, result); err != nil {
			return err
		}
	}
	report, err := client.Batch().Set(cmd.Context(), notEmpty(rows, noRows()), options)
	return result.finish(report, err)
}

func noRows() error {
	return &store.Error{
		Kind: store.ErrInvalid, Code: store.CodeBatchEntriesRequired,
		Reason: "there are no rows in the input",
	}
}

// validate runs through all rows without writing any.
func validate(cmd *cobra.Command, batch store.Batch, rows iter.Seq2[store.Row, error],
	options store.BatchOptions, result *outcome,
) error {
	options.DryRun, options.OnProgress = true, nil
	report, err := batch.Set(cmd.Context(), rows, options)
	if err != nil || report.Failed == 0 {
		return err
	}
	if err := result.print(store.Report{Failed: report.Failed}); err != nil {
		return err
	}
	return cli.Usagef("batch set: %d rows are wrong; nothing was written", report.Failed)
}

// rows returns the entries to be written. They can be gone through twice where the
// input is a regular file or is validated first.
func (s setFlags) rows(t *cli.Tool) (iter.Seq2[store.Row, error], func() error, error) {
	if s.file == "" {
		return s.pairs(), func() error { return nil }, nil
	}
	in, err := t.Input(s.file)
	if err != nil {
		return nil, nil, err
	}
	if !s.validateFirst {
		return store.ReadRows(in), in.Close, nil
	}
	spooled, done, err := spool(in)
	if err != nil {
		return nil, nil, fmt.Errorf("batch set: the input could not be kept in a temporary file: %w", err)
	}
	again := func(yield func(store.Row, error) bool) {
		if _, err := spooled.Seek(0, io.SeekStart); err != nil {
			yield(store.Row{}, err)
			return
		}
		store.ReadRows(spooled)(yield)
	}
	return again, done, nil
}

// spool copies the input to a temporary file. Where the system allows it, the file
// loses its name at once and is gone when we are; elsewhere it is removed in the end.
func spool(in io.ReadCloser) (*os.File, func() error, error) {
	defer in.Close()
	file, err := os.CreateTemp("", "store-batch-*.ndjson")
	if err != nil {
		return nil, nil, err
	}
	done := file.Close
	if os.Remove(file.Name()) != nil {
		done = func() error { return errors.Join(file.Close(), os.Remove(file.Name())) }
	}
	_, err = io.Copy(file, in)
	return file, done, err
}

// pairs reads KEY=JSON arguments. A key may hold "=" where the value is written as
// JSON with -f; here the first one ends it.
func (s setFlags) pairs() iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		for _, arg := range s.args {
			row, err := pair(arg)
			if err != nil {
				err = store.RowError{Key: row.Key, Err: err}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func pair(arg string) (store.Row, error) {
	key, text, found := strings.Cut(arg, "=")
	if !found {
		return store.Row{Key: arg}, cli.Usagef("the argument is not of the form KEY=JSON")
	}
	value, err := store.ParseValue([]byte(text))
	return store.Row{Key: key, Value: value}, err
}
