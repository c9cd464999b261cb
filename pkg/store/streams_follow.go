package store

import (
	"context"
	"strconv"
	"time"
)

// arrival is what one connection brings: messages, an event, or its end.
type arrival struct {
	messages []Message
	event    *LinkEvent
	err      error
}

// follow lists what is appended. On a cluster each stream has a connection of its own,
// as they may be on different servers.
func (f *follower) follow(ctx context.Context, yield func(Message, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	arrivals := make(chan arrival, 1)
	for _, group := range f.groups() {
		go f.listen(ctx, group, func(a arrival) bool {
			select {
			case arrivals <- a:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}
	for {
		a, err := f.next(ctx, arrivals)
		if err == nil {
			err = a.err
		}
		if err != nil {
			yield(Message{}, err)
			return
		}
		if a.event != nil && f.options.OnLink != nil {
			f.options.OnLink(*a.event)
		}
		for i := range a.messages {
			if !yield(a.messages[i], nil) {
				return
			}
		}
	}
}

// next waits for what comes next.
func (f *follower) next(ctx context.Context, arrivals <-chan arrival) (arrival, error) {
	select {
	case a := <-arrivals:
		return a, nil
	default:
	}
	if f.options.OnWait != nil {
		f.options.OnWait()
	}
	select {
	case a := <-arrivals:
		return a, nil
	case <-ctx.Done():
		return arrival{}, context.Cause(ctx)
	}
}

// groups returns the streams that share a connection.
func (f *follower) groups() [][]*place {
	if a, ok := f.streams.client.adapter.(*redisAdapter); ok && !a.cluster {
		return [][]*place{f.places}
	}
	groups := make([][]*place, len(f.places))
	for i, p := range f.places {
		groups[i] = []*place{p}
	}
	return groups
}

// listen reads what is appended to streams, connecting again whenever it must.
func (f *follower) listen(ctx context.Context, places []*place, deliver func(arrival) bool) {
	pace := backoff{report: func(e LinkEvent) { deliver(arrival{event: &e}) }}
	for {
		err := f.listenOnce(ctx, places, &pace, deliver)
		if err == nil || ctx.Err() != nil {
			return
		}
		if !curable(err) {
			deliver(arrival{err: err})
			return
		}
		if pace.failed(ctx, err) != nil {
			return
		}
	}
}

// listenOnce reads for as long as one connection lasts.
func (f *follower) listenOnce(ctx context.Context, places []*place, pace *backoff,
	deliver func(arrival) bool,
) error {
	l, err := f.streams.open(ctx, places[0].key)
	if err != nil {
		return err
	}
	defer l.close()
	size := firstPage
	for block := time.Duration(0); ; block = blockSlice {
		found, err := readOn(l, places, size, block)
		if err != nil {
			return l.lost(err)
		}
		pace.back()
		messages, bytes := advance(places, found)
		full := len(messages) >= size
		size = nextPage(bytes, len(messages))
		if len(messages) == 0 {
			continue
		}
		if !deliver(arrival{messages: messages}) {
			return nil
		}
		if !full {
			select {
			case <-ctx.Done():
			case <-time.After(gatherTime):
			}
		}
	}
}

// readOn asks for what follows in each stream. The first question does not wait, so
// that a connection is known to work.
func readOn(l *link, places []*place, size int, block time.Duration) ([]streamEntries, error) {
	command := []string{"xread", "COUNT", strconv.Itoa(size)}
	if block > 0 {
		command = append(command, "BLOCK", milliseconds(block))
	}
	command = append(command, "STREAMS")
	for _, p := range places {
		command = append(command, p.key)
	}
	for _, p := range places {
		command = append(command, p.last)
	}
	if err := l.ask(block, command...); err != nil {
		return nil, err
	}
	return l.reads()
}

// advance turns what was read into messages and moves the places on.
func advance(places []*place, found []streamEntries) (messages []Message, bytes int) {
	for _, stream := range found {
		for _, p := range places {
			if p.key != stream.key || len(stream.entries) == 0 {
				continue
			}
			more := messagesOf(p.stream, stream.entries)
			messages, bytes = append(messages, more...), bytes+bytesOf(stream.entries)
			p.last = more[len(more)-1].ID
		}
	}
	return messages, bytes
}
