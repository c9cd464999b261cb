package store_test

import (
	"errors"
	"fmt"
	"reflect"
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

// TestWriteKeepsOrder has the server refuse an MSET, and not know a script: what is done
// after that does not undo the ops that followed.
func TestWriteKeepsOrder(t *testing.T) {
	server := storetest.RunRedis(t)
	err := server.Client().Do(t.Context(), "acl", "setuser", "limited", "on", ">pw", "+@all", "~k*").Err()
	if err != nil {
		t.Fatal(err)
	}
	client := open(t, server.URL(), store.WithCredentials("limited", "pw"))
	set := func(key, value string, ttl time.Duration) store.Op {
		return store.Op{Verb: store.OpSet, Key: key, Value: store.Value(value), TTL: ttl}
	}
	results := client.Adapter().Write(t.Context(), []store.Op{
		set("k1", "1", 0), set("k2", "1", 0), set("foreign", "1", 0),
		set("k2", "2", time.Hour),
		{Verb: store.OpAdd, Key: "k3", By: 4, TTL: time.Hour}, {Verb: store.OpRemove, Key: "k3"},
		{Verb: store.OpAdd, Key: "k4", By: 4, TTL: time.Hour}, {Verb: store.OpAdd, Key: "k4", By: 1},
	})
	for i, refused := range []bool{1: true, 2: true, 7: false} {
		if got := errors.Is(results[i].Err, store.ErrRefused); got != refused || !refused && !results[i].Changed {
			t.Errorf("op %d: %+v, want refused: %t", i, results[i], refused)
		}
	}
	values := server.Client().MGet(t.Context(), "k1", "k2", "k3", "k4").Val()
	if want := []any{"1", "2", nil, "5"}; !reflect.DeepEqual(values, want) {
		t.Errorf("got %v, want %v", values, want)
	}
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
