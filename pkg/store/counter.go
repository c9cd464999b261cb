package store

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"time"
)

// Counter counts in one scope. Counts are 64-bit integers, kept as decimal text. It is a
// plain value, safe for concurrent use. Make one with [Client.Counter].
type Counter struct{ client *Client }

// Count is the state of a counter.
type Count struct {
	Key   string `json:"key"`   // as the caller gave it
	Found bool   `json:"-"`     // false: it counts as 0
	Value int64  `json:"value"` // exact, all 64 bits
}

// Increment adds by to a counter, which begins at 0, and returns the sum (INCR,
// INCRBY). Where ttl is not 0 and this call creates the counter, the counter expires
// after ttl; an existing one keeps the TTL it has, or has not. Both happen at once on
// the server, so a counter meant to expire never stays without expiry. A sum beyond
// 64 bits, and a key that holds no integer, are CodeIncrementFailed (ErrRefused) and change
// nothing. by may be negative; 0 is CodeValueRequired.
//
// An increment is carried out once or reported: with ErrOutcomeUnknown it may have
// happened, and was not repeated.
func (c Counter) Increment(ctx context.Context, key string, by int64, ttl time.Duration,
) (int64, error) {
	return c.add(ctx, "increment", key, by, ttl)
}

// Decrement subtracts by from a counter. It is [Counter.Increment] with the sign of
// by turned.
func (c Counter) Decrement(ctx context.Context, key string, by int64, ttl time.Duration,
) (int64, error) {
	if by == math.MinInt64 {
		err := invalid(CodeValueRequired, "%d cannot be subtracted: its opposite has no 64 bits", by)
		return 0, err.at("counter decrement", key)
	}
	return c.add(ctx, "decrement", key, -by, ttl)
}

func (c Counter) add(ctx context.Context, verb, key string, by int64, ttl time.Duration,
) (int64, error) {
	var err error
	switch {
	case by == 0:
		err = invalid(CodeValueRequired, "adding 0 changes nothing")
	case ttl != 0:
		err = CheckTTL(ttl)
	}
	if err != nil {
		return 0, named(err, "counter "+verb, key)
	}
	op := Op{Verb: OpAdd, By: by, TTL: ttl}
	result, err := c.write(ctx, verb, key, op, slog.Int64("ctx.counter.delta", by))
	return result.Number, err
}

// Get returns a counter (GET). One that is not Found counts as 0; a key that holds no
// integer is CodeGetFailed.
func (c Counter) Get(ctx context.Context, key string) (Count, error) {
	full, err := c.client.key(NamespaceCounter, key)
	if err != nil {
		return Count{}, named(err, "counter get", key)
	}
	seen := c.client.observe(ctx, "counter", "counter.get")
	record, err := c.client.read(ctx, full, FieldValue)
	seen.end(ctx, err)
	if err != nil || !record.Found {
		return Count{Key: key}, named(err, "counter get", key)
	}
	value, err := strconv.ParseInt(string(record.Value), 10, 64)
	if err != nil || strconv.FormatInt(value, 10) != string(record.Value) { // as 05 and +5
		return Count{}, &Error{
			Kind: ErrRefused, Code: CodeGetFailed, Op: "counter get", Key: key,
			Reason: "the key holds no integer",
		}
	}
	return Count{Key: key, Found: true, Value: value}, nil
}

// Set sets a counter (SET). A TTL it has is removed.
func (c Counter) Set(ctx context.Context, key string, n int64) error {
	op := Op{Verb: OpSet, Value: strconv.AppendInt(nil, n, 10)}
	_, err := c.write(ctx, "set", key, op)
	return err
}

// Remove deletes a counter (DEL). Changed is false where there was none.
func (c Counter) Remove(ctx context.Context, key string) (Change, error) {
	result, err := c.write(ctx, "remove", key, Op{Verb: OpRemove})
	return Change{Key: key, Changed: result.Changed}, err
}

// Expire sets the TTL of a counter, in whole seconds, at least one (EXPIRE): anything else
// is CodeTTLInvalid. Changed is false where there is no such counter.
func (c Counter) Expire(ctx context.Context, key string, ttl time.Duration) (Change, error) {
	if err := CheckTTL(ttl); err != nil {
		return Change{}, named(err, "counter expire", key)
	}
	op := Op{Verb: OpExpire, TTL: ttl}
	result, err := c.write(ctx, "expire", key, op, slog.Int64("ctx.counter.ttl", seconds(ttl)))
	return Change{Key: key, Changed: result.Changed}, err
}

// TTL returns the TTL of a counter (PTTL), in an [Entry] without a value, as [KV.TTL] does.
func (c Counter) TTL(ctx context.Context, key string) (Entry, error) {
	full, err := c.client.key(NamespaceCounter, key)
	if err != nil {
		return Entry{}, named(err, "counter ttl", key)
	}
	seen := c.client.observe(ctx, "counter", "counter.ttl")
	record, err := c.client.read(ctx, full, FieldTTL)
	seen.end(ctx, err)
	return entry(key, record, FieldTTL), named(err, "counter ttl", key)
}

// write carries out one op on one counter.
func (c Counter) write(ctx context.Context, verb, key string, op Op, attrs ...slog.Attr,
) (Result, error) {
	full, err := c.client.key(NamespaceCounter, key)
	if err != nil {
		return Result{}, named(err, "counter "+verb, key)
	}
	op.Key = full
	seen := c.client.observe(ctx, "counter", "counter."+verb, attrs...)
	result, err := c.client.write(ctx, op)
	err = recode(err, CodeIncrementFailed)
	var after []slog.Attr
	if op.Verb == OpAdd {
		after = []slog.Attr{slog.Int64("ctx.counter.value", result.Number)}
	}
	seen.end(ctx, err, after...)
	return result, named(err, "counter "+verb, key)
}
