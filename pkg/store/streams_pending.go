package store

import (
	"context"
	"iter"
	"log/slog"
	"strconv"
	"time"
)

// pendingPage is how many pending messages are asked for at a time.
const pendingPage = 500

// PendingSummary says what a group has been given and has not acknowledged.
type PendingSummary struct {
	Stream    string            `json:"stream"`
	Group     string            `json:"group"`
	Pending   int64             `json:"pending"`
	LowestID  string            `json:"lowestId,omitzero"`
	HighestID string            `json:"highestId,omitzero"`
	Consumers []ConsumerPending `json:"consumers"` // those with pending messages
}

// ConsumerPending is how many messages of a summary are a consumer's.
type ConsumerPending struct {
	Name    string `json:"name"`
	Pending int64  `json:"pending"`
}

// PendingEntry is one pending message, without what it holds.
type PendingEntry struct {
	ID         string  `json:"id"`
	Consumer   string  `json:"consumer"`
	Idle       Seconds `json:"idle"`       // since it was last given to a consumer
	Deliveries int64   `json:"deliveries"` // how often that was
}

// PendingOptions choose pending messages.
type PendingOptions struct {
	Consumer string        // "" for all
	Idle     time.Duration // only those idle for so long; needs Redis 6.2
	Count    int           // stop after so many; 0 for no limit
}

// Pending sums up what is pending (XPENDING).
func (g Group) Pending(ctx context.Context) (PendingSummary, error) {
	key, err := g.key()
	summary := PendingSummary{Consumers: []ConsumerPending{}}
	if err == nil {
		summary, err = g.streams.pendingSummary(ctx, key, g.name)
	}
	summary.Stream, summary.Group = g.stream, g.name
	return summary, named(g.failed(err, CodeStreamReadFailed), "stream pending", g.stream)
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
		yield(PendingEntry{}, named(g.failed(err, CodeStreamReadFailed), "stream pending", g.stream))
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
) ([]PendingEntry, error) {
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
	var page []PendingEntry
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

// Claim gives pending messages to another consumer if they have been idle for so long
// (XCLAIM), and returns those it could. It counts as one more delivery of each.
func (g Group) Claim(ctx context.Context, consumer string, idle time.Duration, ids ...string,
) ([]Message, error) {
	const op = "stream claim"
	key, err := g.consumerKey(consumer)
	if err == nil {
		err = checkIDs(ids)
	}
	if err == nil && idle < 0 {
		err = invalid(CodeStreamReadFailed, "an idle time is not negative, as %s is", idle)
	}
	if err != nil {
		return nil, named(err, op, g.stream)
	}
	seen := g.observe(ctx, "stream.claim", consumer)
	found, err := g.claim(ctx, key, consumer, idle, ids)
	seen.end(ctx, err, slog.Int("ctx.stream.count", len(found)))
	return messagesOf(g.stream, found), named(g.failed(err, CodeStreamReadFailed), op, g.stream)
}

func (g Group) claim(ctx context.Context, key, consumer string, idle time.Duration, ids []string,
) ([]streamEntry, error) {
	args := append([]string{"xclaim", key, g.name, consumer, milliseconds(idle)}, ids...)
	answer, err := g.streams.write(ctx, 1, words(args...)...)
	if err != nil {
		return nil, err
	}
	return entriesOf(answer)
}

// Claimable is what [Group.AutoClaim] yields: a message, or the id of one that was
// pending but is not in the stream any more.
type Claimable struct {
	Message
	Gone bool // removed from what is pending; there is no message
}

// AutoClaim gives a consumer all pending messages that have been idle for so long
// (XAUTOCLAIM, until the cursor is back at the beginning), at most count unless that is
// 0. It counts as one more delivery of each. A failure is yielded once, last; where an
// answer was lost it is ErrOutcomeUnknown.
func (g Group) AutoClaim(ctx context.Context, consumer string, idle time.Duration, count int,
) iter.Seq2[Claimable, error] {
	const op = "stream claim"
	return func(yield func(Claimable, error) bool) {
		key, err := g.consumerKey(consumer)
		left := count
		for cursor := "0-0"; err == nil; {
			size := pendingPage / 5
			if count > 0 {
				size = min(size, left)
			}
			var page claimedPage
			if page, err = g.autoClaim(ctx, key, consumer, idle, cursor, size); err != nil {
				break
			}
			if !page.each(g.stream, yield) {
				return
			}
			left -= len(page.entries)
			if page.cursor == "0-0" || count > 0 && left <= 0 {
				return
			}
			cursor = page.cursor
		}
		yield(Claimable{}, named(g.failed(err, CodeStreamReadFailed), op, g.stream))
	}
}

// claimedPage is one answer of XAUTOCLAIM.
type claimedPage struct {
	cursor  string
	entries []streamEntry
	gone    []string
}

func (g Group) autoClaim(ctx context.Context, key, consumer string, idle time.Duration,
	cursor string, count int,
) (claimedPage, error) {
	answer, err := g.streams.write(ctx, 1, words("xautoclaim", key, g.name, consumer,
		milliseconds(idle), cursor, "COUNT", strconv.Itoa(count))...)
	if err != nil {
		return claimedPage{}, err
	}
	parts := list(answer)
	if len(parts) < 2 {
		return claimedPage{}, strange("that of XAUTOCLAIM")
	}
	page := claimedPage{cursor: text(parts[0])}
	page.entries, err = entriesOf(parts[1])
	if len(parts) > 2 {
		for _, id := range list(parts[2]) {
			page.gone = append(page.gone, text(id))
		}
	}
	return page, err
}

// each yields what is on a page.
func (p *claimedPage) each(stream string, yield func(Claimable, error) bool) bool {
	for i := range p.entries {
		if !yield(Claimable{Message: p.entries[i].message(stream)}, nil) {
			return false
		}
	}
	for _, id := range p.gone {
		gone := Message{Stream: stream, ID: id, Deleted: true}
		if !yield(Claimable{Message: gone, Gone: true}, nil) {
			return false
		}
	}
	return true
}
