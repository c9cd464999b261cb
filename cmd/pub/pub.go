// Package pub holds the command `store pub`.
package pub

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// flags are the flags of the command.
type flags struct {
	file       string
	asString   bool
	rate       float64
	events     string
	noValidate bool
	strict     bool
}

// New returns the command `store pub`.
func New(t *cli.Tool) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "pub CHANNEL DATA|-|@FILE | CHANNEL -f FILE|-",
		Short: "Publish events",
		Long: `Pub publishes an event on a channel, in the envelope that apps expect: the channel as its
type, DATA, the time, the last of the scopes, and the actor. It prints how many
subscribers received it; in a cluster that counts only those of the node that took it,
so 0 does not mean that nobody did. Events are not stored: who does not listen never
sees them.

With -f each line of a file or of standard input is the data of one event. Events are
sent in order, as they come, and the number published is printed. A line that is wrong,
or that the server refuses, is reported with its number, the others are published, and
the exit code is 5. An event is never sent twice: when its answer is lost the exit code
is 6, and it may have been delivered.

Where there are schemas (--events, or the config file), data that breaks its schema is
refused with exit code 2 and not sent. A channel without a schema is published, unless
--strict-events is given.

JSON fields: channel, receivers; with -f: channel, published, receivers (of all events),
failed, unknown, errors (line, code, message, details), errorsOmitted (how many errors
beyond the first 1000)`,
		Example: `  store -s api --scope organization=org_1 pub user:created '{"id":"u1"}'
  store -s api pub log:line --string 'deploy done'
  store -s api pub user:created -f events.ndjson --rate 500
  tail -f audit.ndjson | store -s api --actor user=ada pub audit:entry -f -`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: completeChannel(t, &f.events),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			client, err := f.open(t)
			if err != nil {
				return err
			}
			defer client.Close()
			if f.file != "" {
				return f.publishAll(cmd.Context(), t, client, args[0])
			}
			return f.publish(cmd.Context(), t, client, args[0], args[1])
		},
	}
	f.bind(cmd)
	return cmd
}

// completeChannel completes the channel, and nothing behind it.
func completeChannel(t *cli.Tool, file *string) cobra.CompletionFunc {
	channels := t.CompleteChannels(file)
	return func(cmd *cobra.Command, args []string, typed string) (
		[]cobra.Completion, cobra.ShellCompDirective,
	) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return channels(cmd, args, typed)
	}
}

func (f *flags) bind(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVarP(&f.file, "file", "f", "", "`FILE` with one payload a line, - for standard input")
	s.BoolVar(&f.asString, "string", false, "DATA is text, to be published as a JSON string")
	s.Float64Var(&f.rate, "rate", 0, "with -f: at most `N` events a second")
	s.StringVar(&f.events, "events", "", "`FILE` with the schemas of the events")
	s.BoolVar(&f.noValidate, "no-validate", false, "publish whatever the schemas say")
	s.BoolVar(&f.strict, "strict-events", false, "refuse a channel that has no schema")
	cmd.MarkFlagsMutuallyExclusive("no-validate", "strict-events")
}

// check refuses what does not go together.
func (f *flags) check(cmd *cobra.Command, args []string) error {
	switch {
	case args[0] == "":
		return cli.Usagef("the channel must not be empty")
	case f.file != "" && len(args) > 1:
		return cli.Usagef("give the data of one event, or a file of them with -f, not both")
	case f.file == "" && len(args) < 2:
		return cli.Usagef("give the data of the event, or a file with -f")
	case f.file != "" && f.asString:
		return cli.Usagef("with -f every line is JSON; --string is for one event")
	case cmd.Flags().Changed("rate") && f.file == "":
		return cli.Usagef("--rate is for -f")
	case cmd.Flags().Changed("rate") && !(f.rate > 0 && f.rate <= 1e9):
		return cli.Usagef("--rate is a number of events a second, above 0")
	}
	return nil
}

// open returns a client that knows the schemas, where there are any.
func (f *flags) open(t *cli.Tool) (*store.Client, error) {
	if f.noValidate {
		return t.Open()
	}
	validator, err := t.Events(f.events)
	if err != nil {
		return nil, err
	}
	return t.Open(store.WithEvents(validator, t.Validation))
}

func (f *flags) options() store.PublishOptions {
	return store.PublishOptions{Strict: f.strict, Rate: f.rate}
}

// skipped says that nothing is judged, where it was asked for.
func (f *flags) skipped(t *cli.Tool) {
	if f.noValidate {
		t.Notef("store: pub: the data was not checked against a schema (--no-validate)")
	}
}

// publish publishes one event.
func (f *flags) publish(ctx context.Context, t *cli.Tool, client *store.Client,
	channel, arg string,
) error {
	data, err := t.Value(arg, f.asString)
	if err != nil {
		return err
	}
	f.skipped(t)
	options := f.options()
	options.OnInvalid = func(violations []store.Violation) {
		t.Notef("store: pub: the data does not fit the schema; it is published all the same (throw: false)")
		for _, v := range violations {
			t.Notef("  %s", v)
		}
	}
	published, err := client.Events().Publish(ctx, channel, data, options)
	if err != nil {
		return mayHaveArrived(err)
	}
	text := func(p store.Published) string { return strconv.FormatInt(p.Receivers, 10) }
	return cli.Print(t, published, render.View[store.Published]{Text: text})
}

// mayHaveArrived gives a lost answer the hint that fits an event.
func mayHaveArrived(err error) error {
	if errors.Is(err, store.ErrOutcomeUnknown) {
		return &cli.HintError{
			Err:  err,
			Hint: "it may have been delivered; publishing it again can deliver it twice",
		}
	}
	return err
}

// publishAll publishes one event for each line.
func (f *flags) publishAll(ctx context.Context, t *cli.Tool, client *store.Client,
	channel string,
) error {
	in, err := t.Input(f.file)
	if err != nil {
		return err
	}
	defer in.Close()
	f.skipped(t)
	result := newOutcome(t, channel)
	options := f.options()
	options.OnError, options.OnProgress = result.failed, result.progress.Rows
	options.OnInvalid = func([]store.Violation) { result.invalid++ }
	counts, err := client.Events().PublishAll(ctx, channel, store.ReadPayloads(in), options)
	return result.finish(counts, err)
}
