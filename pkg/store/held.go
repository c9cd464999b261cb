package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// HoldOptions say how a claim is held.
type HoldOptions struct {
	Owner Value
	// Unique promises that nobody else uses Owner, as when it has a random part. Then
	// taking is idempotent: when the answer is lost, the same question is asked
	// again. Otherwise a lost answer is ErrOutcomeUnknown, and holders of one name
	// cannot be told apart once the claim of the first has run out.
	Unique bool
	TTL    time.Duration // whole seconds, at least one
	Wait   time.Duration // how long to wait for the claim; 0 tries once
	// Margin is how long before the claim runs out it counts as lost, so that there
	// is time to stop what it guards. It must be shorter than two thirds of the TTL.
	Margin time.Duration
}

// Held is a claim that renews itself every third of its TTL until it is released or
// lost. It is safe for concurrent use.
type Held struct {
	// Fence is a number that grows with every holder of the claim. A resource that
	// remembers the highest one it has seen can refuse a holder that lost its claim
	// without noticing. It is kept in the counter "claim-fence:<key>" of the same
	// scope; after a failover that lost writes it may repeat.
	Fence int64

	claim  Claim
	key    string
	owner  Value
	unique bool
	ttl    time.Duration
	margin time.Duration
	wall   func() time.Time // the clock on the wall; it also runs while the machine sleeps

	ctx    context.Context
	cancel context.CancelCauseFunc
	ended  chan struct{} // closed when renewing has ended

	mu     sync.Mutex
	last   time.Time // when the last successful renewal was sent
	onWall time.Time // the same by the clock on the wall
}

// Hold takes a claim, waiting for it if need be, and keeps it. It returns nil without
// an error where somebody else holds it until the wait is over.
//
// The context of the Held ends when the claim is lost; ctx bounds only the taking.
func (c Claim) Hold(ctx context.Context, key string, o HoldOptions) (*Held, error) {
	err := CheckTTL(o.TTL)
	if err == nil && (o.Margin < 0 || o.Margin >= o.TTL*2/3) {
		err = invalid(CodeTTLInvalid, "a margin of %s leaves no time to renew a TTL of %s",
			o.Margin, o.TTL)
	}
	if err != nil {
		return nil, named(err, "claim hold", key)
	}
	h := &Held{
		claim: c, key: key, owner: o.Owner, unique: o.Unique, ttl: o.TTL, margin: o.Margin,
		wall: time.Now, ended: make(chan struct{}),
	}
	taken, err := c.retry(ctx, key, o.Wait, func() (bool, error) { return h.take(ctx) })
	if !taken || err != nil {
		return nil, err
	}
	h.ctx, h.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	go h.keep()
	return h, nil
}

// maxLostAnswers is how often a lost answer makes the same question be asked again.
const maxLostAnswers = 5

// take takes the claim, its fence, and makes sure that the claim was ours throughout:
// a fence is only good if no other holder can have drawn one in between.
func (h *Held) take(ctx context.Context) (bool, error) {
	taken, err := h.acquire(ctx)
	if !taken || err != nil {
		return false, err
	}
	fence, err := h.drawFence(ctx)
	if err == nil {
		taken, err = h.renew(ctx)
	}
	if err != nil {
		_, released := h.claim.Release(context.WithoutCancel(ctx), h.key, h.owner)
		return false, errors.Join(err, released)
	}
	h.Fence = fence
	return taken, nil
}

// acquire sets the claim if it is free. After a lost answer, which may have been a
// yes, a claim that holds our unique owner is ours as well.
func (h *Held) acquire(ctx context.Context) (taken bool, err error) {
	op := Op{Verb: OpSet, Value: h.owner, TTL: h.ttl, Condition: IfAbsent}
	for range maxLostAnswers {
		h.sent()
		taken, err = h.claim.write(ctx, "claim hold", "claim.acquire", h.key, op)
		if !h.unique || !errors.Is(err, ErrOutcomeUnknown) {
			return taken, err
		}
		op.Condition = IfFree
	}
	return taken, err
}

