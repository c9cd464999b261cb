package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// open opens a client of the service api that is closed with the test.
func open(t *testing.T, url string, opts ...store.Option) *store.Client {
	t.Helper()
	client, err := store.Open(url, append([]store.Option{store.WithService("api")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// onEachServer runs a test against the embedded server, a real one, and a cluster.
// They are empty; the cluster is the same for all tests.
func onEachServer(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("memory", func(t *testing.T) { test(t, "memory://") })
	t.Run("real", func(t *testing.T) { test(t, storetest.RunRedis(t).URL()) })
	t.Run("cluster", func(t *testing.T) { test(t, emptyCluster(t)) })
}

// cluster is started by the first test that needs it and stopped by TestMain.
var cluster = sync.OnceValues(func() (*storetest.Cluster, error) {
	return storetest.StartCluster(3)
})

// emptyCluster returns the URL of the cluster without data.
func emptyCluster(t *testing.T) string {
	t.Helper()
	storetest.Require(t, "redis-server")
	c, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	err = c.Client().ForEachMaster(t.Context(), func(ctx context.Context, primary *redis.Client) error {
		return primary.FlushAll(ctx).Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.URL()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if _, found := storetest.Find("redis-server"); found {
		if c, err := cluster(); err == nil {
			c.Stop()
		}
	}
	os.Exit(code)
}

func TestKV(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		kv := open(t, url).KV()
		missing(t, kv, "user:1")
		set(t, kv, store.SetOptions{}, true)
		set(t, kv, store.SetOptions{Condition: store.IfAbsent}, false)
		set(t, kv, store.SetOptions{Condition: store.IfPresent, TTL: time.Hour}, true)
		ttl(t, kv, 3600)
		set(t, kv, store.SetOptions{KeepTTL: true}, true)
		ttl(t, kv, 3600)
		changed(t, true)(kv.Persist(t.Context(), "user:1"))
		changed(t, false)(kv.Persist(t.Context(), "user:1"))
		ttl(t, kv, -1)
		changed(t, true)(kv.Expire(t.Context(), "user:1", time.Minute))
		ttl(t, kv, 60)
		set(t, kv, store.SetOptions{}, true)
		ttl(t, kv, -1)
		changed(t, false)(kv.Touch(t.Context(), "user:2", time.Minute))
		removed, err := kv.Remove(t.Context(), "user:1", "user:2")
		if err != nil || !removed[0].Changed || removed[1].Changed {
			t.Errorf("removed %+v, %v", removed, err)
		}
		missing(t, kv, "user:1")
	})
}

func missing(t *testing.T, kv store.KV, key string) {
	t.Helper()
	entry, err := kv.GetWithTTL(t.Context(), key)
	exists, existsErr := kv.Exists(t.Context(), key)
	if entry.Found || entry.TTL != nil || exists || err != nil || existsErr != nil {
		t.Errorf("%q: %+v, %v, %v, %v", key, entry, exists, err, existsErr)
	}
}

func set(t *testing.T, kv store.KV, o store.SetOptions, want bool) {
	t.Helper()
	changed(t, want)(kv.Set(t.Context(), "user:1", map[string]int{"a": 1}, o))
}

func changed(t *testing.T, want bool) func(store.Change, error) {
	return func(c store.Change, err error) {
		t.Helper()
		if err != nil || c.Changed != want {
			t.Errorf("got %+v, %v, want changed %v", c, err, want)
		}
	}
}

func ttl(t *testing.T, kv store.KV, want int64) {
	t.Helper()
	entry, err := kv.GetWithTTL(t.Context(), "user:1")
	if err != nil || string(entry.Value) != `{"a":1}` || entry.TTL.Seconds() != want {
		t.Errorf("got %s %v, %v, want TTL %d", entry.Value, entry.TTL, err, want)
	}
}

func TestKVReplace(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		kv := open(t, url).KV()
		set(t, kv, store.SetOptions{TTL: time.Hour}, true)
		old := store.Value(`{"a":1}`)
		if err := kv.Replace(t.Context(), "user:1", store.Value("other"), 1); !errors.Is(err, store.CodeConflict) {
			t.Errorf("replacing another value: %v", err)
		}
		if err := kv.Replace(t.Context(), "user:1", old, store.Value("2")); err != nil {
			t.Fatal(err)
		}
		entry, err := kv.GetWithTTL(t.Context(), "user:1")
		if err != nil || string(entry.Value) != "2" || entry.TTL.Seconds() != 3600 {
			t.Errorf("got %s %v, %v", entry.Value, entry.TTL, err)
		}
		if err := kv.Replace(t.Context(), "gone", old, 1); !errors.Is(err, store.CodeConflict) {
			t.Errorf("replacing a missing key: %v", err)
		}
	})
}

func TestExpiry(t *testing.T) {
	kv := open(t, "memory://").KV()
	set(t, kv, store.SetOptions{TTL: time.Second}, true)
	err := storetest.WaitFor(t.Context(), 5*time.Second, func() error {
		if entry, err := kv.Get(t.Context(), "user:1"); entry.Found || err != nil {
			return fmt.Errorf("still there: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	definitions := store.WithScopes(store.ScopeDefinition{Key: "org", Required: true})
	noService, err := store.Open("memory://")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[store.Code]func() error{
		store.CodeServiceRequired: func() error {
			_, err := noService.KV().Get(t.Context(), "k")
			return err
		},
		store.CodeScopeInvalid: func() error {
			_, err := open(t, "memory://", definitions).KV().Get(t.Context(), "k")
			return err
		},
		store.CodeInvalidScopeKey: func() error {
			_, err := open(t, "memory://", definitions).Scope("team", "1")
			return err
		},
		store.CodeScopeKeyRequired: func() error {
			_, err := open(t, "memory://").Scope("", "1")
			return err
		},
		store.CodeScopeIDRequired: func() error {
			_, err := open(t, "memory://").Scope("org", "")
			return err
		},
		store.CodeTTLInvalid: func() error {
			_, err := open(t, "memory://").KV().Set(t.Context(), "k", 1, store.SetOptions{TTL: -1})
			return err
		},
		store.CodeReadOnly: func() error {
			_, err := open(t, "memory://", store.WithReadOnly()).KV().Remove(t.Context(), "k")
			return err
		},
		store.CodeSerializationFailed: func() error {
			_, err := open(t, "memory://").KV().Set(t.Context(), "k", func() {}, store.SetOptions{})
			return err
		},
		store.CodeKeyRequired: func() error {
			_, err := open(t, "memory://").KV().Remove(t.Context())
			return err
		},
	}
	for code, act := range tests {
		if err := act(); !errors.Is(err, code) || !errors.Is(err, store.ErrInvalid) {
			t.Errorf("want %s, got %v", code, err)
		}
	}
}

// TestHugeValue gives a value that a server would answer by dropping the connection.
func TestHugeValue(t *testing.T) {
	huge := make(store.Value, store.MaxValueSize+1)
	_, err := open(t, "redis://127.0.0.1:1").KV().Set(t.Context(), "k", huge, store.SetOptions{})
	if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), "536870913 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestWrongType(t *testing.T) {
	server := storetest.RunRedis(t)
	list(t, server.Client(), "igniter:store:api:kv:l")
	client := open(t, server.URL())
	for _, read := range []func() error{
		func() error { _, err := client.KV().Get(t.Context(), "l"); return err },
		func() error { _, err := client.KV().GetWithTTL(t.Context(), "l"); return err },
	} {
		if err := read(); !errors.Is(err, store.CodeGetFailed) || !errors.Is(err, store.ErrRefused) {
			t.Errorf("got %v", err)
		}
	}
	if entry, err := client.KV().TTL(t.Context(), "l"); err != nil || !entry.Found {
		t.Errorf("TTL of a list: %+v, %v", entry, err)
	}
}

func list(t *testing.T, server *redis.Client, key string) {
	t.Helper()
	if err := server.RPush(t.Context(), key, "x").Err(); err != nil {
		t.Fatal(err)
	}
}

// TestConnectionFailures goes through what can be wrong with a server. The reads
// must end within the timeout whatever happens.
func TestConnectionFailures(t *testing.T) {
	server := storetest.RunRedis(t, storetest.WithPassword("canary"))
	proxy := storetest.RunProxy(t, server.Addr)
	hole := storetest.RunProxy(t, server.Addr)
	hole.BlackHole()
	urls := map[string]string{
		"no password":    proxy.URL(),
		"wrong password": "redis://:canary2@" + proxy.Addr,
		"nobody there":   "redis://127.0.0.1:1",
		"unknown host":   "redis://host.invalid",
		"silence":        hole.URL(),
		"no TLS there":   "rediss://" + proxy.Addr,
		"no socket":      "unix:///nowhere/redis.sock",
	}
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			client := open(t, url, store.WithTimeout(300*time.Millisecond))
			_, read := client.KV().Get(t.Context(), "k")
			_, write := client.KV().Set(t.Context(), "k", 1, store.SetOptions{})
			for _, err := range []error{read, write} {
				if !errors.Is(err, store.ErrUnreachable) || strings.Contains(err.Error(), "canary") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestLostReply(t *testing.T) {
	server := storetest.RunRedis(t)
	proxy := storetest.RunProxy(t, server.Addr)
	client := open(t, proxy.URL())
	proxy.LoseReplyTo("set")
	_, err := client.KV().Set(t.Context(), "k", 1, store.SetOptions{})
	if !errors.Is(err, store.ErrOutcomeUnknown) || !errors.Is(err, store.CodeOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	if n := calls(t, server.Client(), "set"); n != "1" {
		t.Errorf("SET was sent %s times", n)
	}
}

// calls returns how often the server ran a command.
func calls(t *testing.T, server *redis.Client, command string) string {
	t.Helper()
	stats, err := server.Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(stats, "cmdstat_"+command+":calls=")
	n, _, _ := strings.Cut(rest, ",")
	return n
}

func TestCancelledRead(t *testing.T) {
	server := storetest.RunRedis(t)
	proxy := storetest.RunProxy(t, server.Addr)
	client := open(t, proxy.URL(), store.WithTimeout(time.Minute))
	missing(t, client.KV(), "k")
	proxy.BlackHole()
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error)
	go func() {
		_, err := client.KV().Get(ctx, "k")
		answered <- err
	}()
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestScopesAreCopies(t *testing.T) {
	client := open(t, "memory://")
	a, err := client.Scope("org", "a")
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Scope("team", "b")
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Scope("team", "c")
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Scope{{Key: "org", Identifier: "a"}, {Key: "team", Identifier: "b"}}
	if !slices.Equal(b.Scopes(), want) || len(a.Scopes()) != 1 || c.Scopes()[1].Identifier != "c" {
		t.Errorf("a %v, b %v, c %v", a.Scopes(), b.Scopes(), c.Scopes())
	}
}

// TestNilOptions refuses what would end the program at its first use.
func TestNilOptions(t *testing.T) {
	for name, o := range map[string]store.Option{
		"logger": store.WithLogger(nil), "serializer": store.WithSerializer(nil),
		"telemetry": store.WithTelemetry(nil),
	} {
		if _, err := store.Open("memory://", o); !errors.Is(err, store.CodeConfigurationInvalid) {
			t.Errorf("nil %s: got %v", name, err)
		}
	}
}
