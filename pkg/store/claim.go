package store

import (
	"context"
	"iter"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Claim takes and gives back claims: locks that one owner at a time holds, as the
// npm library's claim.once takes them. It is a plain value, safe for concurrent use. Make
// one with [Client.Claim].
//
// A claim promises one holder only as long as pauses of the holder, differences
// between clocks, and failovers of the server stay below its TTL. Where that is not
// enough, the guarded resource must compare the fence of [Held].
type Claim struct{ client *Client }

// Claimed is the state of a claim.
type Claimed struct {
	Key    string  `json:"key"`             // as the caller gave it
	Found  bool    `json:"found"`           // somebody holds it
	Owner  Value   `json:"owner,omitzero"`  // the JSON that is stored
	TTL    *TTL    `json:"ttl,omitzero"`    // until it runs out; nil where not Found
	Scopes []Scope `json:"scopes,omitzero"` // where it is, in a list
	// Err is why the server would not tell who holds the claim, in a list.
	Err error `json:"error,omitzero"`
}

// OwnerText returns the owner as text: the string that is stored, or the stored
// bytes where they are no JSON string.
func (c Claimed) OwnerText() string {
	if text, ok := c.Owner.text(); ok {
		return text
	}
	return string(c.Owner)
}

// Once takes a claim if nobody holds it, and reports whether it did (SET NX). owner is
// what is stored, usually a [StringValue]. A ttl of 0 takes it for ever. An answer that
// was lost is ErrOutcomeUnknown: [Claim.Show] tells who holds the claim.
func (c Claim) Once(ctx context.Context, key string, owner Value, ttl time.Duration) (bool, error) {
	var err error
	if ttl != 0 {
		err = CheckTTL(ttl)
	}
	if err != nil {
		return false, named(err, "claim once", key)
	}
	op := Op{Verb: OpSet, Value: owner, TTL: ttl, Condition: IfAbsent}
	return c.write(ctx, "claim once", "claim.acquire", key, op)
}

// Acquire is [Claim.Once] that tries again until wait is over; a wait of 0 or less tries
// once. Tries are spread at random, a few a second, and come at once when the claim runs
// out. It is false without an error where somebody else held the claim to the end.
func (c Claim) Acquire(ctx context.Context, key string, owner Value, ttl, wait time.Duration,
) (bool, error) {
	return c.retry(ctx, key, wait, func() (bool, error) { return c.Once(ctx, key, owner, ttl) })
}

// retry tries to take a claim until wait is over.
func (c Claim) retry(ctx context.Context, key string, wait time.Duration,
	try func() (bool, error),
) (bool, error) {
	end := time.Now().Add(wait)
	for {
		taken, err := try()
		left := time.Until(end)
		if taken || err != nil || left <= 0 {
			return taken, err
		}
		pause := min(c.pause(ctx, key), left)
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// pause returns how long to wait before the next try: until the claim runs out, and
// never longer than a third of a second, since it may be given back before.
func (c Claim) pause(ctx context.Context, key string) time.Duration {
	pause := 100*time.Millisecond + rand.N(200*time.Millisecond)
	held, err := c.Show(ctx, key)
	if err == nil && held.TTL != nil && *held.TTL > 0 {
		pause = min(pause, time.Duration(*held.TTL)+rand.N(10*time.Millisecond))
	}
	return pause
}

// Release gives a claim back if owner holds it, and reports whether it did. Comparing
// and deleting are one step on the server (DELEX, DELIFEQ, or a script). Owners are
// compared byte for byte. A claim that ran out, or that somebody else holds, is false.
func (c Claim) Release(ctx context.Context, key string, owner Value) (bool, error) {
	op := Op{Verb: OpRemove, Condition: IfEqual, Old: owner}
	return c.write(ctx, "claim release", "claim.release", key, op)
}

// Break deletes a claim whoever holds it, and reports whether there was one (DEL). Its
// holder hears of it only when it extends or releases the claim.
func (c Claim) Break(ctx context.Context, key string) (bool, error) {
	return c.write(ctx, "claim release", "claim.release", key, Op{Verb: OpRemove})
}

// Extend sets the TTL of a claim, in whole seconds from now, if owner holds it, and reports
// whether it did, in one step on the server (a script). Owners are compared byte for byte.
func (c Claim) Extend(ctx context.Context, key string, owner Value, ttl time.Duration,
) (bool, error) {
	if err := CheckTTL(ttl); err != nil {
		return false, named(err, "claim extend", key)
	}
	op := Op{Verb: OpExpire, Condition: IfEqual, Old: owner, TTL: ttl}
	return c.write(ctx, "claim extend", "claim.extend", key, op)
}

// Show returns who holds a claim and for how long, both as of the same moment (GET and
// PTTL in a transaction). A claim that nobody holds is not Found.
func (c Claim) Show(ctx context.Context, key string) (Claimed, error) {
	full, err := c.client.key(NamespaceClaim, key)
	if err != nil {
		return Claimed{}, named(err, "claim show", key)
	}
	seen := c.client.observe(ctx, "claim", "claim.show")
	r, err := c.client.read(ctx, full, FieldValue|FieldTTL)
	seen.end(ctx, err)
	if err != nil || !r.Found {
		return Claimed{Key: key}, named(err, "claim show", key)
	}
	return Claimed{Key: key, Found: true, Owner: r.Value, TTL: &r.TTL}, nil
}

// List lists the claims of the scope, with recursive those of child scopes too (SCAN, then
// GET and PTTL). The pattern is one of [Client.Scan], whose contract holds.
func (c Claim) List(ctx context.Context, pattern string, recursive bool,
) iter.Seq2[Claimed, error] {
	items := c.client.Scan(ctx, ScanOptions{
		Pattern: pattern, Namespaces: []Namespace{NamespaceClaim}, Recursive: recursive,
		Want: FieldValue | FieldTTL,
	})
	return func(yield func(Claimed, error) bool) {
		for item, err := range items {
			claimed := Claimed{
				Key: item.Key.Key, Found: true, TTL: item.TTL, Scopes: item.Scopes, Err: item.Err,
			}
			if item.Value != nil {
				claimed.Owner = *item.Value
			}
			if !yield(claimed, err) {
				return
			}
		}
	}
}

// write carries out one op on one claim.
func (c Claim) write(ctx context.Context, verb, event, key string, op Op) (bool, error) {
	full, err := c.client.key(NamespaceClaim, key)
	if err != nil {
		return false, named(err, verb, key)
	}
	op.Key = full
	seen := c.client.observe(ctx, "claim", event, ttlAttrs("ctx.claim.ttl", op.TTL)...)
	result, err := c.client.write(ctx, op)
	err = recode(err, CodeClaimFailed)
	seen.end(ctx, err, slog.Bool("ctx.claim.acquired", result.Changed))
	return result.Changed, named(err, verb, key)
}
