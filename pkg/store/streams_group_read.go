package store

import (
	"context"
	"log/slog"
	"strconv"
	"time"
)

// ReadOptions choose what a consumer is given.
type ReadOptions struct {
	Count int // at most so many; 0 for all there are
	// Block is how long to wait for a message where there is none, in milliseconds at
	// least; 0 does not wait.
	Block time.Duration
	// Pending gives the consumer again what it was given already and has not
	// acknowledged. The server counts that as one more delivery of each.
	Pending bool
}

func (o ReadOptions) check() error {
	switch {
	case o.Count < 0:
		return invalid(CodeStreamReadFailed, "a count is at least 1, not %d", o.Count)
	case o.Block != 0 && o.Block < time.Millisecond:
		return invalid(CodeStreamReadFailed, "waiting takes a millisecond at least, not %s", o.Block)
	case o.Block != 0 && o.Pending:
		return invalid(CodeStreamReadFailed, "pending messages are not waited for")
	}
	return nil
}

// Read gives messages to a consumer, which is created where it does not exist
// (XREADGROUP). They are pending from then on. Where the answer is lost, that is
// ErrOutcomeUnknown: the messages may be pending, and can be read with Pending. It
// returns when ctx ends, with its cause; what the server hands out in that very moment
// is pending all the same.
func (g Group) Read(ctx context.Context, consumer string, o ReadOptions) ([]Message, error) {
	const op = "stream read"
	key, err := g.consumerKey(consumer)
	if err == nil {
		err = o.check()
	}
	if err == nil {
		err = g.streams.client.writable()
	}
	if err != nil {
		return nil, named(err, op, g.stream)
	}
	seen := g.observe(ctx, "stream.read", consumer)
	found, err := g.readNow(ctx, key, consumer, o)
	err = g.failed(err, CodeStreamReadFailed)
	seen.end(ctx, err, slog.Int("ctx.stream.count", len(found)))
	return messagesOf(g.stream, found), named(err, op, g.stream)
}

// readNow reads on a connection of its own.
func (g Group) readNow(ctx context.Context, key, consumer string, o ReadOptions,
) ([]streamEntry, error) {
	l, err := g.streams.open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { l.close() }()
	found, err := g.readOn(l, key, consumer, o)
	for end := time.Now().Add(l.timeout); redirected(err) && time.Now().Before(end); {
		// Nothing was handed out: another server of the cluster holds the stream now.
		if l, err = g.streams.again(ctx, l, key); err == nil {
			found, err = g.readOn(l, key, consumer, o)
		}
	}
	return found, err
}

// readOn reads on a connection. It waits a slice of time after the other, so that a
// server that has died is noticed.
func (g Group) readOn(l *link, key, consumer string, o ReadOptions) ([]streamEntry, error) {
	end := time.Now().Add(o.Block)
	for {
		slice := min(blockSlice, time.Until(end))
		if o.Block == 0 || slice < time.Millisecond {
			slice = 0
		}
		found, err := g.readOnce(l, key, consumer, o, slice)
		if err != nil || len(found) > 0 || slice == 0 || !time.Now().Before(end) {
			return found, err
		}
	}
}

func (g Group) readOnce(l *link, key, consumer string, o ReadOptions, block time.Duration,
) ([]streamEntry, error) {
	from := ">"
	if o.Pending {
		from = "0"
	}
	return g.readFrom(l, key, consumer, from, o.Count, block)
}

// readFrom sends one XREADGROUP.
func (g Group) readFrom(l *link, key, consumer, from string, count int, block time.Duration,
) ([]streamEntry, error) {
	command := []string{"xreadgroup", "GROUP", g.name, consumer}
	if count > 0 {
		command = append(command, "COUNT", strconv.Itoa(count))
	}
	if block > 0 {
		command = append(command, "BLOCK", strconv.FormatInt(block.Milliseconds(), 10))
	}
	if err := l.ask(block, append(command, "STREAMS", key, from)...); err != nil {
		return nil, l.lostWrite(err)
	}
	found, err := l.reads()
	if err != nil {
		return nil, l.lostWrite(err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0].entries, nil
}
