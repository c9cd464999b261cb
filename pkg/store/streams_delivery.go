package store

import (
	"context"
	"time"
)

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
	tick := time.NewTicker(max(c.options.ClaimIdle/3, 10*time.Millisecond))
	defer tick.Stop()
	for quit := c.quit; ; {
		select {
		case <-tick.C:
		case <-quit:
			quit = nil
		}
		ids := c.working()
		switch {
		case len(ids) > 0:
			// One that fails is made up for by the next.
			_, _ = c.group.script(ctx, keepBusy, []string{c.key},
				append([]string{c.group.name, c.consumer}, ids...)...)
		case quit == nil:
			return
		}
	}
}

// working returns what is worked on.
func (c *consumption) working() (ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.held {
		ids = append(ids, id)
	}
	return ids
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
