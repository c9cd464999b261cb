package store

import (
	"crypto/sha1"
	"encoding/hex"
)

// script is a Lua script for an op that has to look before it writes, and what it
// is given besides the key. Every server has scripts; commands that do the same are
// few and young.
type script struct {
	source string
	args   func(op *Op) []any
}

// scriptFor returns the script of an op, or nil where a plain command does it.
func scriptFor(op *Op) *script {
	switch {
	case op.Verb == OpAdd && op.TTL > 0:
		return &script{addFresh, func(op *Op) []any { return []any{op.By, seconds(op.TTL)} }}
	case op.Verb == OpSet && op.Condition == IfFree:
		return &script{setIfFree, func(op *Op) []any {
			return []any{[]byte(op.Value), seconds(op.TTL)}
		}}
	case op.Condition != IfEqual:
		return nil
	case op.Verb == OpRemove:
		return &script{removeIfEqual, func(op *Op) []any { return []any{[]byte(op.Old)} }}
	case op.Verb == OpExpire:
		return &script{expireIfEqual, func(op *Op) []any {
			return []any{[]byte(op.Old), seconds(op.TTL)}
		}}
	}
	return &script{replaceIfEqual, func(op *Op) []any {
		return []any{[]byte(op.Old), []byte(op.Value)}
	}}
}

// arguments spells the call of the script.
func (s *script) arguments(op *Op, f form) []any {
	call := []any{"eval", s.source, 1, op.Key}
	if f.loaded {
		sum := sha1.Sum([]byte(s.source))
		call[0], call[1] = "evalsha", hex.EncodeToString(sum[:])
	}
	return append(call, s.args(op)...)
}

// The scripts pass on what a command was refused for. Left to itself, the server
// would wrap that into the name of the script and the line.

// addFresh adds, and sets a TTL where there was no key before. The sum is returned as
// text: a number would lose precision beyond 2^53 on its way through Lua.
const addFresh = `local fresh = redis.call('EXISTS', KEYS[1]) == 0
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'table' then return sum end
if fresh then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])`

// setIfFree takes a key that nobody holds, or renews it where we do already: a
// caller whose answer was lost may ask again.
const setIfFree = `local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then return held end
if held and held ~= ARGV[1] then return 0 end
local set = redis.pcall('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
if set.err then return set end
return 1`

const removeIfEqual = `local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then return held end
if held ~= ARGV[1] then return 0 end
return redis.pcall('DEL', KEYS[1])`

const expireIfEqual = `local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then return held end
if held ~= ARGV[1] then return 0 end
return redis.pcall('EXPIRE', KEYS[1], ARGV[2])`

// replaceIfEqual writes a value only over the one that the caller has seen, and
// leaves the TTL alone.
const replaceIfEqual = `local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then return held end
if held ~= ARGV[1] then return 0 end
local set = redis.pcall('SET', KEYS[1], ARGV[2], 'KEEPTTL')
if set.err then return set end
return 1`
