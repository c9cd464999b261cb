package store_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// fill writes keys of several tenants and returns the client.
func fill(t *testing.T, url string, tenants []string, n int) *store.Client {
	t.Helper()
	client := open(t, url)
	for _, tenant := range tenants {
		scope, err := client.Scope("tenant", tenant)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := scope.Batch().Set(t.Context(), rows(n, 1), store.BatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return client
}

// list collects the keys of a scan in order.
func collect(t *testing.T, items iter.Seq2[store.Item, error]) []string {
	t.Helper()
	var all []string
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, item.RedisKey)
	}
	slices.Sort(all)
	return all
}

// TestScanTenants scans tenants whose names are patterns: each must see its own keys
// and nobody else's.
func TestScanTenants(t *testing.T) {
	tenants := []string{"*", "?", "[a-z]", "a", "b", `\`, `\*`, "a:b", "日本", "^", "[", "]", "a\nb"}
	onEachServer(t, func(t *testing.T, url string) {
		client := fill(t, url, tenants, 3)
		for _, tenant := range tenants {
			scope, err := client.Scope("tenant", tenant)
			if err != nil {
				t.Fatal(err)
			}
			for _, pattern := range []string{"", "user:*", "*"} {
				got := collect(t, scope.Scan(t.Context(), store.ScanOptions{Pattern: pattern}))
				var want []string
				for i := range 3 {
					want = append(want, fmt.Sprintf("igniter:store:api:tenant:%s:kv:user:%d", tenant, i))
				}
				if !slices.Equal(got, want) {
					t.Errorf("tenant %q, pattern %q: %q", tenant, pattern, got)
				}
			}
		}
	})
}

func TestScanComplete(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		client := fill(t, url, []string{"a"}, 25000)
		all := collect(t, client.Scan(t.Context(), store.ScanOptions{Recursive: true}))
		if len(all) != 25000 || len(slices.Compact(all)) != 25000 {
			t.Errorf("%d keys", len(all))
		}
		some := collect(t, client.Scan(t.Context(), store.ScanOptions{Recursive: true, Limit: 7}))
		if len(some) != 7 {
			t.Errorf("%d keys, want 7", len(some))
		}
	})
}

func TestScanPages(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		scope, err := fill(t, url, []string{"a"}, 3000).Scope("tenant", "a")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for cursor := "0"; ; {
			page, err := scope.ScanPage(t.Context(), cursor, store.ScanOptions{Count: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Keys {
				seen[item.Key.Key] = true
			}
			if cursor = page.Cursor; cursor == "0" {
				break
			}
		}
		if len(seen) != 3000 {
			t.Errorf("%d keys", len(seen))
		}
	})
}

func TestScanFields(t *testing.T) {
	server := storetest.RunRedis(t)
	list(t, server.Client(), "igniter:store:api:kv:l")
	client := open(t, server.URL())
	if _, err := client.KV().Set(t.Context(), "s", "x", store.SetOptions{TTL: 60e9}); err != nil {
		t.Fatal(err)
	}
	want := store.FieldValue | store.FieldTTL | store.FieldType | store.FieldMemory
	var got []string
	for item, err := range client.Scan(t.Context(), store.ScanOptions{Want: want}) {
		if err != nil || item.TTL == nil || item.Memory == nil || *item.Memory <= 0 {
			t.Fatalf("%+v, %v", item, err)
		}
		got = append(got, fmt.Sprintln(item.Key.Key, item.Type, item.TTL, item.Value != nil, item.Err != nil))
	}
	slices.Sort(got)
	if strings.Join(got, "") != "l list none false true\ns string 60 true false\n" {
		t.Errorf("got %q", got)
	}
}

func TestScanNamespaces(t *testing.T) {
	server := storetest.RunRedis(t)
	for _, key := range []string{
		"igniter:store:api:kv:k", "igniter:store:api:counter:k", "igniter:store:api:org:1:claim:k",
		"igniter:store:api:org:1:team:2:kv:k", "igniter:store:web:kv:k", "igniter:store:api:other:k",
		"igniter:store:apix:kv:k", "igniter:stores:api:kv:k", "foreign",
	} {
		if err := server.Client().Set(t.Context(), key, "1", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	client := open(t, server.URL())
	all := store.KeyNamespaces()
	tests := map[string]store.ScanOptions{
		"igniter:store:api:kv:k":                                     {},
		"igniter:store:api:counter:k igniter:store:api:kv:k":         {Namespaces: all},
		"igniter:store:api:kv:k igniter:store:api:org:1:team:2:kv:k": {Recursive: true},
		"igniter:store:api:org:1:claim:k":                            {Recursive: true, Namespaces: []store.Namespace{"claim"}},
		"igniter:store:api:kv:k igniter:store:api:org:1:team:2:kv:k igniter:store:apix:kv:k " +
			"igniter:store:web:kv:k": {AllServices: true},
	}
	for want, options := range tests {
		if got := strings.Join(collect(t, client.Scan(t.Context(), options)), " "); got != want {
			t.Errorf("%+v: %s, want %s", options, got, want)
		}
	}
}

func TestScanServerGone(t *testing.T) {
	server := storetest.RunRedis(t)
	client := fill(t, server.URL(), []string{"a"}, 20000)
	listed := 0
	var last error
	for _, err := range client.Scan(t.Context(), store.ScanOptions{Recursive: true, Count: 10}) {
		if listed++; listed == 100 {
			server.Kill()
		}
		last = err
	}
	if !errors.Is(last, store.ErrUnreachable) {
		t.Errorf("after %d keys: %v", listed, last)
	}
}

// TestScanServerRestarts starts the server again while a scan waits for its caller. The new
// process has the keys in another order, so the scan must not go on where it was.
func TestScanServerRestarts(t *testing.T) {
	server := storetest.RunRedis(t, storetest.WithAppendOnly())
	client := fill(t, server.URL(), []string{"a"}, 20000)
	listed := map[string]bool{}
	var last error
	for item, err := range client.Scan(t.Context(), store.ScanOptions{Recursive: true, Count: 10}) {
		if last = err; err != nil {
			break
		}
		if listed[item.RedisKey] = true; len(listed) == 100 {
			if err := server.Restart(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last == nil && len(listed) < 20000 {
		t.Errorf("the scan ends without an error, with %d of 20000 keys", len(listed))
	}
}
