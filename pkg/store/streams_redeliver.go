package store

import "context"

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
	id, err := c.group.deadLetter(ctx, m, c.options.DeadLetter, e.Consumer)
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
