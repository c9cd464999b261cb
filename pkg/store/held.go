package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// HoldOptions say how a claim is held.
type HoldOptions struct {
	Owner Value // what is stored, as in Claim.Once
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

// maxQuestions is how often a question is asked whose answer is lost each time.
const maxQuestions = 5

// again repeats what may be done twice while its answer is lost. That a connection
// breaks shows at once; a server that says nothing has cost the whole timeout, and
// is not asked again. Once an answer was lost, the outcome stays unknown, whatever
// keeps the next question from being asked.
func (c Claim) again(do func() error) error {
	start := time.Now()
	err := do()
	for n := 1; n < maxQuestions && time.Since(start) < c.client.timeout; n++ {
		lost, ok := errors.AsType[*Error](err)
		if !ok || lost.Kind != ErrOutcomeUnknown {
			return err
		}
		if err = do(); err != nil && !errors.Is(err, ErrOutcomeUnknown) {
			unknown := *lost
			unknown.Err = err
			return &unknown
		}
	}
	return err
}

// take takes the claim, its fence, and makes sure that the claim was ours throughout:
// a fence is only good if no other holder can have drawn one in between.
func (h *Held) take(ctx context.Context) (ours bool, err error) {
	taken, err := h.acquire(ctx)
	if !taken {
		return false, err
	}
	if err == nil {
		err = h.drawFence(ctx)
	}
	if err == nil {
		err = h.claim.again(func() (err error) {
			ours, err = h.renew(ctx)
			return err
		})
	}
	if err != nil {
		return false, h.undo(ctx, err)
	}
	return ours, nil
}

// acquire sets the claim if it is free. After a lost answer, which may have been a
// yes, a claim that holds our unique owner is ours as well; taken is then true along
// with an error, as it may be.
func (h *Held) acquire(ctx context.Context) (taken bool, err error) {
	op := Op{Verb: OpSet, Value: h.owner, TTL: h.ttl, Condition: IfAbsent}
	set := func() (err error) {
		h.sent()
		taken, err = h.claim.write(ctx, "claim hold", "claim.acquire", h.key, op)
		op.Condition = IfFree
		return err
	}
	if !h.unique {
		err = set()
		return taken, err
	}
	err = h.claim.again(set)
	return taken || errors.Is(err, ErrOutcomeUnknown), err
}

// fencePrefix begins the counter that a fence is drawn from.
const fencePrefix = "claim-fence:"

// drawFence draws the next number. One drawn in vain, because its answer was lost,
// does no harm: numbers only have to grow.
func (h *Held) drawFence(ctx context.Context) error {
	return h.claim.again(func() (err error) {
		h.Fence, err = h.claim.client.Counter().Increment(ctx, fencePrefix+h.key, 1, 0)
		return err
	})
}

// undo gives back a claim that may be ours and that nobody will hold. Where that
// fails as well, it is unknown who holds the claim until its TTL ends.
func (h *Held) undo(ctx context.Context, cause error) error {
	if _, err := h.claim.Release(context.WithoutCancel(ctx), h.key, h.owner); err == nil {
		return cause
	}
	return &Error{
		Kind: ErrOutcomeUnknown, Code: CodeOutcomeUnknown, Op: "claim hold", Key: h.key,
		Reason: fmt.Sprintf("%s; the claim may be taken until its TTL of %s ends",
			reasonOf(cause), h.ttl),
		Err: cause,
	}
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
// TTL; after a failure, which is not a loss yet, it tries again sooner.
func (h *Held) keep() {
	defer close(h.ended)
	next := time.Now().Add(h.ttl / 3)
	for {
		pause := max(min(time.Until(next), h.spare(), time.Second), 0)
		select {
		case <-h.ctx.Done():
			return
		case <-time.After(pause):
		}
		if h.spare() <= 0 {
			h.lose("it could not be renewed before it ran out")
			return
		}
		if time.Now().Before(next) {
			continue
		}
		next = time.Now().Add(h.ttl / 3)
		switch ours, err := h.attempt(); {
		case err != nil:
			next = time.Now().Add(max(h.ttl/20, 50*time.Millisecond))
		case !ours:
			h.lose(h.taken())
			return
		}
	}
}

// spare returns how long there is until the claim counts as lost.
func (h *Held) spare() time.Duration { return h.Remaining() - h.margin }

// patience is how long a server may take to answer about the claim.
func (h *Held) patience() time.Duration { return max(h.ttl/10, 100*time.Millisecond) }

// attempt renews once. A server that is silent must not keep us from noticing that
// the claim is lost.
func (h *Held) attempt() (ours bool, err error) {
	ctx, cancel := context.WithTimeout(h.ctx, min(h.patience(), h.spare()))
	defer cancel()
	return h.renew(ctx)
}

// taken says what became of a claim that is not ours any more.
func (h *Held) taken() string {
	ctx, cancel := context.WithTimeout(h.ctx, h.patience())
	defer cancel()
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
