package store_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// slowServer holds keys and takes its time for every page.
type slowServer struct {
	store.Adapter
	keys          int
	latency, each time.Duration
	counts        []int // what the pages were asked for
}

func (s *slowServer) Scan(ctx context.Context, r store.PageRequest) (store.Page, error) {
	s.counts = append(s.counts, r.Count)
	time.Sleep(s.latency + time.Duration(r.Count)*s.each)
	from, _ := strconv.Atoi(r.Cursor)
	page := store.Page{Cursor: "0"}
	for i := from; i < min(from+r.Count, s.keys); i++ {
		page.Keys = append(page.Keys, fmt.Sprint("igniter:store:api:kv:", i))
	}
	if from+r.Count < s.keys {
		page.Cursor = strconv.Itoa(from + r.Count)
	}
	return page, nil
}

func (s *slowServer) Close() error { return nil }

// scan lists all keys and returns how long that took, by the clock of the test.
func (s *slowServer) scan(t *testing.T, o store.ScanOptions) time.Duration {
	t.Helper()
	client := open(t, "memory://", store.WithAdapter(s))
	began := time.Now()
	if got := len(collect(t, client.Scan(t.Context(), o))); got != s.keys {
		t.Errorf("listed %d keys, want %d", got, s.keys)
	}
	return time.Since(began)
}

// TestScanAdapts asks servers of different speed: pages are as large as they may be, and
// a long way to the server is not taken for a slow server.
func TestScanAdapts(t *testing.T) {
	for _, test := range []struct {
		name          string
		latency, each time.Duration
		count         int
		least, most   int // of the last whole page
	}{
		{"quick", 100 * time.Microsecond, time.Microsecond, 0, 2500, 2500},
		{"far away", 80 * time.Millisecond, time.Microsecond, 0, 2500, 2500},
		{"slow", 100 * time.Microsecond, 10 * time.Microsecond, 0, 300, 600},
		{"slow and far away", 80 * time.Millisecond, 10 * time.Microsecond, 0, 300, 600},
		{"as told", 100 * time.Microsecond, 10 * time.Microsecond, 2000, 2000, 2000},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowServer{keys: 20_000, latency: test.latency, each: test.each}
				s.scan(t, store.ScanOptions{Count: test.count})
				if got := s.counts[len(s.counts)-1]; got < test.least || got > test.most {
					t.Errorf("the last page has %d keys, want %d to %d; %v",
						got, test.least, test.most, s.counts)
				}
			})
		})
	}
}

// TestScanMaxRate keeps a rate, whatever the page size.
func TestScanMaxRate(t *testing.T) {
	for _, count := range []int{0, 250} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowServer{keys: 10_000, latency: time.Millisecond}
			took := s.scan(t, store.ScanOptions{Count: count, MaxRate: 1000})
			if took < 9*time.Second || took > 10*time.Second {
				t.Errorf("pages of %d took %v", count, took)
			}
		})
	}
}

// TestScanMaxRateEnds ends a scan that waits for its turn.
func TestScanMaxRateEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowServer{keys: 10_000}
		client := open(t, "memory://", store.WithAdapter(s))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var last error
		for _, err := range client.Scan(ctx, store.ScanOptions{Count: 1000, MaxRate: 1}) {
			last = err
		}
		if last == nil || len(s.counts) != 1 {
			t.Errorf("%d pages, %v", len(s.counts), last)
		}
	})
}
