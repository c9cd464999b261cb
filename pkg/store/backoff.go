package store

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pauses between attempts to connect again. They double from the first to soonPause, at
// which they stay while another server may be about to take over; later they grow to
// lastPause with the time that has passed.
const (
	firstPause = 100 * time.Millisecond
	soonPause  = time.Second
	lastPause  = 10 * time.Second
)

// longestPause bounds the pause after so much time without a connection.
func longestPause(down time.Duration) time.Duration {
	return min(lastPause, max(soonPause, down/30))
}

// LinkEvent says that a connection was lost, or is back.
type LinkEvent struct {
	// Err is why the connection was lost, or could not be had again; nil when it is
	// back.
	Err error
	// Attempt counts the attempts to connect since it was lost; 0 for the loss itself.
	Attempt int
	// Retry is how long it takes until the next attempt.
	Retry time.Duration
	// Down is for how long there has been no connection.
	Down time.Duration
}

// backoff paces attempts to connect again: pauses grow, and vary by half, so that
// many clients of a server do not all come at once.
type backoff struct {
	since   time.Time
	attempt int
	pause   time.Duration
	report  func(LinkEvent) // may be nil
}

// failed reports a failure and waits until it is time for the next attempt. The error is
// the cause of ctx, where that ended first.
func (b *backoff) failed(ctx context.Context, err error) error {
	if b.since.IsZero() {
		b.since, b.attempt, b.pause = time.Now(), 0, firstPause
	}
	wait := b.pause/2 + rand.N(b.pause/2+1)
	b.tell(LinkEvent{Err: err, Attempt: b.attempt, Retry: wait, Down: time.Since(b.since)})
	b.attempt++
	b.pause = min(2*b.pause, longestPause(time.Since(b.since)))
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
	}
}

// back reports that the connection works again, if it did not before.
func (b *backoff) back() {
	if b.since.IsZero() {
		return
	}
	b.tell(LinkEvent{Attempt: b.attempt, Down: time.Since(b.since)})
	b.since = time.Time{}
}

func (b *backoff) tell(e LinkEvent) {
	if b.report != nil {
		b.report(e)
	}
}
