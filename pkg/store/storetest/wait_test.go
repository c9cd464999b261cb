package storetest_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestWaitForTriesAgain(t *testing.T) {
	t.Parallel()
	tries := 0
	err := storetest.WaitFor(t.Context(), time.Minute, func() error {
		if tries++; tries < 3 {
			return io.EOF
		}
		return nil
	})
	if err != nil || tries != 3 {
		t.Errorf("got %v after %d tries", err, tries)
	}
}

func TestWaitForSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	err := storetest.WaitFor(t.Context(), time.Millisecond, func() error { return io.EOF })
	if want := "gave up after 1ms: EOF"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = storetest.WaitFor(ctx, time.Minute, func() error { return io.EOF })
	if !errors.Is(err, context.Canceled) || !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}
