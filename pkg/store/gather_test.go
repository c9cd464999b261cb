package store

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// counting yields 0, 1, 2 …, each when the last one was taken and step has passed.
func counting(n int, step time.Duration, last error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if step > 0 {
				<-time.After(step)
			}
			if !yield(i, nil) {
				return
			}
		}
		if last != nil {
			yield(0, last)
		}
	}
}

func one(int) int { return 1 }

// TestGatherHoldsNothingBack has elements come slowly: each is yielded by itself.
func TestGatherHoldsNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, seen := time.Now(), 0
		for elements, err := range gather(t.Context(), counting(5, time.Second, nil), one) {
			seen++
			late := time.Since(begun) - time.Duration(seen)*time.Second
			if err != nil || !slices.Equal(elements, []int{seen - 1}) || late > gatherPause {
				t.Errorf("%v, %v, %s late", elements, err, late)
			}
		}
		if seen != 5 {
			t.Errorf("%d slices", seen)
		}
	})
}

// TestGatherIsWhole has elements come fast: none is lost, and the error comes last.
func TestGatherIsWhole(t *testing.T) {
	broken := errors.New("broken")
	next := 0
	var failed error
	for elements, err := range gather(t.Context(), counting(100_000, 0, broken), one) {
		if failed != nil || len(elements) > chunkRows {
			t.Fatalf("%d elements behind %v", len(elements), failed)
		}
		for _, e := range elements {
			if e != next {
				t.Fatalf("%d comes for %d", e, next)
			}
			next++
		}
		failed = err
	}
	if next != 100_000 || !errors.Is(failed, broken) {
		t.Errorf("%d elements, %v", next, failed)
	}
}

func TestGatherEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var last error
		for _, err := range gather(ctx, counting(5, time.Second, nil), one) {
			last = err
		}
		if !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("got %v", last)
		}
		<-time.After(10 * time.Second) // the sequence may still be in a read
	})
}

// TestPaced keeps a rate, also when it has fallen behind.
func TestPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var at []time.Duration
		for i, err := range paced(t.Context(), counting(60, 0, nil), 20) {
			if err != nil {
				t.Fatal(err)
			}
			if i == 20 {
				<-time.After(10 * time.Second)
			}
			at = append(at, time.Since(begun))
		}
		for i := 20; i < len(at); i++ {
			if at[i]-at[i-20] < time.Second-paceSlack-50*time.Millisecond {
				t.Errorf("elements %d to %d within %s", i-20, i, at[i]-at[i-20])
			}
		}
		if total := at[len(at)-1]; total > 13*time.Second {
			t.Errorf("all took %s", total)
		}
	})
}
