package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// TestClusterScanWhileSlotsMove moves slots there and back while keys are listed, and one
// slot that stays open all the time: every key is listed, once.
func TestClusterScanWhileSlotsMove(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 3)
	client := open(t, cluster.URL())
	const n = 3000
	rows := func(yield func(store.Row, error) bool) {
		for i := range n {
			if !yield(store.Row{Key: fmt.Sprint(i), Value: store.Value("1")}, nil) {
				return
			}
		}
	}
	if _, err := client.Batch().Set(t.Context(), rows, store.BatchOptions{}); err != nil {
		t.Fatal(err)
	}
	ends := []*storetest.Server{cluster.Servers[0], cluster.Servers[2]}
	move := func(first, past int) {
		t.Helper()
		for slot := first; slot < past; slot++ {
			if err := cluster.MoveSlot(t.Context(), slot, ends[0], ends[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name string
		at   map[int]func()
	}{
		{"at rest", nil},
		{"forth", map[int]func(){500: func() { move(0, 100) }}},
		{"back, in two parts", map[int]func(){
			100:  func() { slices.Reverse(ends); move(0, 50) },
			2500: func() { move(50, 100) },
		}},
		{"half way", map[int]func(){500: func() {
			slices.Reverse(ends)
			for slot := range 50 {
				err := cluster.OpenSlot(t.Context(), slot, ends[0], ends[1])
				if err == nil {
					err = cluster.MoveKeys(t.Context(), slot, ends[0], ends[1])
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}}},
		{"stuck half way", nil},
	} {
		listed := map[string]int{}
		count := 0
		for item, err := range client.Scan(t.Context(), store.ScanOptions{Count: 10}) {
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			listed[item.Key.Key]++
			if count++; test.at[count] != nil {
				test.at[count]()
			}
		}
		if len(listed) != n || count != n {
			t.Errorf("%s: %d keys were listed, %d of them different, want %d", test.name, count, len(listed), n)
		}
	}
}

// TestClusterScanHole lets a primary die that nobody replaces. What it held is not left out
// in silence.
func TestClusterScanHole(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 3)
	client := open(t, cluster.URL(), store.WithTimeout(time.Second))
	for i := range 100 {
		if _, err := client.KV().Set(t.Context(), fmt.Sprint(i), 1, store.SetOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	var last error
	listed := 0
	for _, err := range client.Scan(t.Context(), store.ScanOptions{Count: 1}) {
		if last = err; err != nil {
			break
		}
		if listed++; listed == 5 {
			cluster.Servers[1].Kill()
		}
	}
	if !errors.Is(last, store.ErrUnreachable) {
		t.Errorf("%d keys were listed, then %v", listed, last)
	}
}
