package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Read returns one record for each key.
func (a *redisAdapter) Read(ctx context.Context, keys []string, want Fields) ([]Record, error) {
	records := make([]Record, len(keys))
	if len(keys) == 0 {
		return records, nil
	}
	err := a.await(ctx, func(ctx context.Context) error {
		if want == FieldValue && len(keys) > 1 && !a.cluster {
			return a.readMany(ctx, keys, records)
		}
		return a.readFields(ctx, keys, want, records)
	})
	if err != nil {
		return nil, a.readError(CodeGetFailed, err)
	}
	return records, nil
}

// readMany reads values with one MGET. MGET answers nil for a missing key and for
// one of another type alike, so those are asked for again, one by one.
func (a *redisAdapter) readMany(ctx context.Context, keys []string, records []Record) error {
	values, err := a.client.MGet(ctx, keys...).Result()
	if err != nil {
		return err
	}
	var missing []int
	for i, v := range values {
		if text, ok := v.(string); ok {
			records[i] = Record{Found: true, Value: Value(text)}
		} else {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	again := make([]string, len(missing))
	for i, at := range missing {
		again[i] = keys[at]
	}
	found := make([]Record, len(missing))
	if err := a.readFields(ctx, again, FieldValue, found); err != nil {
		return err
	}
	for i, at := range missing {
		records[at] = found[i]
	}
	return nil
}

// readFields reads any fields in one round trip.
func (a *redisAdapter) readFields(ctx context.Context, keys []string, want Fields,
	records []Record,
) error {
	// Between GET and PTTL another client may write; a transaction keeps the two
	// together. It cannot span the slots of a cluster.
	together := want&FieldValue != 0 && want != FieldValue && (!a.cluster || len(keys) == 1)
	queries, err := a.query(ctx, keys, want, together)
	if together && noPermission(err, "multi", "exec") {
		queries, err = a.query(ctx, keys, want, false)
	}
	if err != nil {
		return err
	}
	for i, q := range queries {
		if records[i], err = q.record(); err != nil {
			return err
		}
	}
	return nil
}

// query sends the commands for all keys. Its error is one that concerns them all.
func (a *redisAdapter) query(ctx context.Context, keys []string, want Fields, together bool,
) ([]fieldQuery, error) {
	pipe := a.client.Pipeline()
	if together {
		pipe = a.client.TxPipeline()
	}
	queries := make([]fieldQuery, len(keys))
	for i, key := range keys {
		queries[i] = ask(ctx, pipe, key, want)
	}
	err := execute(ctx, pipe)
	_, handshake := errors.AsType[*handshakeError](err)
	switch {
	case err == nil, err == redis.Nil: //nolint:errorlint // see isReply
		return queries, nil
	case handshake, !isReply(err), together && transactionFailed(err):
		return queries, err
	}
	return queries, nil // the refusal of one command; its record has it
}

// transactionFailed reports whether a transaction did not take place at all.
func transactionFailed(err error) bool {
	return strings.HasPrefix(err.Error(), "EXECABORT") || noPermission(err, "multi", "exec")
}

// noPermission reports whether the server refused one of the commands by NOPERM.
func noPermission(err error, commands ...string) bool {
	if err == nil || !strings.HasPrefix(err.Error(), "NOPERM") {
		return false
	}
	for _, c := range commands {
		if strings.Contains(err.Error(), "'"+c+"'") {
			return true
		}
	}
	return false
}

// fieldQuery holds the commands sent for one key; those not sent are nil.
type fieldQuery struct {
	exists *redis.IntCmd
	value  *redis.StringCmd
	ttl    *redis.DurationCmd
	kind   *redis.StatusCmd
	memory *redis.IntCmd
}

// ask queues the commands that find out about one key.
func ask(ctx context.Context, pipe redis.Pipeliner, key string, want Fields) fieldQuery {
	var q fieldQuery
	if want == 0 {
		q.exists = pipe.Exists(ctx, key)
	}
	if want&FieldValue != 0 {
		q.value = pipe.Get(ctx, key)
	}
	if want&FieldTTL != 0 {
		q.ttl = pipe.PTTL(ctx, key)
	}
	if want&FieldType != 0 {
		q.kind = pipe.Type(ctx, key)
	}
	if want&FieldMemory != 0 {
		q.memory = pipe.MemoryUsage(ctx, key)
	}
	return q
}

// record reads the answers. Its error is a failed connection; a refusal is part
// of the record.
func (q fieldQuery) record() (Record, error) {
	var r Record
	for _, step := range []func(*Record) error{
		q.readExists, q.readValue, q.readTTL, q.readType, q.readMemory,
	} {
		switch err := step(&r); {
		case err == nil || err == redis.Nil: //nolint:errorlint // see isReply
		case isReply(err):
			r.Found, r.Err = true, refusal(CodeGetFailed, err)
			if strings.HasPrefix(err.Error(), "NOPERM") {
				return r, nil
			}
		default:
			return r, err
		}
	}
	return r, nil
}

func (q fieldQuery) readExists(r *Record) error {
	if q.exists == nil {
		return nil
	}
	r.Found = q.exists.Val() > 0
	return q.exists.Err()
}

func (q fieldQuery) readValue(r *Record) error {
	if q.value == nil {
		return nil
	}
	value, err := q.value.Bytes()
	if err == nil {
		r.Found, r.Value = true, value
	}
	return err
}

func (q fieldQuery) readTTL(r *Record) error {
	if q.ttl == nil {
		return nil
	}
	// The driver leaves Redis' -2 (missing) and -1 (no expiry) as they are, in
	// nanoseconds.
	switch ttl := q.ttl.Val(); {
	case q.ttl.Err() != nil, ttl == -2:
	case ttl == -1:
		r.Found, r.TTL = true, NoExpiry
	default:
		r.Found, r.TTL = true, TTL(max(ttl, time.Millisecond))
	}
	return q.ttl.Err()
}

func (q fieldQuery) readType(r *Record) error {
	if q.kind == nil {
		return nil
	}
	if kind := q.kind.Val(); kind != "none" && kind != "" {
		r.Found, r.Type = true, kind
	}
	return q.kind.Err()
}

func (q fieldQuery) readMemory(r *Record) error {
	if q.memory == nil {
		return nil
	}
	r.Memory = q.memory.Val()
	r.Found = r.Found || q.memory.Err() == nil
	return q.memory.Err()
}
