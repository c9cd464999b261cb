package store

import (
	"context"
	"iter"
)

// chunks groups a sequence into slices of up to chunkRows elements or chunkBytes of
// what size measures. Each slice is new. An error comes last, after what came
// before it.
func chunks[T any](seq iter.Seq2[T, error], size func(T) int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		chunk, bytes := make([]T, 0, chunkRows), 0
		for v, err := range seq {
			if err != nil {
				if len(chunk) == 0 || yield(chunk, nil) {
					yield(nil, err)
				}
				return
			}
			chunk, bytes = append(chunk, v), bytes+size(v)
			if len(chunk) < chunkRows && bytes < chunkBytes {
				continue
			}
			if !yield(chunk, nil) {
				return
			}
			chunk, bytes = make([]T, 0, chunkRows), 0
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}

// ahead runs a sequence in a goroutine of its own, so that the next element is
// being made while the last one is used. The goroutine has ended, or is about to,
// when the loop is left. A sequence that blocks in a read keeps it until then; the
// loop itself ends with ctx.
func ahead[T any](ctx context.Context, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	type element struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		var none T
		elements, left := make(chan element), make(chan struct{})
		defer close(left)
		go func() {
			defer close(elements)
			for v, err := range seq {
				select {
				case elements <- element{v, err}:
				case <-left:
					return
				}
			}
		}()
		for {
			select {
			case <-ctx.Done():
				yield(none, context.Cause(ctx))
				return
			case e, more := <-elements:
				if !more || !yield(e.value, e.err) {
					return
				}
			}
		}
	}
}
