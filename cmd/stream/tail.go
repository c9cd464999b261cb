package stream

import (
	"iter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newTail(t *cli.Tool) *cobra.Command {
	o := store.TailOptions{}
	cmd := &cobra.Command{
		Use:   "tail STREAM...",
		Short: "Show the newest messages, and follow what is appended",
		Long: `Tail shows the last messages of each stream (-n), or everything from --from on, which is
an id or a time as in store stream range. With --follow it goes on with what is appended,
for ever; a stream that does not exist yet is waited for. When the connection is lost it
says so on stderr, connects again, and goes on behind the last message it has shown: none
is missed and none is shown twice.

Without --follow it exits with 1 when there is no such stream. -o json prints lines here,
as -o jsonl does.

JSON fields: stream, id, message`,
		Example: `  store -s api stream tail jobs -n 20
  store -s api stream tail jobs mails --follow -o jsonl
  store -s api stream tail jobs --from -1h --follow`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: t.CompleteKeys(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			if cmd.Flags().Changed("from") && cmd.Flags().Changed("lines") {
				return cli.Usagef("give -n or --from, not both")
			}
			return runTail(cmd, t, c, args, o)
		}),
	}
	f := cmd.Flags()
	f.IntVarP(&o.Last, "lines", "n", 10, "how many messages of each stream to begin with, as `N`")
	f.StringVar(&o.From, "from", "", "`id` or time to begin at")
	f.BoolVar(&o.Follow, "follow", false, "go on with what is appended")
	return cmd
}

func runTail(cmd *cobra.Command, t *cli.Tool, c *store.Client, streams []string,
	o store.TailOptions,
) error {
	if o.Last < 0 {
		return cli.Usagef("-n is not negative, as %d is", o.Last)
	}
	some := false
	o.OnLink = func(e store.LinkEvent) { noteLink(t, "stream tail", e) }
	follow := func(flush func() error) iter.Seq2[store.Message, error] {
		o.OnWait = func() { _ = flush() } // that it failed shows when the next line is written
		return watch(c.Streams().Tail(cmd.Context(), streams, o), &some)
	}
	if err := cli.PrintTail(t, follow, lineView(len(streams) > 1)); err != nil || some {
		return err
	}
	for _, stream := range streams {
		if err := exists(cmd.Context(), c, "stream tail", stream); err != nil {
			return err
		}
	}
	return nil
}

// lineView shows a message a line: a table could not be laid out before it is known.
func lineView(several bool) render.View[store.Message] {
	return render.View[store.Message]{
		Text: func(m store.Message) string {
			line := m.ID + "  " + body(m)
			if several {
				line = m.Stream + "  " + line
			}
			return line
		},
		Raw: rawBody,
	}
}

// noteLink says that a connection was lost, or is back.
func noteLink(t *cli.Tool, op string, e store.LinkEvent) {
	switch {
	case e.Err == nil:
		t.Notef("store: %s: connected again after %s", op, e.Down.Round(10*time.Millisecond))
	case e.Attempt == 0:
		t.Notef("store: %s: the connection was lost (%v); trying again", op, e.Err)
	case e.Attempt&(e.Attempt-1) == 0: // not each of very many
		t.Notef("store: %s: not connected (%v); next attempt in %s", op, e.Err,
			e.Retry.Round(10*time.Millisecond))
	}
}
