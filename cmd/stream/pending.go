package stream

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// pendingFlags are the flags of `store stream pending`.
type pendingFlags struct {
	members // its consumer is not required here
	count   int
	idle    string
	detail  bool
}

func newPending(t *cli.Tool) *cobra.Command {
	var flags pendingFlags
	cmd := &cobra.Command{
		Use:   "pending STREAM --group G",
		Short: "Show what was given to consumers and not acknowledged",
		Long: `Pending sums up the pending messages of a group: how many, and whose they are. With
--detail, --idle, --consumer or --count it lists them with how long they have been idle and
how often they were delivered. Looking changes neither.

JSON fields: stream, group, pending, lowestId, highestId, consumers (name, pending); of the
list id, consumer, idle (seconds), deliveries`,
		Example: `  store -s api stream pending jobs --group workers
  store -s api stream pending jobs --group workers --idle 10m -o jsonl`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := flags.options(cmd)
			if err != nil {
				return err
			}
			return t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
				g := c.Streams().Group(args[0], flags.group)
				if flags.detail || o != (store.PendingOptions{}) {
					return cli.PrintList(t, g.PendingEntries(cmd.Context(), o), pendingView())
				}
				summary, err := g.Pending(cmd.Context())
				if err != nil {
					return err
				}
				return cli.Print(t, summary, summaryView())
			})(cmd, args)
		},
	}
	flags.bind(cmd, false)
	f := cmd.Flags()
	f.StringVar(&flags.consumer, "consumer", "", "only what is pending for the consumer `name`")
	f.StringVar(&flags.idle, "idle", "", "only what has been idle for so long, as `10m`")
	f.IntVar(&flags.count, "count", 0, "stop after `N` messages")
	f.BoolVar(&flags.detail, "detail", false, "list the messages")
	return cmd
}

// options returns which messages are to be listed.
func (f *pendingFlags) options(cmd *cobra.Command) (store.PendingOptions, error) {
	o := store.PendingOptions{Consumer: f.consumer, Count: f.count}
	if err := checkCount(cmd, "count", f.count); err != nil {
		return o, err
	}
	if f.consumer == "" && cmd.Flags().Changed("consumer") {
		return o, cli.Usagef("the name of the consumer must not be empty")
	}
	var err error
	o.Idle, err = age(cmd, "idle", f.idle)
	return o, err
}

// summaryView shows a summary, one property a line.
func summaryView() render.View[store.PendingSummary] {
	type property = render.Column[store.PendingSummary]
	return render.View[store.PendingSummary]{
		Columns: []property{
			{Title: "pending", Cell: func(s store.PendingSummary) string { return number(s.Pending) }},
			{Title: "lowest id", Cell: func(s store.PendingSummary) string { return s.LowestID }},
			{Title: "highest id", Cell: func(s store.PendingSummary) string { return s.HighestID }},
			{Title: "consumers", Cell: func(s store.PendingSummary) string {
				var names []string
				for _, c := range s.Consumers {
					names = append(names, c.Name+" ("+number(c.Pending)+")")
				}
				return strings.Join(names, ", ")
			}},
		},
		Raw: func(dst []byte, s store.PendingSummary) []byte { return append(dst, number(s.Pending)...) },
	}
}

// pendingView shows a pending message a line.
func pendingView() render.View[store.PendingEntry] {
	type column = render.Column[store.PendingEntry]
	return render.View[store.PendingEntry]{
		Columns: []column{
			{Title: "ID", Cell: func(e store.PendingEntry) string { return e.ID }},
			{Title: "IDLE", Right: true, Cell: func(e store.PendingEntry) string {
				return e.Idle.Duration().Round(time.Millisecond).String()
			}},
			{Title: "DELIVERIES", Right: true, Cell: func(e store.PendingEntry) string {
				return number(e.Deliveries)
			}},
			{Title: "CONSUMER", Cell: func(e store.PendingEntry) string { return e.Consumer }},
		},
		Raw: func(dst []byte, e store.PendingEntry) []byte { return append(dst, e.ID...) },
	}
}
