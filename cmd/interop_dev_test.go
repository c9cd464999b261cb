package cmd

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// newDevInterop connects both sides to the server of store dev.
func newDevInterop(t *testing.T) *interop {
	t.Helper()
	server := storetest.RunEmbedded(t)
	node := storetest.RunNode(t, server.URL())
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	t.Cleanup(func() { client.Close() })
	return &interop{url: server.URL(), redis: client, node: node}
}

// TestInteropDev has both sides work on the server that store dev runs: the library finds
// there all it needs.
func TestInteropDev(t *testing.T) {
	t.Parallel()
	i := newDevInterop(t)
	t.Run("values", i.devValues)
	t.Run("claims", i.devClaims)
	t.Run("events", i.devEvents)
	t.Run("streams", i.devStreams)
}

func (i *interop) devValues(t *testing.T) {
	i.clear(t)
	p := hostile()
	i.library(t, p, "kv.set", "k", map[string]any{"a": 1}, options{"ttl": 3600})
	i.prints(t, `{"a":1}`, p, "kv", "get", "k", "-o", "raw")
	i.exits(t, exitDone, p, "kv", "set", "k", `{"b":2}`)
	i.gives(t, `{"b":2}`, p, "kv.get", "k")
	i.gives(t, "1", p, "counter.increment", "c")
	i.prints(t, "2\n", p, "counter", "increment", "c")
	i.gives(t, "3", p, "counter.increment", "c")
	i.library(t, p, "batch.set", []options{{"key": "x", "value": 1}, {"key": "y", "value": 2}})
	i.prints(t, "1\n2\n", p, "batch", "get", "-o", "raw", "x", "y")
	i.gives(t, "true", p, "kv.exists", "x")
	i.library(t, p, "kv.remove", "x")
	i.exits(t, exitNo, p, "kv", "get", "x")
}

func (i *interop) devClaims(t *testing.T) {
	i.clear(t)
	i.gives(t, "true", api(), "claim.once", "job", "theirs", options{"ttl": 3600})
	i.exits(t, exitNo, api(), "claim", "once", "job", "ours")
	i.exits(t, exitDone, api(), "claim", "release", "job", "theirs")
	i.prints(t, "true\n", api(), "-q", "claim", "once", "job", "ours")
	i.gives(t, "false", api(), "claim.once", "job", "theirs", options{"ttl": 3600})
}

func (i *interop) devEvents(t *testing.T) {
	feed, err := i.node.Subscribe(t.Context(), "api", tenant("9").scopes, "user:created")
	if err != nil {
		t.Fatal(err)
	}
	i.exits(t, exitDone, tenant("8"), "pub", "user:created", `"another tenant's"`)
	i.exits(t, exitDone, tenant("9"), "pub", "user:created", `{"id":1}`)
	if got := string(await(t, feed)); !strings.Contains(got, `{"id":1}`) {
		t.Errorf("the library is given %s", got)
	}
	i.library(t, tenant("9"), "events.publish", "user:created", json.RawMessage(`{"id":2}`))
	if got := string(await(t, feed)); !strings.Contains(got, `{"id":2}`) {
		t.Errorf("the library is given %s", got)
	}
}

func (i *interop) devStreams(t *testing.T) {
	i.clear(t)
	i.exits(t, exitDone, api(), "stream", "append", "s", `{"n":1}`)
	i.library(t, api(), "streams.append", "s", json.RawMessage(`{"n":2}`))
	if got := i.library(t, api(), "streams.range", "s"); !strings.Contains(got, `{"n":1}`) || !strings.Contains(got, `{"n":2}`) {
		t.Errorf("the library reads %s", got)
	}
	i.prints(t, `{"n":1}`+"\n"+`{"n":2}`+"\n", api(), "stream", "range", "s", "-o", "raw")
}
