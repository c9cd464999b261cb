package store

import (
	"context"
	"iter"
	"strconv"
	"time"
)

// pendingPage is how many pending messages are asked for at a time.
const pendingPage = 500

// PendingSummary says what a group has been given and has not acknowledged.
type PendingSummary struct {
	Stream    string            `json:"stream"`             // as the caller gave it
	Group     string            `json:"group"`              // as the caller gave it
	Pending   int64             `json:"pending"`            // messages
	LowestID  string            `json:"lowestId,omitzero"`  // the oldest; "" where there are none
	HighestID string            `json:"highestId,omitzero"` // the newest
	Consumers []ConsumerPending `json:"consumers"`          // those with pending messages
}

// ConsumerPending is how many messages of a summary are a consumer's.
type ConsumerPending struct {
	Name    string `json:"name"`    // of the consumer
	Pending int64  `json:"pending"` // at least 1
}

// PendingEntry is one pending message, without what it holds.
type PendingEntry struct {
	ID         string  `json:"id"`         // of the message
	Consumer   string  `json:"consumer"`   // whose it is
	Idle       Seconds `json:"idle"`       // since it was last given to a consumer
	Deliveries int64   `json:"deliveries"` // how often that was
}

// PendingOptions choose pending messages.
type PendingOptions struct {
	Consumer string        // "" for all
	Idle     time.Duration // only those idle for so long; needs Redis 6.2
	Count    int           // stop after so many; 0 for no limit
}

// Pending sums up what is pending (XPENDING): how much, from which id to which, and how
// much of it each consumer has.
func (g Group) Pending(ctx context.Context) (PendingSummary, error) {
	key, err := g.key()
	summary := PendingSummary{Consumers: []ConsumerPending{}}
	if err == nil {
		seen := g.observe(ctx, "stream.pending", "")
		summary, err = g.streams.pendingSummary(ctx, key, g.name)
		err = g.failed(err, CodeStreamReadFailed)
		seen.end(ctx, err)
	}
	summary.Stream, summary.Group = g.stream, g.name
	return summary, named(err, "stream pending", g.stream)
}

func (s Streams) pendingSummary(ctx context.Context, key, group string) (PendingSummary, error) {
	summary := PendingSummary{Consumers: []ConsumerPending{}}
	answer, err := s.read(ctx, 1, "xpending", key, group)
	if err != nil {
		return summary, err
	}
	parts := list(answer)
	if len(parts) != 4 {
		return summary, strange("a summary of what is pending")
	}
	summary.Pending = integer(parts[0])
	summary.LowestID, summary.HighestID = text(parts[1]), text(parts[2])
	for _, element := range list(parts[3]) {
		if pair := list(element); len(pair) == 2 {
			summary.Consumers = append(summary.Consumers,
				ConsumerPending{text(pair[0]), integer(pair[1])})
		}
	}
	return summary, nil
}

// PendingEntries lists pending messages in the order of their ids (XPENDING, a page at a
// time). It changes nothing, and counts as no delivery. A failure is yielded once, last.
func (g Group) PendingEntries(ctx context.Context, o PendingOptions,
) iter.Seq2[PendingEntry, error] {
	return func(yield func(PendingEntry, error) bool) {
		key, err := g.key()
		listed := 0
		for from := "-"; err == nil; {
			var page []PendingEntry
			if page, err = g.pendingPage(ctx, key, from, "+", pendingPage, o); err != nil {
				break
			}
			for _, e := range page {
				if listed++; !yield(e, nil) || listed == o.Count {
					return
				}
			}
			if len(page) < pendingPage {
				return
			}
			from = after(page[len(page)-1].ID)
		}
		yield(PendingEntry{}, named(err, "stream pending", g.stream))
	}
}

// after returns the id behind one that the server gave.
func after(id string) string {
	parsed, err := parseStreamID(id, 0)
	if err != nil {
		return "+"
	}
	next, _ := parsed.next()
	return next.String()
}

// before returns the id before one that the server gave.
func before(id string) string {
	parsed, err := parseStreamID(id, 0)
	if err != nil {
		return "0-0"
	}
	previous, _ := parsed.previous()
	return previous.String()
}

// pendingPage asks for one page.
func (g Group) pendingPage(ctx context.Context, key, from, to string, count int,
	o PendingOptions,
) (page []PendingEntry, err error) {
	seen := g.observe(ctx, "stream.pending", o.Consumer)
	defer func() {
		err = g.failed(err, CodeStreamReadFailed)
		seen.end(ctx, err)
	}()
	args := []string{"xpending", key, g.name}
	if o.Idle > 0 {
		args = append(args, "IDLE", milliseconds(o.Idle))
	}
	args = append(args, from, to, strconv.Itoa(count))
	if o.Consumer != "" {
		args = append(args, o.Consumer)
	}
	answer, err := g.streams.read(ctx, 1, args...)
	if err != nil {
		return nil, err
	}
	for _, element := range list(answer) {
		parts := list(element)
		if len(parts) != 4 {
			return nil, strange("a list of what is pending")
		}
		page = append(page, PendingEntry{
			ID: text(parts[0]), Consumer: text(parts[1]),
			Idle:       Seconds(time.Duration(integer(parts[2])) * time.Millisecond),
			Deliveries: integer(parts[3]),
		})
	}
	return page, nil
}
