// Package stream holds the commands of `store stream`.
package stream

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/cmd/stream/consumer"
	"github.com/tenantstore/store/cmd/stream/group"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// New returns the group `store stream`.
func New(t *cli.Tool) *cobra.Command {
	top := &cobra.Command{
		Use:   "stream",
		Short: "Append to streams, read them, work through them in groups",
		Long: `Streams are append-only lists of messages that apps write with store.streams.append and
read with store.streams.range, or in consumer groups. A message is the JSON of the field
"data"; an entry without it is shown as an object of all its fields.

Where an ID is wanted, a time will do as well: 2026-01-02T15:04:05Z, or -15m for a quarter
of an hour before the server's now.`,
		Example: `  store -s api stream append jobs '{"task":"mail"}'
  store -s api stream tail jobs --follow
  store -s api stream consume jobs --group workers --consumer w1 -- ./work.sh`,
	}
	top.AddCommand(
		newAppend(t), newRange(t), newTail(t), newList(t), newInfo(t), newTrim(t), newRemove(t),
		group.New(t),
		newRead(t), newAck(t), newPending(t), newClaim(t), newConsume(t),
		consumer.New(t), newCheck(t),
	)
	for _, cmd := range top.Commands() {
		t.CompleteMembers(cmd)
	}
	return top
}

// members are the flags --group and --consumer.
type members struct{ group, consumer string }

// bind declares the flags; --consumer only where it is wanted.
func (m *members) bind(cmd *cobra.Command, consumer bool) {
	cmd.Flags().StringVar(&m.group, "group", "", "`name` of the consumer group")
	require(cmd, "group")
	if consumer {
		cmd.Flags().StringVar(&m.consumer, "consumer", "", "`name` of the consumer")
		require(cmd, "consumer")
	}
}

// require makes a flag required that was declared just before.
func require(cmd *cobra.Command, flag string) {
	if err := cmd.MarkFlagRequired(flag); err != nil {
		panic(err) // it is declared
	}
}

// checkCount refuses a --count that is given and below 1.
func checkCount(cmd *cobra.Command, flag string, count int) error {
	if cmd.Flags().Changed(flag) && count < 1 {
		return cli.Usagef("--%s is at least 1, not %d", flag, count)
	}
	return nil
}

// duration reads a duration that may be zero.
func duration(flag, text string) (time.Duration, error) {
	if text == "0" || text == "0s" {
		return 0, nil
	}
	d, err := cli.ParseWait(text)
	if err != nil {
		return 0, cli.Usagef("--%s: %v", flag, err)
	}
	return d, nil
}

// age reads the duration of a flag, or returns 0 where it is not given.
func age(cmd *cobra.Command, flag, text string) (time.Duration, error) {
	if !cmd.Flags().Changed(flag) {
		return 0, nil
	}
	d, err := cli.ParseWait(text)
	if err == nil && d < time.Millisecond {
		err = cli.Usagef("a millisecond is the least, not %s", d)
	}
	if err != nil {
		return 0, cli.Usagef("--%s: %v", flag, err)
	}
	return d, nil
}

// maxLength reads --max-len; nil where it is not given.
func maxLength(cmd *cobra.Command, length *int64) (*int64, error) {
	if !cmd.Flags().Changed("max-len") {
		return nil, nil
	}
	if *length < 0 {
		return nil, cli.Usagef("--max-len is not negative, as %d is", *length)
	}
	return length, nil
}

type column = render.Column[store.Message]

// messageView shows messages as a table; raw is the message alone.
func messageView() render.View[store.Message] {
	return render.View[store.Message]{
		Columns: []column{
			{Title: "ID", Cell: func(m store.Message) string { return m.ID }},
			{Title: "MESSAGE", Cell: body},
		},
		Raw: rawBody,
	}
}

// body shows a message; what stands in parentheses is none.
func body(m store.Message) string {
	if m.Deleted {
		return "(deleted)"
	}
	return m.Message.String()
}

func rawBody(dst []byte, m store.Message) []byte { return append(dst, m.Message...) }

// counted is the answer of what removes or acknowledges entries.
type counted struct {
	Stream string `json:"stream"`
	Group  string `json:"group,omitzero"`
	Count  int64  `json:"count"`
}

// printCount prints how many it were.
func printCount(t *cli.Tool, c counted) error {
	return cli.Print(t, c, render.View[counted]{
		Text: func(c counted) string { return strconv.FormatInt(c.Count, 10) },
	})
}

// number shows an integer in a cell.
func number(n int64) string { return strconv.FormatInt(n, 10) }

// noStream is the answer about a stream that does not exist.
func noStream(op, stream string) error {
	return &cli.No{Reason: fmt.Sprintf("%s %q: there is no such stream", op, stream)}
}
