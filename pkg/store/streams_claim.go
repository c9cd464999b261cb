package store

import (
	"context"
	"iter"
	"log/slog"
	"strconv"
	"time"
)

// Claim gives pending messages to another consumer if they have been idle for so long
// (XCLAIM), and returns those it could. It counts as one more delivery of each. idle is
// counted in milliseconds, rounded up; 0 takes them at once.
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
	err = g.failed(err, CodeStreamReadFailed)
	seen.end(ctx, err, slog.Int("ctx.stream.count", len(found)))
	return messagesOf(g.stream, found), named(err, op, g.stream)
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
		yield(Claimable{}, named(err, op, g.stream))
	}
}

// claimedPage is one answer of XAUTOCLAIM.
type claimedPage struct {
	cursor  string
	entries []streamEntry
	gone    []string
}

// autoClaim asks for one page.
func (g Group) autoClaim(ctx context.Context, key, consumer string, idle time.Duration,
	cursor string, count int,
) (page claimedPage, err error) {
	seen := g.observe(ctx, "stream.claim", consumer)
	defer func() {
		err = g.failed(err, CodeStreamReadFailed)
		seen.end(ctx, err, slog.Int("ctx.stream.count", len(page.entries)))
	}()
	answer, err := g.streams.write(ctx, 1, words("xautoclaim", key, g.name, consumer,
		milliseconds(idle), cursor, "COUNT", strconv.Itoa(count))...)
	if err != nil {
		return claimedPage{}, err
	}
	parts := list(answer)
	if len(parts) < 2 {
		return claimedPage{}, strange("that of XAUTOCLAIM")
	}
	page.cursor = text(parts[0])
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
