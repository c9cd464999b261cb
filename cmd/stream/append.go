package stream

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// appended is the answer of `store stream append` to one message.
type appended struct {
	Stream string `json:"stream"`
	ID     string `json:"id"`
}

// appendFlags are the flags of `store stream append`.
type appendFlags struct {
	file        string
	asString    bool
	maxLen      int64
	approximate bool
	yes         bool
}

func newAppend(t *cli.Tool) *cobra.Command {
	var flags appendFlags
	cmd := &cobra.Command{
		Use:   "append STREAM DATA | append STREAM -f FILE|-",
		Short: "Append messages to a stream",
		Long: `Append adds a message and prints its id. DATA is JSON; - reads standard input, @FILE a
file. With -f every line of a file or of standard input is a message; they are sent in
their order, without waiting for each, and it prints how many were written. A line that is
wrong, or that the server refuses, is reported with its number, the others still land, and
the exit code is 5. Nothing is sent twice: where the connection is lost, the lines whose
answer did not come are counted as unknown, and the exit code is 6.

With --max-len the stream keeps only so many messages. --max-len 0 empties it, the new
message included; it asks first, and needs --yes where there is no terminal to ask on.

JSON fields: stream, id; with -f stream, written, failed, unknown, firstId, lastId, errors
(line, code, message), errorsOmitted (how many errors beyond the first 1000)`,
		Example: `  store -s api stream append jobs '{"task":"mail"}'
  store -s api stream append jobs --string hello --max-len 10000 --approximate
  store -s api stream append jobs -f messages.ndjson`,
		Args:              flags.args,
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAppend(cmd, t, flags, args)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&flags.file, "file", "f", "",
		"`FILE` with one message a line, - for standard input")
	f.BoolVar(&flags.asString, "string", false,
		"DATA, or each line, is text and becomes a JSON string")
	f.Int64Var(&flags.maxLen, "max-len", 0, "keep only the newest `N` messages")
	f.BoolVar(&flags.approximate, "approximate", false,
		"keep some more than --max-len where that is cheaper for the server")
	f.BoolVarP(&flags.yes, "yes", "y", false, "do not ask before --max-len 0")
	return cmd
}

// args wants DATA where there is no file.
func (f *appendFlags) args(cmd *cobra.Command, args []string) error {
	if f.file != "" {
		return cobra.ExactArgs(1)(cmd, args)
	}
	return cobra.ExactArgs(2)(cmd, args)
}

func runAppend(cmd *cobra.Command, t *cli.Tool, flags appendFlags, args []string) error {
	options := store.AppendOptions{Approximate: flags.approximate}
	var err error
	if options.MaxLen, err = maxLength(cmd, &flags.maxLen); err != nil {
		return err
	}
	if flags.approximate && options.MaxLen == nil {
		return cli.Usagef("--approximate goes with --max-len")
	}
	if err := confirmEmpty(t, args[0], options.MaxLen, flags.yes); err != nil {
		return err
	}
	if flags.file != "" {
		return appendAll(cmd, t, flags, args[0], options)
	}
	value, err := t.Value(args[1], flags.asString)
	if err != nil {
		return err
	}
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	id, err := client.Streams().Append(cmd.Context(), args[0], value, options)
	if err != nil {
		return err
	}
	return cli.Print(t, appended{args[0], id}, render.View[appended]{
		Text: func(a appended) string { return a.ID },
	})
}

// confirmEmpty asks before a stream is emptied, and says what to do where nobody could
// be asked.
func confirmEmpty(t *cli.Tool, stream string, maxLen *int64, yes bool) error {
	if maxLen == nil || *maxLen > 0 {
		return nil
	}
	err := t.Confirm(yes, fmt.Sprintf("Empty the stream %q of %s?", stream, t.Place()))
	if _, ok := errors.AsType[*cli.UsageError](err); ok {
		return &cli.HintError{Err: err, Hint: "--max-len 0 empties the stream; add --yes to do that"}
	}
	return err
}

// appendAll appends what a file holds.
func appendAll(cmd *cobra.Command, t *cli.Tool, flags appendFlags, stream string,
	options store.AppendOptions,
) error {
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	in, err := t.Input(flags.file)
	if err != nil {
		return err
	}
	defer in.Close()
	result := newOutcome(t, stream)
	options.OnError, options.OnProgress = result.failed, result.progress.Rows
	rows := store.ReadMessages(in, flags.asString)
	report, err := client.Streams().AppendAll(cmd.Context(), stream, rows, options)
	return result.finish(report, err)
}
