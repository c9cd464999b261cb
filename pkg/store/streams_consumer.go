package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ConsumerInfo is what the server tells about a consumer.
type ConsumerInfo struct {
	Name    string `json:"name"`
	Pending int64  `json:"pending"`
	// Idle is how long ago the consumer last tried to get something; nil where the
	// server does not tell.
	Idle *Seconds `json:"idle"`
	// Inactive is how long ago it last got something; nil where the server does not
	// tell (before Redis 7.2), and nil where it never did.
	Inactive *Seconds `json:"inactive,omitzero"`
}

// Consumers returns the consumers of the group (XINFO CONSUMERS).
func (g Group) Consumers(ctx context.Context) ([]ConsumerInfo, error) {
	const op = "stream consumer list"
	key, err := g.key()
	var answer any
	if err == nil {
		answer, err = g.streams.read(ctx, 2, "xinfo", "consumers", key, g.name)
	}
	if err != nil {
		return nil, named(g.failed(err, CodeStreamReadFailed), op, g.stream)
	}
	consumers := []ConsumerInfo{}
	for _, element := range list(answer) {
		d := dictionary(element)
		consumers = append(consumers, ConsumerInfo{
			Name: text(d["name"]), Pending: d.number("pending"),
			Idle: d.idle("idle"), Inactive: d.idle("inactive"),
		})
	}
	return consumers, nil
}

// Retired says what became of a consumer.
type Retired struct {
	Stream   string `json:"stream"`
	Group    string `json:"group"`
	Consumer string `json:"consumer"`
	To       string `json:"to"`
	Found    bool   `json:"found"` // there was such a consumer
	Moved    int64  `json:"moved"` // pending messages handed over
	// Gone counts pending entries that were not in the stream any more; there was
	// nothing to hand over.
	Gone    int64 `json:"gone,omitzero"`
	Retired bool  `json:"retired"`
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

// deadLetter moves one pending message to another stream: added there and acknowledged
// here in one step. A message that is not pending any more, or is pending for more than
// ARGV[3] says it should not be, stays where it is.
const deadLetter = `local p = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
if p.err then return p end
if #p == 0 then return false end
if #redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2]) == 0 then
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
  return ''
end
local added = redis.pcall('XADD', KEYS[2], '*', 'data', ARGV[3], 'stream', ARGV[4],
  'id', ARGV[2], 'group', ARGV[1], 'consumer', p[1][2], 'deliveries', p[1][4])
if type(added) == 'table' and added.err then return added end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return added`

// DeadLetter moves a pending message to another stream, in one step (a script: XADD and
// XACK). Beside "data", which is the message, the new entry has the fields stream, id,
// group, consumer and deliveries of the old one. It returns the id of the new entry: ""
// where the message was not pending any more, or its entry was deleted.
func (g Group) DeadLetter(ctx context.Context, m Message, to string) (id string, err error) {
	const op = "stream dead-letter"
	key, err := g.key()
	var target string
	if err == nil {
		target, err = g.streams.key(to)
	}
	if err == nil {
		err = g.together(ctx, key, target, to)
	}
	if err != nil {
		return "", named(err, op, g.stream)
	}
	answer, err := g.script(ctx, deadLetter, []string{key, target},
		g.name, m.ID, string(m.Message), g.stream)
	return text(answer), named(g.failed(err, CodeStreamAppendFailed), op, g.stream)
}

// together refuses a dead-letter stream that one script cannot reach.
func (g Group) together(ctx context.Context, key, target, to string) error {
	if key == target {
		return invalid(CodeConfigurationInvalid, "a stream cannot be its own dead-letter stream")
	}
	a, err := g.streams.client.streamAdapter()
	if err != nil {
		return err
	}
	ok, err := a.StreamTogether(ctx, key, target)
	if err == nil && !ok {
		err = invalid(CodeConfigurationInvalid, "on this cluster %q and %q are in different slots, "+
			"and a message cannot be moved in one step; give both a common part in braces, as in "+
			"{%s} and {%s}:dead", g.stream, to, g.stream, g.stream)
	}
	return err
}

// Limits are what a group is checked against; nil is not checked.
type Limits struct {
	MaxLag     *int64
	MaxPending *int64
	MaxIdle    *Seconds // of a pending message, since it was last given to a consumer
}

// Health is the state of a group, and what is wrong with it.
type Health struct {
	Stream    string `json:"stream"`
	Group     string `json:"group"`
	OK        bool   `json:"ok"`
	Lag       Lag    `json:"lag"`
	Pending   int64  `json:"pending"`
	Consumers int64  `json:"consumers"`
	// Stuck is a pending message that has been idle for too long; nil where there is
	// none or that was not checked.
	Stuck    *PendingEntry `json:"stuck,omitzero"`
	Problems []string      `json:"problems"`
}

// Check compares the state of the group with limits. An unknown lag is over any limit:
// nobody knows that it is not.
func (g Group) Check(ctx context.Context, limits Limits) (Health, error) {
	const op = "stream check"
	h := Health{Stream: g.stream, Group: g.name, Problems: []string{}}
	info, err := g.Info(ctx)
	if err != nil {
		return h, named(err, op, g.stream)
	}
	h.Lag, h.Pending, h.Consumers = info.Lag, info.Pending, info.Consumers
	if max := limits.MaxLag; max != nil && h.Lag == LagUnknown {
		h.problem("lag unknown")
	} else if max != nil && int64(h.Lag) > *max {
		h.problem("lag %d > %d", h.Lag, *max)
	}
	if max := limits.MaxPending; max != nil && h.Pending > *max {
		h.problem("pending %d > %d", h.Pending, *max)
	}
	if limits.MaxIdle != nil && h.Pending > 0 {
		if err := g.stuck(ctx, &h, *limits.MaxIdle); err != nil {
			return h, named(err, op, g.stream)
		}
	}
	h.OK = len(h.Problems) == 0
	return h, nil
}

// stuck looks for a message that has been idle for longer than it may.
func (g Group) stuck(ctx context.Context, h *Health, limit Seconds) error {
	o := PendingOptions{Idle: limit.Duration() + 1, Count: 1}
	for e, err := range g.PendingEntries(ctx, o) {
		if err != nil {
			return err
		}
		h.Stuck = &e
		h.problem("idle %s > %s (%s of %s)", e.Idle.Duration(), limit.Duration(), e.ID, e.Consumer)
	}
	return nil
}

func (h *Health) problem(format string, args ...any) {
	h.Problems = append(h.Problems, strings.TrimSpace(fmt.Sprintf(format, args...)))
}
