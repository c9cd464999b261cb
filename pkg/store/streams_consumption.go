package store

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// consumption is one consumer at work.
type consumption struct {
	group    Group
	key      string
	consumer string
	options  ConsumeOptions

	link      *link // nil while there is none
	connected bool  // there was one once
	recovered bool  // what is pending for us has been looked up on this connection
	pace      backoff
	own       []PendingEntry // to be delivered again
	abandoned []PendingEntry // to be taken over
	nextLook  time.Time      // for abandoned messages

	quit chan struct{} // closed when the sequence has ended

	mu   sync.Mutex
	held map[string]bool // delivered, and neither acknowledged nor left
	left map[string]bool // left pending
}

func (g Group) consumption(ctx context.Context, consumer string, o ConsumeOptions,
) (*consumption, error) {
	key, err := g.consumerKey(consumer)
	if err == nil {
		err = o.check()
	}
	if err == nil {
		err = g.streams.client.writable()
	}
	if err == nil && o.DeadLetter != "" {
		var target string
		if target, err = g.streams.key(o.DeadLetter); err == nil {
			err = g.together(ctx, key, target, o.DeadLetter)
		}
	}
	if err != nil {
		return nil, err
	}
	c := &consumption{
		group: g, key: key, consumer: consumer, options: o,
		pace: backoff{report: o.OnLink},
		quit: make(chan struct{}), held: map[string]bool{}, left: map[string]bool{},
	}
	if o.ClaimIdle > 0 {
		go c.keep(context.WithoutCancel(ctx))
	}
	return c, nil
}

func (c *consumption) close() {
	c.drop()
	close(c.quit)
}

// drop ends the connection.
func (c *consumption) drop() {
	if c.link != nil {
		c.link.close()
		c.link = nil
	}
}

// next returns the next delivery.
func (c *consumption) next(ctx context.Context) (*Delivery, error) {
	for ctx.Err() == nil {
		d, err := c.attempt(ctx)
		switch {
		case d != nil:
			return d, nil
		case err == nil:
		case ctx.Err() != nil:
		case !c.connected || !curable(err):
			return nil, err
		default:
			c.drop()
			_ = c.pace.failed(ctx, err) // the loop looks at ctx
		}
	}
	return nil, context.Cause(ctx)
}

// attempt takes one step towards the next delivery. It may come to nothing.
func (c *consumption) attempt(ctx context.Context) (*Delivery, error) {
	if err := c.connect(ctx); err != nil {
		c.group.observe(ctx, "stream.read", c.consumer).end(ctx, err)
		return nil, err
	}
	if len(c.own) > 0 {
		e := c.own[0]
		c.own = c.own[1:]
		return c.replay(ctx, e)
	}
	if c.options.ClaimIdle > 0 {
		if err := c.look(ctx); err != nil {
			return nil, err
		}
		if len(c.abandoned) > 0 {
			e := c.abandoned[0]
			c.abandoned = c.abandoned[1:]
			return c.takeOver(ctx, e)
		}
	}
	seen := c.group.observe(ctx, "stream.read", c.consumer)
	found, err := c.group.readFrom(c.link, c.key, c.consumer, ">", 1, consumeSlice)
	seen.end(ctx, err, slog.Int("ctx.stream.count", len(found)))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return c.deliver(found[0], 1), nil
}

// connect makes sure that there is a connection, and that what is pending for us is
// known: also what was handed out on a connection that broke before we saw it.
func (c *consumption) connect(ctx context.Context) error {
	if c.link == nil {
		l, err := c.group.streams.open(ctx, c.key)
		if err != nil {
			return err
		}
		l.unwatch()
		// A server that has died must not hold up the end for longer than it takes.
		limit := consumeSlice + time.Second
		l.unwatch = context.AfterFunc(ctx, func() {
			l.conn.SetDeadline(time.Now().Add(limit))
		})
		l.ctx = context.WithoutCancel(ctx)
		c.link, c.recovered = l, false
	}
	if !c.recovered {
		if err := c.recover(ctx); err != nil {
			return err
		}
		c.recovered, c.connected = true, true
		c.pace.back()
	}
	return nil
}

// recover lists what is pending for us and not being worked on. It does not count as a
// delivery.
func (c *consumption) recover(ctx context.Context) error {
	c.own = nil
	for e, err := range c.group.PendingEntries(ctx, PendingOptions{Consumer: c.consumer}) {
		if err != nil {
			return err
		}
		if !c.busy(e.ID) {
			c.own = append(c.own, e)
		}
	}
	return nil
}

// busy reports whether a message is being worked on, or was left pending.
func (c *consumption) busy(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[id] || c.left[id]
}

// look looks for abandoned messages, now and then.
func (c *consumption) look(ctx context.Context) error {
	if len(c.abandoned) > 0 || time.Now().Before(c.nextLook) {
		return nil
	}
	o := PendingOptions{Idle: c.options.ClaimIdle, Count: claimPage}
	seen := 0
	for e, err := range c.group.PendingEntries(ctx, o) {
		if err != nil {
			return err
		}
		seen++
		if !c.holds(e.ID) {
			c.abandoned = append(c.abandoned, e)
		}
	}
	if seen < claimPage {
		pause := min(max(c.options.ClaimIdle/2, 100*time.Millisecond), 30*time.Second)
		c.nextLook = time.Now().Add(pause)
	}
	return nil
}

func (c *consumption) holds(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[id]
}
