package store

import (
	"context"
	"iter"
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
	What       ConsumeWhat // what happened
	ID         string      // of the message
	Consumer   string      // whose it was
	Deliveries int64       // how often it was given to a consumer
	Err        error       // why it happened, or did not; may be nil
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
