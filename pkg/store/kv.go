package store

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// KV reads and writes the key-value entries of one scope. It is a plain value, safe for
// concurrent use. Make one with [Client.KV].
type KV struct{ client *Client }

// Entry is what a key holds.
type Entry struct {
	Key   string `json:"key"`   // as the caller gave it
	Found bool   `json:"found"` // the key exists
	// Value is exactly what is stored. A stored null is a Value, not a missing one.
	Value Value `json:"value,omitzero"`
	// TTL is nil where it was not asked for or the key was not found.
	TTL *TTL `json:"ttl,omitzero"`
	// Err is what the server said about this key in a batch; elsewhere nil.
	Err error `json:"error,omitzero"`
}

// Change says whether a write changed its key.
type Change struct {
	Key     string `json:"key"`     // as the caller gave it
	Changed bool   `json:"changed"` // false: the key is as it was
	// Err is what the server said about this key where several were changed.
	Err error `json:"error,omitzero"`
}

// SetOptions are the ways to set a key. The zero value overwrites it and removes
// its TTL, as Redis does.
type SetOptions struct {
	TTL       time.Duration // whole seconds; 0 stores without expiry
	KeepTTL   bool          // leave the TTL as it is; not together with TTL
	Condition Condition     // Always, IfAbsent or IfPresent
}

// Get returns the entry of a key (GET). A missing key is an Entry that is not
// Found; one of another Redis type is CodeGetFailed. The Value is exactly what is
// stored, JSON or not; [Get] and [Client.Decode] read it as a Go value.
func (kv KV) Get(ctx context.Context, key string) (Entry, error) {
	return kv.get(ctx, "kv get", key, FieldValue)
}

// GetWithTTL returns the entry of a key together with its TTL, both read at the
// same moment (GET and PTTL in a transaction).
func (kv KV) GetWithTTL(ctx context.Context, key string) (Entry, error) {
	return kv.get(ctx, "kv get", key, FieldValue|FieldTTL)
}

// TTL returns the entry of a key with its TTL and without its value (PTTL). A key that
// never expires has [NoExpiry]; a missing one is not Found, and its TTL is nil.
func (kv KV) TTL(ctx context.Context, key string) (Entry, error) {
	return kv.get(ctx, "kv ttl", key, FieldTTL)
}

func (kv KV) get(ctx context.Context, op, key string, want Fields) (Entry, error) {
	full, err := kv.client.key(NamespaceKV, key)
	if err != nil {
		return Entry{}, named(err, op, key)
	}
	seen := kv.client.observe(ctx, "kv", strings.ReplaceAll(op, " ", "."))
	record, err := kv.client.read(ctx, full, want)
	seen.end(ctx, err, slog.Bool("ctx.kv.found", record.Found && string(record.Value) != "null"))
	if err != nil {
		return Entry{}, named(err, op, key)
	}
	return entry(key, record, want), nil
}

// entry turns a record into what a caller sees.
func entry(key string, r Record, want Fields) Entry {
	e := Entry{Key: key, Found: r.Found, Value: r.Value}
	if r.Found && want&FieldTTL != 0 {
		e.TTL = &r.TTL
	}
	return e
}

// Exists reports whether a key exists (EXISTS). A stored null exists.
func (kv KV) Exists(ctx context.Context, key string) (bool, error) {
	full, err := kv.client.key(NamespaceKV, key)
	if err != nil {
		return false, named(err, "kv exists", key)
	}
	seen := kv.client.observe(ctx, "kv", "kv.exists")
	record, err := kv.client.read(ctx, full, 0)
	seen.end(ctx, err, slog.Bool("ctx.kv.existed", record.Found))
	return record.Found, named(err, "kv exists", key)
}

// Set stores a value (SET, with EX, KEEPTTL, NX or XX as the options say). A [Value] is
// stored byte for byte, any other v as the serializer writes it. Changed is false only
// where the condition was not met.
//
// A TTL that cannot be is CodeTTLInvalid, a value that cannot be written or is larger than
// [MaxValueSize] CodeSerializationFailed; nothing was sent then. What the server refuses is
// CodeSetFailed.
func (kv KV) Set(ctx context.Context, key string, v any, o SetOptions) (Change, error) {
	value, err := kv.client.serialize(v)
	if err == nil && o.TTL != 0 {
		err = CheckTTL(o.TTL)
	}
	if err == nil && o.TTL != 0 && o.KeepTTL {
		err = invalid(CodeTTLInvalid, "a new TTL and keeping the old one exclude each other")
	}
	if err != nil {
		return Change{}, named(err, "kv set", key)
	}
	op := Op{Verb: OpSet, Value: value, TTL: o.TTL, KeepTTL: o.KeepTTL, Condition: o.Condition}
	return kv.write(ctx, "set", key, op, CodeSetFailed)
}

