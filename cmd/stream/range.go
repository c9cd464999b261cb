package stream

import (
	"context"
	"iter"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newRange(t *cli.Tool) *cobra.Command {
	var o store.RangeOptions
	cmd := &cobra.Command{
		Use:   "range STREAM",
		Short: "List the messages of a stream",
		Long: `Range lists the messages of a stream, the oldest first. --start and --end are ids, both
included: an id with "(" before it is left out, a part of an id stands for the whole
millisecond, - is the first and + the last. They may be times as well: 2026-01-02T15:04:05Z,
or -15m for a quarter of an hour before the server's now. With --reverse the newest comes
first; --start stays the low end.

It exits with 1 when there is no such stream. Streams of any length are read page by page.

JSON fields: stream, id, message`,
		Example: `  store -s api stream range jobs --count 10
  store -s api stream range jobs --start -15m -o jsonl
  store -s api stream range jobs --start '(1764000000000-0' --end + --reverse`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkCount(cmd, "count", o.Count); err != nil {
				return err
			}
			return t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
				messages := c.Streams().Range(cmd.Context(), args[0], o)
				some := false
				if err := cli.PrintList(t, watch(messages, &some), messageView()); err != nil || some {
					return err
				}
				return exists(cmd.Context(), c, "stream range", args[0])
			})(cmd, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Start, "start", "", "first `id` or time (default -, the first message)")
	f.StringVar(&o.End, "end", "", "last `id` or time (default +, the last message)")
	f.IntVar(&o.Count, "count", 0, "stop after `N` messages")
	f.BoolVar(&o.Reverse, "reverse", false, "the newest first")
	return cmd
}

// watch passes messages on and takes note that there are some.
func watch[T any](seq iter.Seq2[T, error], some *bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range seq {
			*some = *some || err == nil
			if !yield(v, err) {
				return
			}
		}
	}
}

// exists tells an empty stream from one that is not there.
func exists(ctx context.Context, c *store.Client, op, stream string) error {
	info, err := c.Streams().Info(ctx, stream)
	if err == nil && !info.Found {
		err = noStream(op, stream)
	}
	return err
}
