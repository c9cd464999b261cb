package store

import (
	"context"
	"iter"

	"github.com/redis/go-redis/v9"
)

// listAll yields the pages of all servers that there are.
func (s *scanner) listAll(ctx context.Context) iter.Seq2[Page, error] {
	a, ok := s.client.adapter.(*redisAdapter)
	switch {
	case !ok:
		return s.listPages(ctx)
	case a.cluster:
		s.seen.all = newKeySet()
		return s.observed(ctx, a.scanAll(ctx, s.request, s.shardPace, s.seen.exact), false)
	case a.link.mode == sentinel:
		s.seen.all = newKeySet()
	}
	return s.observed(ctx, s.listPrimary(ctx, a), true)
}

// listPages asks an adapter for one page after the other.
func (s *scanner) listPages(ctx context.Context) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		pace := newScanPace(s.options)
		for cursor := "0"; ; {
			page, err := s.pacedPage(ctx, pace, cursor)
			if !yield(page, err) || err != nil || page.Cursor == "0" {
				return
			}
			cursor = page.Cursor
		}
	}
}

// listPrimary yields the pages of a single server. Behind Sentinel, when that fails and
// another one takes over, it begins again there, and the keys that have been listed come
// again; where the caller cannot tell them, the last error is ErrIncomplete.
func (s *scanner) listPrimary(ctx context.Context, a *redisAdapter) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for range scanRounds {
			pages := 0
			var failed error
			server := a.client.(*redis.Client)
			for page, err := range a.listServer(ctx, server, s.request, newScanPace(s.options)) {
				if failed = err; err != nil {
					break
				}
				if pages++; !yield(page, nil) {
					return
				}
			}
			switch {
			case failed == nil:
				return
			case a.link.mode != sentinel || ctx.Err() != nil || !serverLost(failed) || pages == 0:
				yield(Page{}, failed)
				return
			case !s.seen.exact():
				yield(Page{}, errFailedOver())
				return
			}
		}
		yield(Page{}, errFailedOver())
	}
}

func errFailedOver() *Error {
	return &Error{
		Kind: ErrIncomplete, Code: CodeScanFailed,
		Reason: "another server took over meanwhile; keys may be missing from the list",
	}
}

// observed tells telemetry of each page. The last one of a single server is known by its cursor.
func (s *scanner) observed(ctx context.Context, pages iter.Seq2[Page, error], single bool,
) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		seen := s.client.observe(ctx, "dev", "dev.scan")
		for page, err := range pages {
			seen.end(ctx, err)
			last := err != nil || single && page.Cursor == "0"
			if !yield(page, named(err, "scan", "")) || last {
				return
			}
			seen = s.client.observe(ctx, "dev", "dev.scan")
		}
		seen.end(ctx, context.Cause(ctx)) // there was no further page
	}
}
