package store

import (
	"context"
	"iter"
	"sync"
	"time"
)

// How a consumer works.
const (
	// consumeSlice is how long one command waits for a message. It is never cut short,
	// so that no message is handed out unseen; it bounds how long stopping takes.
	consumeSlice = 500 * time.Millisecond
	// claimPage is how many abandoned messages are looked for at a time.
	claimPage = 100
	// settlePatience is how long an acknowledgement is tried when the server is away.
	settlePatience = 30 * time.Second
)

// ConsumeOptions say what a consumer does beyond taking new messages.
type ConsumeOptions struct {
	// ClaimIdle takes over messages that have been pending for so long without being
	// given to anybody; 0 takes over none. Messages that the consumer itself works on
	// are kept from being idle meanwhile.
	ClaimIdle time.Duration
	// MaxDeliveries moves a message to the stream DeadLetter that was given to
	// consumers so many times and acknowledged by none; 0 moves none.
	MaxDeliveries int64
	DeadLetter    string
	// OnLink hears that the connection was lost, and when it is back.
	OnLink func(LinkEvent)
	// OnEvent hears of messages that are not simply delivered. It is called from the
	// goroutine that caused it.
	OnEvent func(ConsumeEvent)
}

func (o ConsumeOptions) check() error {
	switch {
	case o.ClaimIdle < 0 || o.ClaimIdle > 0 && o.ClaimIdle < time.Millisecond:
		return invalid(CodeStreamReadFailed, "an idle time is a millisecond at least, not %s",
			o.ClaimIdle)
	case o.MaxDeliveries < 0:
		return invalid(CodeStreamReadFailed, "a number of deliveries is at least 1, not %d",
			o.MaxDeliveries)
	case (o.MaxDeliveries > 0) != (o.DeadLetter != ""):
		return invalid(CodeStreamReadFailed,
			"a maximum of deliveries and a dead-letter stream go together")
	}
	return nil
}

// ConsumeEvent is something that happened to a message.
type ConsumeEvent struct {
	What       ConsumeWhat
	ID         string
	Consumer   string // whose it was
	Deliveries int64
	Err        error // why it happened, or did not; may be nil
}

// ConsumeWhat is a kind of ConsumeEvent.
type ConsumeWhat string

// What happens to messages.
const (
	TakenOver    ConsumeWhat = "taken over"    // from another consumer, which was idle
	DeadLettered ConsumeWhat = "dead-lettered" // after too many deliveries
	Gone         ConsumeWhat = "gone"          // deleted while it was pending
)

// Delivery is a message that a consumer was given. It is pending until Ack. One of Ack
// and Leave must be called, from any goroutine, also after the sequence has ended.
type Delivery struct {
	Message
	Deliveries int64 // how often it was given to a consumer, this time included

	from *consumption
}

