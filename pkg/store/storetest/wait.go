package storetest

import (
	"context"
	"fmt"
	"time"
)

// pollInterval is short beside anything a test waits for, and long enough to
// leave the processor to the program waited for.
const pollInterval = 5 * time.Millisecond

// WaitFor calls check until it returns nil. It gives up when limit has passed or
// ctx ends, and then says what check complained about last.
func WaitFor(ctx context.Context, limit time.Duration, check func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("gave up after %v", limit))
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()

	for {
		err := check()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-tick.C:
		}
	}
}
