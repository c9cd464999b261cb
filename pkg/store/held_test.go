package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeServer is an adapter without a network, for tests in which time is not real.
type fakeServer struct {
	mu      sync.Mutex
	values  map[string]Value
	expires map[string]time.Time
	numbers map[string]int64
	down    bool
	extends int
}

func newFakeServer() *fakeServer {
	return &fakeServer{
		values: map[string]Value{}, expires: map[string]time.Time{}, numbers: map[string]int64{},
	}
}

func (f *fakeServer) set(down bool, owner string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
	for key := range f.values {
		f.values[key] = Value(owner)
	}
}

func (f *fakeServer) renewals() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.extends
}

func (f *fakeServer) forget(key string) {
	if !f.expires[key].IsZero() && !time.Now().Before(f.expires[key]) {
		delete(f.values, key)
	}
}

func (f *fakeServer) Read(_ context.Context, keys []string, _ Fields) ([]Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, &Error{Kind: ErrUnreachable}
	}
	records := make([]Record, len(keys))
	for i, key := range keys {
		f.forget(key)
		value, found := f.values[key]
		records[i] = Record{Found: found, Value: value, TTL: TTL(time.Until(f.expires[key]))}
	}
	return records, nil
}

func (f *fakeServer) Write(_ context.Context, ops []Op) []Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return []Result{{Err: &Error{Kind: ErrOutcomeUnknown}}}
	}
	op := ops[0]
	f.forget(op.Key)
	held, found := f.values[op.Key]
	switch {
	case op.Verb == OpAdd:
		f.numbers[op.Key] += op.By
		return []Result{{Number: f.numbers[op.Key]}}
	case op.Verb == OpSet && found && (op.Condition == IfAbsent || string(held) != string(op.Value)):
		return []Result{{}}
	case op.Verb != OpSet && string(held) != string(op.Old):
		return []Result{{}}
	case op.Verb == OpRemove:
		delete(f.values, op.Key)
		return []Result{{Changed: true}}
	case op.Verb == OpExpire:
		f.extends++
	default:
		f.values[op.Key] = op.Value
	}
	f.expires[op.Key] = time.Now().Add(op.TTL)
	return []Result{{Changed: true}}
}

func (*fakeServer) Scan(context.Context, PageRequest) (Page, error) { return Page{}, nil }
func (*fakeServer) Close() error                                    { return nil }

// holding runs a test in which a claim with a TTL of 30 s and a margin of 5 s is held.
func holding(t *testing.T, test func(t *testing.T, server *fakeServer, h *Held)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := newFakeServer()
		client, err := Open("", WithAdapter(server), WithService("api"))
		if err != nil {
			t.Fatal(err)
		}
		h, err := client.Claim().Hold(t.Context(), "job", HoldOptions{
			Owner: Value(`"me"`), TTL: 30 * time.Second, Margin: 5 * time.Second,
		})
		if err != nil || h == nil {
			t.Fatalf("%v, %v", h, err)
		}
		test(t, server, h)
		if _, err := h.Release(t.Context()); err != nil && !server.down {
			t.Error(err)
		}
	})
}

// lost waits until the claim is lost and returns after how long, and why.
func lost(t *testing.T, h *Held) (time.Duration, string) {
	t.Helper()
	start := time.Now()
	<-h.Context().Done()
	cause := context.Cause(h.Context())
	if !errors.Is(cause, CodeClaimLost) {
		t.Errorf("the cause is %v", cause)
	}
	return time.Since(start), cause.Error()
}

func TestHeldRenews(t *testing.T) {
	holding(t, func(t *testing.T, server *fakeServer, h *Held) {
		time.Sleep(301 * time.Second)
		// Taking the claim renews it once, to make sure of the fence.
		if n := server.renewals(); n != 1+30 {
			t.Errorf("%d renewals in 301 s, want one every 10 s", n-1)
		}
		if err := context.Cause(h.Context()); err != nil || h.Fence != 1 {
			t.Errorf("fence %d, %v", h.Fence, err)
		}
	})
}