// Consume yields messages for a consumer, one at a time: first those that are pending
// for it from an earlier life, then new ones, and with ClaimIdle those that others have
// abandoned. The loop may work on several at once, in goroutines of its own; the next
// message is asked for when its body returns. Every message is delivered at least once
// and stays pending until [Delivery.Ack].
//
// After a lost connection it connects again for as long as ctx lasts, unless the server
// refuses; the first connection must succeed. A failure is yielded once, last. When ctx
// ends, the sequence ends with its cause, within half a second: a command under way is
// let finish, so that what it hands out is not left pending.
func (g Group) Consume(ctx context.Context, consumer string, o ConsumeOptions,
) iter.Seq2[*Delivery, error] {
	const op = "stream consume"
	return func(yield func(*Delivery, error) bool) {
		c, err := g.consumption(ctx, consumer, o)
		if err != nil {
			yield(nil, named(g.failed(err, CodeStreamReadFailed), op, g.stream))
			return
		}
		defer c.close()
		for {
			d, err := c.next(ctx)
			err = named(g.failed(err, CodeStreamReadFailed), op, g.stream)
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

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

	mu     sync.Mutex
	held   map[string]bool // delivered, and neither acknowledged nor left
	left   map[string]bool // left pending
	closed bool
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
		held: map[string]bool{}, left: map[string]bool{},
	}
	if o.ClaimIdle > 0 {
		go c.keep(context.WithoutCancel(ctx))
	}
	return c, nil
}

func (c *consumption) close() {
	c.drop()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
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
	found, err := c.group.readFrom(c.link, c.key, c.consumer, ">", 1, consumeSlice)
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

// replay delivers a message again that is pending for us. It is asked for by its
// place in what is pending: that gives us nothing that is another consumer's by now.
func (c *consumption) replay(ctx context.Context, e PendingEntry) (*Delivery, error) {
	if c.worn(e) {
		return nil, c.bury(ctx, e)
	}
	found, err := c.group.readFrom(c.link, c.key, c.consumer, before(e.ID), 1, 0)
	if err != nil || len(found) == 0 || c.busy(found[0].id) {
		return nil, err
	}
	if found[0].deleted {
		return nil, c.forget(ctx, e)
	}
	if found[0].id != e.ID { // e was acknowledged, or taken over, meanwhile
		e = PendingEntry{}
	}
	return c.deliver(found[0], e.Deliveries+1), nil
}

// takeOver delivers a message that was abandoned, unless somebody else was quicker.
func (c *consumption) takeOver(ctx context.Context, e PendingEntry) (*Delivery, error) {
	if c.holds(e.ID) {
		return nil, nil
	}
	if c.worn(e) {
		return nil, c.bury(ctx, e)
	}
	found, err := c.group.claim(ctx, c.key, c.consumer, c.options.ClaimIdle, []string{e.ID})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if found[0].deleted {
		return nil, c.forget(ctx, e)
	}
	c.tell(ConsumeEvent{
		What: TakenOver, ID: e.ID, Consumer: e.Consumer, Deliveries: e.Deliveries + 1,
	})
	return c.deliver(found[0], e.Deliveries+1), nil
}

// worn reports whether a message was delivered too often already.
func (c *consumption) worn(e PendingEntry) bool {
	return c.options.MaxDeliveries > 0 && e.Deliveries >= c.options.MaxDeliveries
}

// bury moves a message that nobody could deal with to the dead-letter stream. What it
// holds is read without delivering it once more.
func (c *consumption) bury(ctx context.Context, e PendingEntry) error {
	answer, err := c.group.streams.read(ctx, 1, "xrange", c.key, e.ID, e.ID)
	if err != nil {
		return err
	}
	found, err := entriesOf(answer)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return c.forget(ctx, e)
	}
	return c.deadLetter(ctx, found[0].message(c.group.stream), e)
}

func (c *consumption) deadLetter(ctx context.Context, m Message, e PendingEntry) error {
	id, err := c.group.DeadLetter(ctx, m, c.options.DeadLetter)
	if err == nil && id != "" {
		c.tell(ConsumeEvent{
			What: DeadLettered, ID: e.ID, Consumer: e.Consumer, Deliveries: e.Deliveries,
		})
	}
	return err
}

// forget acknowledges a message that is not in the stream any more: nobody can deal with
// it.
func (c *consumption) forget(ctx context.Context, e PendingEntry) error {
	_, err := c.group.Ack(ctx, e.ID)
	if err == nil {
		c.tell(ConsumeEvent{
			What: Gone, ID: e.ID, Consumer: e.Consumer, Deliveries: e.Deliveries,
		})
	}
	return err
}

func (c *consumption) tell(e ConsumeEvent) {
	if c.options.OnEvent != nil {
		c.options.OnEvent(e)
	}
}

// deliver hands a message out.
func (c *consumption) deliver(e streamEntry, deliveries int64) *Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[e.id] = true
	delete(c.left, e.id)
	return &Delivery{Message: e.message(c.group.stream), Deliveries: deliveries, from: c}
}

// Ack acknowledges the message. Since that may be done twice, it is tried again for some
// time where the server cannot be reached. After an error the message is still pending,
// or may be.
func (d *Delivery) Ack(ctx context.Context) error {
	err := d.settle(ctx, func() error {
		_, err := d.from.group.Ack(ctx, d.ID)
		return err
	})
	d.release(err != nil)
	return err
}

// Leave leaves the message pending: for another life of this consumer, or for whoever
// takes it over. Where it was delivered MaxDeliveries times it is moved to the
// dead-letter stream.
func (d *Delivery) Leave(ctx context.Context) error {
	c := d.from
	e := PendingEntry{ID: d.ID, Consumer: c.consumer, Deliveries: d.Deliveries}
	if !c.worn(e) {
		d.release(true)
		return nil
	}
	err := d.settle(ctx, func() error { return c.deadLetter(ctx, d.Message, e) })
	d.release(err != nil)
	return err
}

// settle repeats what does the same when it is done twice.
func (d *Delivery) settle(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, settlePatience)
	defer cancel()
	var pace backoff
	for {
		err := do()
		if err == nil || !curable(err) || pace.failed(ctx, err) != nil {
			return err
		}
	}
}

// release ends work on the message.
func (d *Delivery) release(left bool) {
	c := d.from
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, d.ID)
	if left {
		c.left[d.ID] = true
	}
}

// keep keeps the messages that are worked on from being idle, so that nobody takes them
// over. It ends when the sequence has ended and nothing is worked on.
func (c *consumption) keep(ctx context.Context) {
	every := max(c.options.ClaimIdle/3, 10*time.Millisecond)
	for {
		time.Sleep(every)
		ids, closed := c.working()
		switch {
		case len(ids) > 0:
			// One that fails is made up for by the next.
			_, _ = c.group.script(ctx, keepBusy, []string{c.key},
				append([]string{c.group.name, c.consumer}, ids...)...)
		case closed:
			return
		}
	}
}

func (c *consumption) working() (ids []string, closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.held {
		ids = append(ids, id)
	}
	return ids, c.closed
}

// keepBusy sets the idle time of messages to 0 that are still pending for the consumer.
// Their delivery counts stay.
const keepBusy = `for i = 3, #ARGV do
  local p = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if #p > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i],
      'RETRYCOUNT', p[1][4], 'JUSTID')
  end
end
return 1`