// drawFence draws the next number. One drawn in vain, because its answer was lost,
// does no harm: numbers only have to grow.
func (h *Held) drawFence(ctx context.Context) (fence int64, err error) {
	for range maxLostAnswers {
		fence, err = h.claim.client.Counter().Increment(ctx, "claim-fence:"+h.key, 1, 0)
		if !errors.Is(err, ErrOutcomeUnknown) {
			return fence, err
		}
	}
	return fence, err
}

// renew extends the claim if it is still ours. Time counts from before the question
// is sent: the server may have begun to count then.
func (h *Held) renew(ctx context.Context) (bool, error) {
	now, wall := time.Now(), h.wall()
	ours, err := h.claim.Extend(ctx, h.key, h.owner, h.ttl)
	if ours && err == nil {
		h.mu.Lock()
		h.last, h.onWall = now, wall
		h.mu.Unlock()
	}
	return ours, err
}

// sent notes that a question which may take the claim is being sent.
func (h *Held) sent() {
	h.mu.Lock()
	h.last, h.onWall = time.Now(), h.wall()
	h.mu.Unlock()
}

// Context ends when the claim is lost or released. Its cause is an *Error with
// CodeClaimLost, or context.Canceled after Release.
func (h *Held) Context() context.Context { return h.ctx }

// Remaining returns how long the claim is certainly ours, unless it is renewed. Both
// clocks are asked: one stands still while the machine sleeps, the other may be set.
func (h *Held) Remaining() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	elapsed := time.Since(h.last)
	onWall := h.wall().Round(0).Sub(h.onWall.Round(0))
	return h.ttl - max(elapsed, onWall)
}

// Release stops renewing and gives the claim back if it is still ours; it reports
// whether it was.
func (h *Held) Release(ctx context.Context) (bool, error) {
	h.cancel(context.Canceled)
	<-h.ended
	return h.claim.Release(ctx, h.key, h.owner)
}

// keep renews the claim until it is released or lost. It looks at the clocks once a
// second, to notice a machine that slept, and sends one command every third of the
// TTL; after a failure it tries again sooner.
func (h *Held) keep() {
	defer close(h.ended)
	next := time.Now().Add(h.ttl / 3)
	for {
		pause := max(min(time.Until(next), h.Remaining()-h.margin, time.Second), 0)
		select {
		case <-h.ctx.Done():
			return
		case <-time.After(pause):
		}
		if h.Remaining() <= h.margin {
			h.lose("it could not be renewed before it ran out")
			return
		}
		if time.Now().Before(next) {
			continue
		}
		next = time.Now().Add(h.ttl / 3)
		if !h.attempt() {
			return
		}
		if h.stale() {
			next = time.Now().Add(max(h.ttl/20, 50*time.Millisecond))
		}
	}
}

// stale reports whether the last renewal failed.
func (h *Held) stale() bool { return h.Remaining() < h.ttl*2/3 }

// attempt renews once, in at most a tenth of the TTL, and reports whether to go on.
func (h *Held) attempt() bool {
	ctx, cancel := context.WithTimeout(h.ctx, max(h.ttl/10, 100*time.Millisecond))
	defer cancel()
	ours, err := h.renew(ctx)
	if err != nil || ours {
		return true // a failure is not a loss yet; Remaining decides
	}
	h.lose(h.taken(ctx))
	return false
}

// taken says what became of a claim that is not ours any more.
func (h *Held) taken(ctx context.Context) string {
	now, err := h.claim.Show(ctx, h.key)
	switch {
	case err != nil:
		return "it is not ours any more"
	case !now.Found:
		return "it was removed or ran out"
	}
	return "it was taken over by " + now.OwnerText()
}

// lose ends the context of the claim.
func (h *Held) lose(reason string) {
	h.cancel(&Error{
		Kind: ErrRefused, Code: CodeClaimLost, Op: "claim", Key: h.key,
		Reason: "the claim was lost: " + reason,
	})
}