func TestHeldReleases(t *testing.T) {
	holding(t, func(t *testing.T, server *fakeServer, h *Held) {
		ours, err := h.Release(t.Context())
		if !ours || err != nil || len(server.values) != 0 {
			t.Errorf("%v, %v, %v", ours, err, server.values)
		}
		if cause := context.Cause(h.Context()); cause != context.Canceled {
			t.Errorf("the cause is %v", cause)
		}
	})
}

func TestHeldTakenOver(t *testing.T) {
	holding(t, func(t *testing.T, server *fakeServer, h *Held) {
		server.set(false, `"thief"`)
		after, why := lost(t, h)
		if after != 10*time.Second || !strings.Contains(why, "taken over by thief") {
			t.Errorf("after %s: %s", after, why)
		}
	})
}

// TestHeldUnreachable takes the server away: the claim counts as lost a margin before
// it runs out, counted from before the last successful renewal was sent.
func TestHeldUnreachable(t *testing.T) {
	holding(t, func(t *testing.T, server *fakeServer, h *Held) {
		time.Sleep(15 * time.Second) // the last renewal was at 10 s
		server.set(true, `"me"`)
		after, why := lost(t, h)
		if after != 20*time.Second || !strings.Contains(why, "could not be renewed") {
			t.Errorf("after %s: %s", after, why)
		}
	})
}

func TestHeldSurvivesOutage(t *testing.T) {
	holding(t, func(t *testing.T, server *fakeServer, h *Held) {
		server.set(true, `"me"`)
		time.Sleep(20 * time.Second)
		server.set(false, `"me"`)
		time.Sleep(time.Hour)
		if cause := context.Cause(h.Context()); cause != nil {
			t.Errorf("lost: %v", cause)
		}
	})
}

// TestHeldClockJumps sets the clock on the wall forward, as it is after the machine
// slept: the claim may have run out meanwhile, so it is lost within a second. Setting
// it back does no harm.
func TestHeldClockJumps(t *testing.T) {
	for name, jump := range map[string]time.Duration{"forward": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			holding(t, func(t *testing.T, _ *fakeServer, h *Held) {
				h.mu.Lock()
				h.onWall = h.onWall.Add(-jump)
				h.mu.Unlock()
				if jump < 0 {
					time.Sleep(time.Minute)
					if cause := context.Cause(h.Context()); cause != nil {
						t.Errorf("lost: %v", cause)
					}
					return
				}
				if after, _ := lost(t, h); after > time.Second {
					t.Errorf("noticed after %s", after)
				}
			})
		})
	}
}

func TestHoldBusy(t *testing.T) {
	holding(t, func(t *testing.T, server *fakeServer, h *Held) {
		other := HoldOptions{Owner: Value(`"other"`), TTL: 30 * time.Second, Wait: time.Minute}
		start := time.Now()
		second, err := h.claim.Hold(t.Context(), "job", other)
		if waited := time.Since(start); second != nil || err != nil || waited != time.Minute {
			t.Errorf("%v, %v after %s", second, err, waited)
		}
		if _, err := h.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		second, err = h.claim.Hold(t.Context(), "job", other)
		if err != nil || second == nil || second.Fence != 2 {
			t.Fatalf("%+v, %v", second, err)
		}
		if _, err := second.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestHoldRefuses(t *testing.T) {
	client, err := Open("", WithAdapter(newFakeServer()), WithService("api"))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []HoldOptions{
		{TTL: 0},
		{TTL: 500 * time.Millisecond},
		{TTL: 30 * time.Second, Margin: 20 * time.Second},
		{TTL: 30 * time.Second, Margin: -1},
	} {
		if _, err := client.Claim().Hold(t.Context(), "job", o); !errors.Is(err, CodeTTLInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
