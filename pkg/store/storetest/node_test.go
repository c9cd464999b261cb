package storetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// library makes calls of the npm library for one tenant.
type library struct {
	t    *testing.T
	node *storetest.Node
}

func tenant() [][2]string { return [][2]string{{"organization", "org_1"}} }

// gives makes a call and compares its result with a JSON text.
func (l library) gives(want, call string, args ...any) {
	l.t.Helper()
	got, err := l.node.Call(l.t.Context(), call, "api", tenant(), args...)
	if err != nil || string(got) != want {
		l.t.Errorf("%s gives %s, %v; want %s", call, got, err, want)
	}
}

func withLibrary(t *testing.T) (library, *redis.Client) {
	t.Helper()
	server := storetest.RunRedis(t)
	return library{t, storetest.RunNode(t, server.URL())}, server.Client()
}

func TestNodeCalls(t *testing.T) {
	t.Parallel()
	lib, client := withLibrary(t)
	const prefix = "igniter:store:api:organization:org_1:"

	lib.gives(`null`, "kv.set", "user:1", map[string]int{"a": 1}, map[string]int{"ttl": 30})
	lib.gives(`{"a":1}`, "kv.get", "user:1")
	lib.gives(`true`, "kv.exists", "user:1")
	lib.gives(`null`, "kv.touch", "user:1", 60)
	expect(t, client, prefix+"kv:user:1", `{"a":1}`)
	if ttl := client.TTL(t.Context(), prefix+"kv:user:1").Val(); ttl != time.Minute {
		t.Errorf("the ttl is %v", ttl)
	}
	lib.gives(`null`, "batch.set", []map[string]any{{"key": "x", "value": "<é\u2028>"}})
	lib.gives(`["<é`+"\u2028"+`>",null]`, "batch.get", []string{"x", "y"})
	lib.gives(`1`, "counter.increment", "hits")
	lib.gives(`0`, "counter.decrement", "hits")
	lib.gives(`true`, "claim.once", "job", "me", map[string]int{"ttl": 30})
	lib.gives(`false`, "claim.once", "job", "you")
	expect(t, client, prefix+"claim:job", `"me"`)
	lib.gives(`{"cursor":"0","keys":["`+prefix+`kv:user:1"]}`,
		"dev.scan", "user:*", map[string]int{"count": 100})
	lib.gives(`null`, "kv.remove", "user:1")
	expect(t, client, prefix+"kv:user:1", "")
}

func TestNodeSendsTextAsItIs(t *testing.T) {
	t.Parallel()
	lib, client := withLibrary(t)
	lib.gives(`null`, "kv.set", "n", json.RawMessage("{\"b\":1, \"a\":2, \"b\":1e3}"))
	expect(t, client, "igniter:store:api:organization:org_1:kv:n", `{"b":1000,"a":2}`)
}

func TestNodeStreams(t *testing.T) {
	t.Parallel()
	lib, _ := withLibrary(t)
	lib.gives(`null`, "group.ensure", "workers", "w1", "jobs")
	id, err := lib.node.Call(t.Context(), "streams.append", "api", tenant(), "jobs", "first")
	if err != nil {
		t.Fatal(err)
	}
	entries := `[{"id":` + string(id) + `,"message":"first"}]`
	lib.gives(entries, "streams.range", "jobs")
	lib.gives(entries, "group.read", "workers", "w1", "jobs", map[string]int{"count": 10})
	lib.gives(`null`, "group.ack", "workers", "w1", "jobs", []json.RawMessage{id})
	lib.gives(`[]`, "group.read", "workers", "w1", "jobs")
}

func TestNodeSubscribes(t *testing.T) {
	t.Parallel()
	lib, _ := withLibrary(t)
	feed, err := lib.node.Subscribe(t.Context(), "api", tenant(), "user:created")
	if err != nil {
		t.Fatal(err)
	}
	lib.gives(`null`, "events.publish", "user:created", map[string]string{"id": "1"})
	event := <-feed
	if !strings.HasPrefix(string(event), `{"type":"user:created","data":{"id":"1"},"timestamp":"`) {
		t.Errorf("got %s", event)
	}
	lib.node.Stop()
	if event, open := <-feed; open {
		t.Errorf("got %s after the end", event)
	}
}

func TestNodeStopsWithUnreadMessages(t *testing.T) {
	t.Parallel()
	lib, client := withLibrary(t)
	if _, err := lib.node.Subscribe(t.Context(), "api", nil, "flood"); err != nil {
		t.Fatal(err)
	}
	_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for range 5000 {
			p.Publish(t.Context(), "igniter:store:api:events:flood", "1")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	lib.node.Stop()
}

func TestNodeRaw(t *testing.T) {
	t.Parallel()
	lib, client := withLibrary(t)
	foreign := map[string][]byte{"base64": {0xff, 0x00}}
	lib.gives(`{"base64":"T0s="}`, "raw", "SET", "k", foreign)
	expect(t, client, "k", "\xff\x00")
	lib.gives(`[{"base64":"/wA="},null]`, "raw", "MGET", "k", "missing")
	lib.gives(`1`, "raw", "EXISTS", "k")
}

func TestNodeErrors(t *testing.T) {
	t.Parallel()
	lib, client := withLibrary(t)
	_, err := lib.node.Call(t.Context(), "kv.get", "", nil, "k")
	thrown, ok := errors.AsType[*storetest.NodeError](err)
	if !ok || thrown.Code != "STORE_SERVICE_REQUIRED" || thrown.StatusCode != 500 {
		t.Errorf("got %#v", err)
	}
	client.RPush(t.Context(), "igniter:store:api:kv:list", "x")
	_, err = lib.node.Call(t.Context(), "kv.get", "api", nil, "list")
	if err == nil || !strings.HasPrefix(err.Error(), "ReplyError: WRONGTYPE") {
		t.Errorf("got %v", err)
	}
	_, err = lib.node.Call(t.Context(), "kv.nonsense", "api", nil)
	if err == nil || err.Error() != "Error: unknown call kv.nonsense" {
		t.Errorf("got %v", err)
	}
}

func TestNodeCallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	lib, _ := withLibrary(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := lib.node.Call(ctx, "raw", "", nil, "BLPOP", "empty", "0")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestNodeSaysThatItHasEnded(t *testing.T) {
	t.Parallel()
	lib, _ := withLibrary(t)
	lib.node.Stop()
	_, err := lib.node.Call(t.Context(), "kv.get", "api", nil, "k")
	if err == nil || !strings.HasPrefix(err.Error(), "node has ended") {
		t.Errorf("got %v", err)
	}
}

func TestNodeOnCluster(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 3)
	lib := library{t, storetest.RunNode(t, cluster.URL())}
	lib.gives(`null`, "kv.set", "k", "v")
	expect(t, cluster.Client(), "igniter:store:api:organization:org_1:kv:k", `"v"`)
	lib.gives(`"v"`, "kv.get", "k")
}
