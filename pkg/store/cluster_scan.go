package store

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
)

const (
	// scansAtOnce bounds how many primaries are scanned at the same time.
	scansAtOnce = 16
	// scanRounds bounds how often a scan goes back to slots that have moved.
	scanRounds = 8
)

// shardPace makes the pace of a scan of one primary of several.
type shardPace func(shards int) *scanPace

// scanAll yields the pages of all primaries, which are scanned at the same time.
//
// Keys may move meanwhile: with a slot that is handed to another primary, key by key, and
// when a replica takes a primary's place. A key that does so ahead of one scan and behind
// another would be in neither. So who holds which slot is compared before and after, and
// primaries that slots have come to are scanned again, until nothing has moved. Keys are
// yielded again then; known reports whether the caller can tell them. Where that ends in
// nothing the last error is ErrIncomplete.
//
// pace makes what paces the pages of one of so many primaries.
func (a *redisAdapter) scanAll(ctx context.Context, page PageRequest, pace shardPace, known func() bool,
) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		before, err := a.settled(ctx)
		if err != nil {
			yield(Page{}, a.readError(CodeScanFailed, err))
			return
		}
		todo := before.shards
		for round := 1; len(todo) > 0; round++ {
			if round > scanRounds || round > 1 && !known() {
				yield(Page{}, errMoved())
				return
			}
			r := a.startRound(ctx, todo, page, pace)
			if !r.deliver(yield) {
				return
			}
			after, err := a.settled(ctx)
			if err != nil {
				yield(Page{}, a.readError(CodeScanFailed, err))
				return
			}
			todo = after.again(before, r.failed, round == 1)
			before = after
		}
	}
}

func errMoved() *Error {
	return &Error{
		Kind: ErrIncomplete, Code: CodeScanFailed,
		Reason: "slots of the cluster moved between its nodes meanwhile; keys may be missing from the list",
	}
}

// again returns the primaries to scan again after a round that began with an earlier
// topology. Keys come to a primary that imports a slot while others still hold it, also
// if they began to before the scan did; it has to be scanned after those.
func (t *topology) again(before *topology, failed map[string]bool, first bool) []*shard {
	todo := t.moved(before, failed)
	for _, now := range t.shards {
		was := before.shard(now.id)
		switch {
		case was == nil: // its slots have moved
		case first && now.importing+was.importing != "", now.importing != was.importing:
			todo[now] = true
		}
	}
	return slices.Collect(maps.Keys(todo))
}

// scanRound is a scan of some primaries, each from beginning to end.
type scanRound struct {
	pages  chan Page
	cancel context.CancelFunc

	// To be read once pages is closed.
	failed map[string]bool // the ids of primaries that were lost meanwhile
	err    error           // what ended the scan for good
}

func (a *redisAdapter) startRound(ctx context.Context, shards []*shard, page PageRequest, pace shardPace,
) *scanRound {
	ctx, cancel := context.WithCancel(ctx)
	r := &scanRound{pages: make(chan Page), cancel: cancel, failed: map[string]bool{}}
	var running sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, scansAtOnce)
	for _, s := range shards {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			err := a.scanShard(ctx, s, page, pace(len(shards)), r.pages)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
			case ctx.Err() == nil && serverLost(err):
				r.failed[s.id] = true
			case r.err == nil:
				r.err = err
				cancel()
			}
		})
	}
	go func() {
		running.Wait()
		close(r.pages)
	}()
	return r
}

// scanShard sends the pages of one primary.
func (a *redisAdapter) scanShard(ctx context.Context, s *shard, page PageRequest, pace *scanPace,
	pages chan<- Page,
) error {
	for answer, err := range a.listServer(ctx, s.server, page, pace) {
		if err != nil {
			return err
		}
		select {
		case pages <- answer:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// serverLost reports whether a scan ended because its server did, or is about to.
func serverLost(err error) bool {
	return errors.Is(err, ErrUnreachable) && !isReply(err) || isPassing(err)
}

// deliver yields the pages of a round and reports whether the scan goes on.
func (r *scanRound) deliver(yield func(Page, error) bool) bool {
	defer r.cancel()
	for page := range r.pages {
		if !yield(page, nil) {
			return false
		}
	}
	if r.err != nil {
		yield(Page{}, r.err)
	}
	return r.err == nil
}
