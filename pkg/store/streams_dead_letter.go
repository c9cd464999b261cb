package store

import "context"

// deadLetter moves one pending message to another stream: added there and acknowledged
// here in one step. A message that is not pending any more stays where it is, and so does
// one that another consumer than the one named has taken over meanwhile.
const deadLetter = `local p = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
if p.err then return p end
if #p == 0 or ARGV[5] ~= '' and p[1][2] ~= ARGV[5] then return false end
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
	return g.deadLetter(ctx, m, to, "")
}

// deadLetter is DeadLetter for a message that is pending for a consumer; "" for any.
func (g Group) deadLetter(ctx context.Context, m Message, to, consumer string,
) (id string, err error) {
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
		g.name, m.ID, string(m.Message), g.stream, consumer)
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
