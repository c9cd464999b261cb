package store_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// TestAdapters holds the adapter for Redis to its own contract on each kind of server.
func TestAdapters(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		storetest.TestAdapter(t, func(t *testing.T) store.Adapter {
			c, err := store.Open(url)
			if err != nil {
				t.Fatal(err)
			}
			return c.Adapter()
		})
	})
	t.Run("embedded", func(t *testing.T) {
		url := storetest.RunEmbedded(t).URL()
		storetest.TestAdapter(t, func(t *testing.T) store.Adapter {
			c, err := store.Open(url)
			if err != nil {
				t.Fatal(err)
			}
			return c.Adapter()
		})
	})
}

// TestNothingLeaks uses everything that has goroutines or connections of its own. After Close
// there are as many of both as before.
func TestNothingLeaks(t *testing.T) {
	server := storetest.RunRedis(t)
	connections := func() int {
		list, err := server.Client().ClientList(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(list, "\n")
	}
	before, goroutines := connections(), runtime.NumGoroutine()
	for range 3 {
		client, err := store.Open(server.URL(), store.WithService("api"))
		if err != nil {
			t.Fatal(err)
		}
		drive(t, client, true)
		held, err := client.Claim().Hold(t.Context(), "job", store.HoldOptions{
			Owner: store.Value(`"me"`), Unique: true, TTL: time.Minute,
		})
		if err != nil || held == nil {
			t.Fatal(held, err)
		}
		if _, err := held.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
	}
	err := storetest.WaitFor(t.Context(), 10*time.Second, func() error {
		if c, g := connections(), runtime.NumGoroutine(); c > before || g > goroutines {
			return fmt.Errorf("%d connections, %d before; %d goroutines, %d before",
				c, before, g, goroutines)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