// Replace stores a value only where the key still holds old, and keeps the TTL.
// It is one step on the server (a script). Where the value changed meanwhile, or the key
// is gone, the error is CodeConflict, and nothing was written.
func (kv KV) Replace(ctx context.Context, key string, old Value, v any) error {
	value, err := kv.client.serialize(v)
	if err != nil {
		return named(err, "kv edit", key)
	}
	op := Op{Verb: OpSet, Value: value, Condition: IfEqual, Old: old}
	change, err := kv.write(ctx, "set", key, op, CodeSetFailed)
	if err == nil && !change.Changed {
		err = &Error{
			Kind: ErrRefused, Code: CodeConflict, Op: "kv edit", Key: key,
			Reason: "the value was changed by someone else meanwhile; nothing was written",
		}
	}
	return named(err, "kv edit", key)
}

// Remove deletes keys and says of each whether it existed (DEL, one for each key,
// in one round trip), any Redis type included. Where the server refuses some of the keys,
// their changes carry the reason, and the error is the first of these (CodeDeleteFailed).
// No key at all is CodeKeyRequired.
func (kv KV) Remove(ctx context.Context, keys ...string) ([]Change, error) {
	ops, err := kv.removals(keys)
	if err != nil {
		return nil, err
	}
	seen := kv.client.observe(ctx, "kv", "kv.remove")
	changes := make([]Change, len(keys))
	var first error
	for i, result := range kv.client.adapter.Write(ctx, ops) {
		err := named(recode(result.Err, CodeDeleteFailed), "kv remove", keys[i])
		changes[i] = Change{Key: keys[i], Changed: result.Changed, Err: err}
		if first == nil {
			first = err
		}
	}
	seen.end(ctx, first)
	return changes, first
}

// WouldRemove says of each key whether [KV.Remove] would find it, and removes nothing
// (EXISTS).
func (kv KV) WouldRemove(ctx context.Context, keys ...string) ([]Change, error) {
	full := make([]string, len(keys))
	changes := make([]Change, len(keys))
	for i, key := range keys {
		var err error
		if full[i], err = kv.client.key(NamespaceKV, key); err != nil {
			return nil, named(err, "kv remove", key)
		}
		changes[i].Key = key
	}
	records, err := kv.client.adapter.Read(ctx, full, 0)
	if err != nil {
		return nil, named(err, "kv remove", "")
	}
	for i, r := range records {
		changes[i].Changed, changes[i].Err = r.Found, named(r.Err, "kv remove", keys[i])
	}
	return changes, nil
}

// removals returns the ops that delete keys.
func (kv KV) removals(keys []string) ([]Op, error) {
	if len(keys) == 0 {
		return nil, invalid(CodeKeyRequired, "no key is given").at("kv remove", "")
	}
	if err := kv.client.writable(); err != nil {
		return nil, named(err, "kv remove", keys[0])
	}
	ops := make([]Op, len(keys))
	for i, key := range keys {
		full, err := kv.client.key(NamespaceKV, key)
		if err != nil {
			return nil, named(err, "kv remove", key)
		}
		ops[i] = Op{Verb: OpRemove, Key: full}
	}
	return ops, nil
}

// Expire sets the TTL of a key, in whole seconds, at least one (EXPIRE): anything else is
// CodeTTLInvalid. Changed is false where the key does not exist.
func (kv KV) Expire(ctx context.Context, key string, ttl time.Duration) (Change, error) {
	return kv.expire(ctx, "expire", key, ttl)
}

// Touch is [KV.Expire] under the other name the npm library has for it.
func (kv KV) Touch(ctx context.Context, key string, ttl time.Duration) (Change, error) {
	return kv.expire(ctx, "touch", key, ttl)
}

func (kv KV) expire(ctx context.Context, verb, key string, ttl time.Duration) (Change, error) {
	if err := CheckTTL(ttl); err != nil {
		return Change{}, named(err, "kv "+verb, key)
	}
	op := Op{Verb: OpExpire, TTL: ttl}
	return kv.write(ctx, verb, key, op, CodeOperationFailed)
}

// Persist removes the TTL of a key (PERSIST). Changed is false where the key does
// not exist or has no TTL.
func (kv KV) Persist(ctx context.Context, key string) (Change, error) {
	return kv.write(ctx, "persist", key, Op{Verb: OpPersist}, CodeOperationFailed)
}

// write carries out one op on one key.
func (kv KV) write(ctx context.Context, verb, key string, op Op, code Code) (Change, error) {
	full, err := kv.client.key(NamespaceKV, key)
	if err != nil {
		return Change{}, named(err, "kv "+verb, key)
	}
	op.Key = full
	seen := kv.client.observe(ctx, "kv", "kv."+verb, ttlAttrs("ctx.kv.ttl", op.TTL)...)
	result, err := kv.client.write(ctx, op)
	err = recode(err, code)
	seen.end(ctx, err)
	return Change{Key: key, Changed: result.Changed}, named(err, "kv "+verb, key)
}
