package store

import (
	"context"
	"iter"
	"sync"
	"time"
)

// gatherPause is how long an element is held for others to come with it. It costs little
// where few come, and saves most round trips where many do.
const gatherPause = 500 * time.Microsecond

// gather groups a sequence into slices like chunks, but hardly holds an element back: while
// the last slice is being used, a goroutine collects what comes, and what there is after a
// short pause is the next slice. A sequence that blocks in a read keeps its goroutine until it
// returns; the loop itself ends with ctx.
func gather[T any](ctx context.Context, seq iter.Seq2[T, error], size func(T) int,
) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		g := newGathering[T]()
		defer g.leave()
		go g.collect(seq, size)
		for {
			select {
			case <-ctx.Done():
				yield(nil, context.Cause(ctx))
				return
			case <-g.some:
			}
			select {
			case <-g.full:
			case <-time.After(gatherPause):
			}
			elements, err, more := g.take()
			if len(elements) > 0 && !yield(elements, nil) {
				return
			}
			if err != nil {
				yield(nil, err)
			}
			if err != nil || !more {
				return
			}
		}
	}
}

// gathering is what both sides of gather share.
type gathering[T any] struct {
	some chan struct{} // holds a token while there is something to take
	full chan struct{} // holds a token when no more will be added before that
	room chan struct{} // holds a token when something was taken
	left chan struct{} // closed when nobody takes any more

	mu       sync.Mutex
	elements []T
	bytes    int
	ended    bool
	err      error
}

func newGathering[T any]() *gathering[T] {
	return &gathering[T]{
		some: make(chan struct{}, 1), full: make(chan struct{}, 1),
		room: make(chan struct{}, 1), left: make(chan struct{}),
	}
}

// collect goes through the sequence.
func (g *gathering[T]) collect(seq iter.Seq2[T, error], size func(T) int) {
	var failed error
	for v, err := range seq {
		if failed = err; err != nil || !g.add(v, size(v)) {
			break
		}
	}
	g.mu.Lock()
	g.ended, g.err = true, failed
	g.mu.Unlock()
	signal(g.some)
	signal(g.full)
}

// add adds an element and waits until there is room for the next. It reports whether
// anybody still wants it.
func (g *gathering[T]) add(v T, size int) bool {
	g.mu.Lock()
	first := len(g.elements) == 0
	g.elements, g.bytes = append(g.elements, v), g.bytes+size
	full := len(g.elements) >= chunkRows || g.bytes >= chunkBytes
	g.mu.Unlock()
	if first {
		signal(g.some)
	}
	if full {
		signal(g.full)
	}
	for full {
		select {
		case <-g.left:
			return false
		case <-g.room:
		}
		g.mu.Lock()
		full = len(g.elements) >= chunkRows || g.bytes >= chunkBytes
		g.mu.Unlock()
	}
	select {
	case <-g.left:
		return false
	default:
		return true
	}
}

// take takes what there is. The error is that of the sequence, behind its last element.
func (g *gathering[T]) take() (elements []T, err error, more bool) {
	g.mu.Lock()
	elements, err, more = g.elements, g.err, !g.ended
	g.elements, g.bytes = make([]T, 0, min(chunkRows, 2*len(elements)+1)), 0
	g.mu.Unlock()
	signal(g.room)
	return elements, err, more
}

func (g *gathering[T]) leave() { close(g.left) }

// signal leaves a token, if there is none yet.
func signal(tokens chan<- struct{}) {
	select {
	case tokens <- struct{}{}:
	default:
	}
}

// paceSlack is how far behind its rate a sequence may fall and still make up for it.
const paceSlack = 100 * time.Millisecond

// paced lets through so many elements a second; zero is no limit.
func paced[T any](ctx context.Context, seq iter.Seq2[T, error], rate float64,
) iter.Seq2[T, error] {
	if rate <= 0 {
		return seq
	}
	return func(yield func(T, error) bool) {
		interval := time.Duration(float64(time.Second) / rate)
		due := time.Now()
		for v, err := range seq {
			if wait := time.Until(due); wait > 0 {
				select {
				case <-ctx.Done():
					var none T
					yield(none, context.Cause(ctx))
					return
				case <-time.After(wait):
				}
			} else {
				due = maxTime(due, time.Now().Add(-paceSlack))
			}
			due = due.Add(interval)
			if !yield(v, err) {
				return
			}
		}
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
