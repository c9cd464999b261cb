package store

import (
	"context"
	"time"
)

// Adapter is what a [Client] needs of a server. The one in this package speaks to
// Redis and Valkey; [WithAdapter] puts another in its place. Keys are whole keys,
// prefix included. All methods must be safe for concurrent use.
//
// Errors are an [*Error] whose Kind tells a refusal (ErrRefused) from a server that cannot
// be reached (ErrUnreachable) and from a write whose answer was lost (ErrOutcomeUnknown).
// A refusal with CodeOperationFailed gets the code of the operation it belongs to; Op and
// Key are filled in. A cancelled ctx may be returned as its cause.
type Adapter interface {
	// Read returns one record for each key, in their order, with the fields that
	// are wanted. What the server refuses for one key is that record's Err; the
	// error is for failures that concern the whole call.
	Read(ctx context.Context, keys []string, want Fields) ([]Record, error)
	// Write carries out ops in their order and returns one result for each. It sends
	// nothing twice. Once it has begun to send, it sees the call through even when ctx
	// ends, so that no answer is thrown away.
	Write(ctx context.Context, ops []Op) []Result
	// Scan returns one page of the keys that match a pattern. A cursor that cannot be is
	// ErrInvalid with CodeScanFailed.
	Scan(ctx context.Context, page PageRequest) (Page, error)
	// Close ends all connections.
	Close() error
}

// Fields says what Read shall find out about a key. Whether the key exists is
// always found out.
type Fields uint8

// The fields of a record. On a single server, fields asked for together are read
// at one moment; on a cluster, those of one key may be a moment apart.
const (
	FieldValue Fields = 1 << iota
	FieldTTL
	FieldType
	FieldMemory
)

// Record is what Read found out about one key.
type Record struct {
	Found  bool   // the key exists
	Value  Value  // nil where it was not wanted
	TTL    TTL    // NoExpiry where the key never expires
	Type   string // as Redis names it: string, hash, stream…
	Memory int64  // bytes, as MEMORY USAGE estimates them
	Err    error  // *Error: the server refused this key; Found is then true
}

// Verb is what an [Op] does.
type Verb uint8

// The verbs.
const (
	OpSet     Verb = iota // SET
	OpRemove              // DEL; with IfEqual only the value Op.Old
	OpExpire              // EXPIRE; with IfEqual only the value Op.Old
	OpPersist             // PERSIST
	OpAdd                 // INCRBY; a TTL is set only where the op created the key
)

// Condition is when an op writes.
type Condition uint8

// The conditions.
const (
	Always Condition = iota
	IfAbsent
	IfPresent
	IfEqual // the key holds exactly Op.Old
	// IfFree is for an OpSet with a TTL: the key is absent, or holds exactly
	// Op.Value already. Sent twice it does the same as sent once.
	IfFree
)

// Op is one write.
type Op struct {
	Verb      Verb          // what to do
	Key       string        // the whole key
	Value     Value         // what an OpSet stores
	TTL       time.Duration // 0: none
	KeepTTL   bool          // an OpSet leaves the TTL as it is
	Condition Condition     // when to do it
	Old       Value         // what IfEqual compares with
	By        int64         // what an OpAdd adds
}

// plain reports whether the op is a SET without any option.
func (o *Op) plain() bool {
	return o.Verb == OpSet && o.TTL == 0 && !o.KeepTTL && o.Condition == Always
}

// Result is what became of one op.
type Result struct {
	// Changed reports whether the op did anything: false for a condition that
	// was not met and for a key that does not exist.
	Changed bool
	// Number is the value of the key after an OpAdd.
	Number int64
	// Err is nil, or an *Error whose Kind tells a refusal (ErrRefused), an op
	// that was never sent (ErrUnreachable) and one whose answer was lost
	// (ErrOutcomeUnknown) apart.
	Err error
}

// PageRequest asks for one page of a scan.
type PageRequest struct {
	Cursor  string // "0" begins; otherwise as the page before returned it
	Pattern string // Redis glob over whole keys
	Count   int    // how many keys the server looks at; a hint, at least 1
}

// Page is one page of a scan. It may be empty although more follow, and a key may
// appear on several pages (Redis SCAN).
type Page struct {
	Keys   []string // whole keys
	Cursor string   // "0" after the last page
}
