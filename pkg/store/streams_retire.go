package store

import (
	"context"
	"fmt"
	"slices"
)

// Retired says what became of a consumer.
type Retired struct {
	Stream   string `json:"stream"`   // as the caller gave it, like the three below
	Group    string `json:"group"`    // whose consumer it is
	Consumer string `json:"consumer"` // who is to go
	To       string `json:"to"`       // who takes over
	Found    bool   `json:"found"`    // there was such a consumer
	Moved    int64  `json:"moved"`    // pending messages handed over
	// Gone counts pending entries that were not in the stream any more; there was
	// nothing to hand over.
	Gone    int64 `json:"gone,omitzero"`
	Retired bool  `json:"retired"` // the consumer is deleted
	// Created is set where To did not exist before.
	Created bool `json:"created,omitzero"`
}

// retireTries is how often a consumer is emptied that is still given messages.
const retireTries = 5

// Retire hands all pending messages of a consumer to another one and only then deletes
// it (XCLAIM JUSTID and XGROUP DELCONSUMER, in scripts). The messages' delivery counts
// stay. A consumer that does not exist is not Found. Deleting it alone would throw its
// pending messages away.
func (g Group) Retire(ctx context.Context, consumer, to string) (Retired, error) {
	const op = "stream consumer retire"
	r := Retired{Stream: g.stream, Group: g.name, Consumer: consumer, To: to}
	key, err := g.consumerKey(consumer)
	if err == nil && to == "" {
		err = invalid(CodeStreamConsumerRequired, "no consumer is named to hand messages to")
	}
	if err == nil && consumer == to {
		err = invalid(CodeStreamConsumerRequired, "a consumer cannot be retired to itself")
	}
	if err == nil {
		err = g.streams.client.writable()
	}
	if err == nil {
		err = g.present(ctx, &r)
	}
	for try := 1; err == nil && r.Found && !r.Retired; try++ {
		err = g.hand(ctx, key, &r)
		if err == nil {
			r.Retired, err = g.deleteEmpty(ctx, key, consumer)
		}
		if err == nil && !r.Retired && try == retireTries {
			err = &Error{
				Kind: ErrRefused, Code: CodeConflict,
				Reason: fmt.Sprintf("consumer %q is still given messages; stop it first", consumer),
			}
		}
	}
	return r, named(g.failed(err, CodeOperationFailed), op, g.stream)
}

// present finds out which of the two consumers exist.
func (g Group) present(ctx context.Context, r *Retired) error {
	consumers, err := g.Consumers(ctx)
	has := func(name string) bool {
		return slices.ContainsFunc(consumers, func(c ConsumerInfo) bool { return c.Name == name })
	}
	r.Found, r.Created = has(r.Consumer), !has(r.To)
	return err
}

// hand gives all pending messages of a consumer to another one, a page at a time.
func (g Group) hand(ctx context.Context, key string, r *Retired) error {
	for {
		answer, err := g.script(ctx, handOver, []string{key}, g.name, r.Consumer, r.To)
		if err != nil {
			return err
		}
		counts := list(answer)
		if len(counts) != 2 {
			return strange("that of a script")
		}
		r.Moved += integer(counts[0])
		r.Gone += integer(counts[1])
		if integer(counts[0])+integer(counts[1]) == 0 {
			return nil
		}
	}
}

// deleteEmpty deletes a consumer if nothing is pending for it.
func (g Group) deleteEmpty(ctx context.Context, key, consumer string) (bool, error) {
	answer, err := g.script(ctx, deleteConsumer, []string{key}, g.name, consumer)
	return integer(answer) == 1, err
}

// script runs a script on the keys, once.
func (g Group) script(ctx context.Context, source string, keys []string, args ...string,
) (any, error) {
	call := []any{"eval", source, len(keys)}
	call = append(call, words(keys...)...)
	return g.streams.write(ctx, 3, append(call, words(args...)...)...)
}

// handOver moves one page of what is pending for a consumer to another one. Entries that
// are not in the stream any more are acknowledged: there is nothing left to do about
// them, and servers differ in what they make of them.
const handOver = `local page = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 100, ARGV[2])
if page.err then return page end
local moved, gone = 0, 0
for _, p in ipairs(page) do
  if #redis.call('XRANGE', KEYS[1], p[1], p[1]) == 0 then
    redis.call('XACK', KEYS[1], ARGV[1], p[1])
    gone = gone + 1
  else
    local done = redis.pcall('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, p[1], 'JUSTID')
    if done.err then return done end
    moved = moved + 1
  end
end
return {moved, gone}`

// deleteConsumer deletes a consumer if nothing is pending for it.
const deleteConsumer = `local page = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if page.err then return page end
if #page > 0 then return 0 end
local done = redis.pcall('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
if type(done) == 'table' and done.err then return done end
return 1`
