package store

import (
	"context"
	"iter"
)

// listAll asks for one page after the other, or for those of all primaries of a cluster.
func (s *scanner) listAll(ctx context.Context) iter.Seq2[Page, error] {
	if a, ok := s.client.adapter.(*redisAdapter); ok && a.cluster {
		return s.listCluster(ctx, a)
	}
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

// listCluster asks for the pages of all primaries.
func (s *scanner) listCluster(ctx context.Context, a *redisAdapter) iter.Seq2[Page, error] {
	s.seen.all = newKeySet()
	return func(yield func(Page, error) bool) {
		seen := s.client.observe(ctx, "dev", "dev.scan")
		for page, err := range a.scanAll(ctx, s.request, s.shardPace, s.seen.exact) {
			seen.end(ctx, err)
			if !yield(page, named(err, "scan", "")) || err != nil {
				return
			}
			seen = s.client.observe(ctx, "dev", "dev.scan")
		}
		seen.end(ctx, context.Cause(ctx)) // there was no further page
	}
}
