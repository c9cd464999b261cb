package store

import (
	"context"
	"iter"
	"log/slog"
	"time"
)

// blockSlice bounds how long one command waits for entries, so that a server that has
// died is noticed.
const blockSlice = time.Second

// gatherTime is how long a follower lets messages gather after it has read all there were.
// The server answers a reader that waits at the first message; under load that would be
// one question for each.
const gatherTime = 2 * time.Millisecond

// TailOptions choose what a tail shows.
type TailOptions struct {
	Last   int    // so many of the newest entries of each stream; not with From
	From   string // everything from here on; as [RangeOptions.Start]
	Follow bool   // then go on with what is appended
	// OnWait is called before the sequence waits for more, from the goroutine that
	// reads it: time to write out what is held back.
	OnWait func()
	// OnLink hears that a connection was lost, and when it is back. It is called from
	// the goroutine that reads the sequence.
	OnLink func(LinkEvent)
}

// Tail lists the newest messages of streams (XREVRANGE) and then, with Follow, those
// that are appended (XREAD BLOCK). After a lost connection it goes on behind the last
// message of each stream that it has listed, so that none is missed or repeated. It
// connects again for as long as ctx lasts, unless the server refuses; the first
// connection must succeed. A failure is yielded once, last; when ctx ends the sequence
// ends with its cause.
func (s Streams) Tail(ctx context.Context, streams []string, o TailOptions,
) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		f, err := s.follower(streams, o)
		if err != nil {
			yield(Message{}, named(err, "stream tail", ""))
			return
		}
		f.observed(ctx, yield)
	}
}

// observed tells telemetry about each of the streams.
func (f *follower) observed(ctx context.Context, yield func(Message, error) bool) {
	all := make([]*operation, len(f.places))
	for i, p := range f.places {
		all[i] = f.streams.observe(ctx, "stream.tail", p.stream)
	}
	if all[0] == nil { // nobody listens
		f.run(ctx, yield)
		return
	}
	counts := map[string]int{}
	var failed error
	f.run(ctx, func(m Message, err error) bool {
		if err == nil {
			counts[m.Stream]++
		} else if ctx.Err() == nil {
			failed = err
		}
		return yield(m, err)
	})
	for i, p := range f.places {
		all[i].end(ctx, failed, slog.Int("ctx.stream.count", counts[p.stream]))
	}
}

// run lists what there is and then, where that is wanted, what comes.
func (f *follower) run(ctx context.Context, yield func(Message, error) bool) {
	const op = "stream tail"
	for _, place := range f.places {
		for m, err := range f.begin(ctx, place) {
			if !yield(m, named(err, op, place.stream)) || err != nil {
				return
			}
		}
	}
	if f.options.Follow {
		f.follow(ctx, func(m Message, err error) bool { return yield(m, named(err, op, "")) })
	}
}

// follower is one tail.
type follower struct {
	streams Streams
	options TailOptions
	places  []*place
}

// place is how far a tail has come in one stream.
type place struct {
	stream, key string
	last        string // the id of the last entry listed
}

func (s Streams) follower(streams []string, o TailOptions) (*follower, error) {
	f := &follower{streams: s, options: o}
	if len(streams) == 0 {
		return nil, invalid(CodeStreamNameRequired, "no stream is named")
	}
	if o.Last < 0 {
		return nil, invalid(CodeStreamReadFailed, "a count is not negative, as %d is", o.Last)
	}
	seen := map[string]bool{}
	for _, stream := range streams {
		key, err := s.key(stream)
		if err != nil {
			return nil, err
		}
		if !seen[key] {
			seen[key] = true
			f.places = append(f.places, &place{stream: stream, key: key, last: "0-0"})
		}
	}
	return f, nil
}

// begin lists what comes before following, and takes note of where to go on. An id is
// taken for that, never "$": what is appended meanwhile must not be missed.
func (f *follower) begin(ctx context.Context, p *place) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if f.options.From != "" {
			f.from(ctx, p, yield)
			return
		}
		newest, err := f.newest(ctx, p)
		if err != nil {
			yield(Message{}, err)
			return
		}
		for i := min(len(newest), f.options.Last) - 1; i >= 0; i-- {
			if !yield(newest[i], nil) {
				return
			}
		}
	}
}

// from lists everything from the place asked for on. Where nothing is there yet,
// following begins there as well, not before.
func (f *follower) from(ctx context.Context, p *place, yield func(Message, error) bool) {
	low, err := f.streams.bound(ctx, f.options.From, lowEdge)
	if err != nil {
		yield(Message{}, err)
		return
	}
	if before, ok := low.previous(); ok {
		p.last = before.String()
	}
	for m, err := range f.streams.Range(ctx, p.stream, RangeOptions{Start: low.String()}) {
		if err == nil {
			p.last = m.ID
		}
		if !yield(m, err) {
			return
		}
	}
}

// newest returns the newest messages, the very newest first.
func (f *follower) newest(ctx context.Context, p *place) ([]Message, error) {
	o := RangeOptions{Reverse: true, Count: max(f.options.Last, 1)}
	var newest []Message
	for m, err := range f.streams.Range(ctx, p.stream, o) {
		if err != nil {
			return nil, err
		}
		newest = append(newest, m)
	}
	if len(newest) > 0 {
		p.last = newest[0].ID
	}
	return newest, nil
}
