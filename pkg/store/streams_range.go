package store

import (
	"context"
	"iter"
	"log/slog"
	"strconv"
	"time"
)

// Entries are read in pages of about so many bytes, and of at most so many entries:
// large enough that round trips do not count, small enough that neither side holds much
// of a stream at a time. The first page is small, as entries may be large.
const (
	pageBytes  = 1 << 20
	firstPage  = 100
	pageLength = 5000
)

// RangeOptions choose what a range lists. Start and End are ids, both included; an id
// behind "(" is left out. A part of an id is the first or last of its millisecond. They
// may be times as well: RFC 3339, or a duration before the server's now such as -15m.
type RangeOptions struct {
	Start   string // "" for the first entry
	End     string // "" for the last entry
	Count   int    // stop after so many; 0 for no limit
	Reverse bool   // the newest first; Start is the low end all the same
}

// Range lists the messages of a stream (XRANGE, XREVRANGE). It reads a page at a time,
// so that neither side holds much. What is appended meanwhile is listed when End is
// "". A failure is yielded once, last; when ctx ends the sequence ends with its cause.
func (s Streams) Range(ctx context.Context, stream string, o RangeOptions,
) iter.Seq2[Message, error] {
	const op = "stream range"
	return func(yield func(Message, error) bool) {
		r, err := s.span(ctx, stream, o)
		if err != nil {
			yield(Message{}, named(recode(err, CodeStreamReadFailed), op, stream))
			return
		}
		seen, count := s.observe(ctx, "stream.range", stream), 0
		for page, err := range ahead(ctx, r.pages(ctx)) {
			if err != nil {
				seen.end(ctx, err)
				yield(Message{}, named(err, op, stream))
				return
			}
			for i := range page {
				if count++; !yield(page[i].message(stream), nil) {
					seen.end(ctx, nil, slog.Int("ctx.stream.count", count))
					return
				}
			}
		}
		seen.end(ctx, nil, slog.Int("ctx.stream.count", count))
	}
}

// span is a range of one stream.
type span struct {
	streams   Streams
	stream    string
	key       string
	low, high streamID
	left      int // how many to list; 0 for no limit
	reverse   bool
	size      int // of the next page
}

func (s Streams) span(ctx context.Context, stream string, o RangeOptions) (*span, error) {
	key, err := s.key(stream)
	if err != nil {
		return nil, err
	}
	r := &span{
		streams: s, stream: stream, key: key, high: maxStreamID(),
		left: o.Count, reverse: o.Reverse, size: firstPage,
	}
	if o.Count < 0 {
		return nil, invalid(CodeStreamReadFailed, "a count is at least 1, not %d", o.Count)
	}
	if o.Start != "" {
		r.low, err = s.bound(ctx, o.Start, lowEdge)
	}
	if err == nil && o.End != "" {
		r.high, err = s.bound(ctx, o.End, highEdge)
	}
	return r, err
}

// pages yields the pages of the range. They are decoded where they are used, beside the
// reading of the next one.
func (r *span) pages(ctx context.Context) iter.Seq2[[]streamEntry, error] {
	return func(yield func([]streamEntry, error) bool) {
		l, err := r.streams.open(ctx, r.key)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { l.close() }()
		end := time.Now().Add(l.timeout)
		for more := !r.high.less(r.low); more; {
			page, err := r.page(l)
			if redirected(err) && time.Now().Before(end) {
				if l, err = r.streams.again(ctx, l, r.key); err == nil {
					continue
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			end = time.Now().Add(l.timeout)
			more, err = r.take(page)
			if !yield(page, l.lost(err)) || err != nil {
				return
			}
		}
	}
}

// page asks for one page.
func (r *span) page(l *link) ([]streamEntry, error) {
	if r.left > 0 {
		r.size = min(r.size, r.left)
	}
	command := []string{"xrange", r.key, r.low.String(), r.high.String()}
	if r.reverse {
		command = []string{"xrevrange", r.key, r.high.String(), r.low.String()}
	}
	err := l.ask(0, append(command, "COUNT", strconv.Itoa(r.size))...)
	if err != nil {
		return nil, l.lost(err)
	}
	page, err := l.entries()
	return page, l.lost(err)
}

// take moves on behind a page, and reports whether more may follow.
func (r *span) take(page []streamEntry) (more bool, err error) {
	more = len(page) == r.size
	if r.left > 0 {
		r.left -= len(page)
		more = more && r.left > 0
	}
	if !more {
		return false, nil
	}
	r.size = nextPage(bytesOf(page), len(page))
	last, err := parseStreamID(page[len(page)-1].id, 0)
	if err != nil {
		return false, errProtocol
	}
	if r.reverse {
		r.high, more = last.previous()
	} else {
		r.low, more = last.next()
	}
	return more && !r.high.less(r.low), nil
}

// bytesOf returns how many bytes entries hold.
func bytesOf(page []streamEntry) (bytes int) {
	for i := range page {
		for _, field := range page[i].fields {
			bytes += len(field)
		}
	}
	return bytes
}

// messagesOf turns entries into messages.
func messagesOf(stream string, page []streamEntry) []Message {
	messages := make([]Message, len(page))
	for i := range page {
		messages[i] = page[i].message(stream)
	}
	return messages
}

// nextPage returns how many entries to ask for after a page of so many bytes.
func nextPage(bytes, length int) int {
	if length == 0 {
		return firstPage
	}
	each := max(bytes/length, 1)
	return min(max(pageBytes/each, 1), pageLength)
}
