package store

import (
	"context"
	"iter"
)

// Decode reads a stored value with the client's serializer (see [WithSerializer]) into what
// into points to. A value that does not fit is CodeDeserialization.
func (c *Client) Decode(v Value, into any) error {
	if err := c.serializer.Unmarshal(v, into); err != nil {
		return &Error{
			Kind: ErrRefused, Code: CodeDeserialization, Err: err,
			Reason: "the value cannot be read as asked: " + err.Error(),
		}
	}
	return nil
}

// Get is [KV.Get] with the value read as a T. found is false where the key is missing; a
// stored null is found, and is what the serializer makes of it: for JSON the zero T. A value
// that does not fit T is found as well, and the error CodeDeserialization.
func Get[T any](ctx context.Context, kv KV, key string) (value T, found bool, err error) {
	entry, err := kv.Get(ctx, key)
	if err != nil || !entry.Found {
		return value, false, err
	}
	err = named(kv.client.Decode(entry.Value, &value), "kv get", key)
	return value, true, err
}

// Set is [KV.Set] of a T and nothing else, so that the compiler keeps what is written
// under a kind of key, and what [Get] reads there, of one type.
func Set[T any](ctx context.Context, kv KV, key string, value T, o SetOptions) (Change, error) {
	return kv.Set(ctx, key, value, o)
}

// TypedEntry is an [Entry] with its value read as a T.
type TypedEntry[T any] struct {
	Entry
	// Data is the value; the zero T where Entry is not Found or has an Err, which is
	// CodeDeserialization for a value that does not fit T.
	Data T
}

// GetBatch is [Batch.Get] with the values read as Ts. A value that does not fit is that
// entry's Err, and the others follow.
func GetBatch[T any](ctx context.Context, b Batch, keys iter.Seq2[string, error],
) iter.Seq2[TypedEntry[T], error] {
	return func(yield func(TypedEntry[T], error) bool) {
		for entry, err := range b.Get(ctx, keys) {
			typed := TypedEntry[T]{Entry: entry}
			if err == nil && entry.Found && entry.Err == nil {
				typed.Err = named(b.client.Decode(entry.Value, &typed.Data), "batch get", entry.Key)
			}
			if !yield(typed, err) {
				return
			}
		}
	}
}

// Rows makes rows of values, in the order of the sequence, for [Batch.Set] and for the other
// methods that take rows; those that need no key ignore it. A value that cannot be
// serialized is yielded as a [RowError] and concerns only its row.
func Rows[T any](c *Client, values iter.Seq2[string, T]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		line := 0
		for key, v := range values {
			line++
			value, err := c.serialize(v)
			if err != nil {
				err = RowError{Line: line, Key: key, Err: err}
			}
			if !yield(Row{Line: line, Key: key, Value: value}, err) {
				return
			}
		}
	}
}

// Keys makes a sequence of keys for [Batch.Get].
func Keys(keys ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, key := range keys {
			if !yield(key, nil) {
				return
			}
		}
	}
}
