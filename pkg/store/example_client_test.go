package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

func ExampleOpen() {
	ctx := context.Background()
	client, err := store.Open("memory://", store.WithService("shop"),
		store.WithScopes(store.ScopeDefinition{Key: "tenant", Required: true}))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	_, err = client.KV().Get(ctx, "user:1") // of no tenant
	fmt.Println(errors.Is(err, store.CodeScopeInvalid))
	acme, err := client.Scope("tenant", "acme")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(acme.RedisKey(store.NamespaceKV, "user:1"))
	// Output:
	// true
	// igniter:store:shop:tenant:acme:kv:user:1 <nil>
}

func ExampleClient_Actor() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	support, err := client.Actor("user", "7")
	if err != nil {
		log.Fatal(err)
	}
	o := store.SubscribeOptions{Channels: []string{"order:*"}}
	for n, err := range client.Events().Subscribe(ctx, o) {
		switch {
		case err != nil:
			log.Fatal(err)
		case n.Subscribed != nil:
			_, err := support.Events().Publish(ctx, "order:paid", 1, store.PublishOptions{})
			fmt.Println(err)
		case n.Event != nil:
			fmt.Println(n.Event.Channel, string(n.Event.Actor))
			return
		}
	}
	// Output:
	// <nil>
	// order:paid {"key":"user","identifier":"7"}
}

// hits counts the entries that were found, and those that were not.
type hits struct {
	mu            sync.Mutex
	found, missed int
}

func (h *hits) Emit(_ context.Context, name string, _ slog.Level, attrs ...slog.Attr) {
	if name != "igniter.store.kv.get.success" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range attrs {
		switch {
		case a.Key == "ctx.kv.found" && a.Value.Bool():
			h.found++
		case a.Key == "ctx.kv.found":
			h.missed++
		}
	}
}

func ExampleTelemetry() {
	var h hits
	ctx := context.Background()
	client, err := store.Open("memory://", store.WithService("shop"), store.WithTelemetry(&h))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.KV().Set(ctx, "user:1", "Ada", store.SetOptions{}); err != nil {
		log.Fatal(err)
	}
	for _, key := range []string{"user:1", "user:2", "user:3"} {
		if _, err := client.KV().Get(ctx, key); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(h.found, "found,", h.missed, "missed")
	// Output: 1 found, 2 missed
}

func ExampleTelemetryLines() {
	now := func() time.Time { return time.Date(2026, 11, 23, 1, 20, 5, 696e6, time.UTC) }
	lines := store.NewTelemetryLines(os.Stdout, now)
	client, err := store.Open("memory://", store.WithService("shop"), store.WithTelemetry(lines))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.KV().Exists(context.Background(), "user:1"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(lines.Err())
	// Output:
	// {"time":"2026-11-23T01:20:05.696Z","level":"debug","name":"igniter.store.kv.exists.started","attributes":{"ctx.store.service":"shop","ctx.store.namespace":"kv"}}
	// {"time":"2026-11-23T01:20:05.696Z","level":"debug","name":"igniter.store.kv.exists.success","attributes":{"ctx.store.service":"shop","ctx.store.namespace":"kv","ctx.kv.existed":false}}
	// <nil>
}

// auditing is an adapter around another that tells of each write. Embedding the interface
// alone leaves events and streams out; they are of EventAdapter and StreamAdapter.
type auditing struct{ store.Adapter }

func (a auditing) Write(ctx context.Context, ops []store.Op) []store.Result {
	results := a.Adapter.Write(ctx, ops)
	for i, op := range ops {
		fmt.Println("wrote", op.Key, results[i].Changed, results[i].Err)
	}
	return results
}

func ExampleWithAdapter() {
	ctx := context.Background()
	inner, err := store.Open("memory://")
	if err != nil {
		log.Fatal(err)
	}
	client, err := store.Open("", store.WithService("shop"),
		store.WithAdapter(auditing{inner.Adapter()}))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close() // and with it the adapter
	change, err := client.KV().Set(ctx, "user:1", "Ada", store.SetOptions{})
	fmt.Println(change.Changed, err)
	entry, err := client.KV().Get(ctx, "user:1")
	fmt.Println(entry.Value, err)
	// Output:
	// wrote igniter:store:shop:kv:user:1 true <nil>
	// true <nil>
	// "Ada" <nil>
}

func ExampleEventType() {
	type user struct{ Name string }
	registry, err := eventschema.Define(map[string]string{
		"user:created": `{"type": "object", "required": ["Name"]}`,
	})
	if err != nil {
		log.Fatal(err)
	}
	created := store.EventType[user]{Name: "user:created", Schema: registry}
	ctx, client := context.Background(), tenant()
	defer client.Close()
	for n, err := range created.Subscribe(ctx, client.Events(), store.SubscribeOptions{}) {
		switch {
		case err != nil:
			log.Fatal(err)
		case n.Subscribed != nil:
			p, err := created.Publish(ctx, client.Events(), user{"Ada"}, store.PublishOptions{})
			fmt.Println(p.Receivers, err)
		case n.Event != nil:
			fmt.Println(n.Data.Name, n.Err)
			return
		}
	}
	// Output:
	// 1 <nil>
	// Ada <nil>
}

func ExampleError() {
	client, err := store.Open("memory://", store.WithService("shop"), store.WithReadOnly())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	_, err = client.KV().Set(context.Background(), "user:1", "Ada", store.SetOptions{})
	switch {
	case errors.Is(err, store.ErrOutcomeUnknown):
		fmt.Println("look at the key before trying again")
	case errors.Is(err, store.ErrUnreachable), errors.Is(err, store.ErrRefused):
		fmt.Println("nothing was changed")
	case errors.Is(err, store.CodeReadOnly):
		fmt.Println("a mistake of ours")
	}
	if e, ok := errors.AsType[*store.Error](err); ok {
		fmt.Println(e.Kind, e.Code, e.Op, e.Key)
	}
	// Output:
	// a mistake of ours
	// invalid request STORE_READ_ONLY kv set user:1
}

func ExampleParseKey() {
	chain := []store.Scope{{Key: "tenant", Identifier: "acme"}}
	redisKey := store.BuildKey(store.DefaultPrefix, "shop", chain, store.NamespaceKV, "user:1")
	fmt.Println(redisKey)
	key, ok := store.ParseKey(redisKey, store.DefaultPrefix, "shop", nil)
	fmt.Println(key.Scopes, key.Namespace, key.Key, ok)
	_, ok = store.ParseKey(redisKey, store.DefaultPrefix, "billing", nil)
	fmt.Println(ok)
	// Output:
	// igniter:store:shop:tenant:acme:kv:user:1
	// [tenant=acme] kv user:1 true
	// false
}

func ExampleBatch_Get() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	rows := store.ReadRows(strings.NewReader(`{"key":"a","value":1}`))
	if _, err := client.Batch().Set(ctx, rows, store.BatchOptions{TTL: time.Hour}); err != nil {
		log.Fatal(err)
	}
	for entry, err := range client.Batch().Get(ctx, store.Keys("a", "b")) {
		if err != nil {
			log.Fatal(err) // the batch has ended; entry.Err is about one key
		}
		fmt.Println(entry.Key, entry.Found, entry.Value, entry.Err)
	}
	// Output:
	// a true 1 <nil>
	// b false  <nil>
}

func ExampleStreams_Tail() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	streams := client.Streams()
	for n := range 3 {
		if _, err := streams.Append(ctx, "jobs", n, store.AppendOptions{}); err != nil {
			log.Fatal(err)
		}
	}
	for m, err := range streams.Tail(ctx, []string{"jobs"}, store.TailOptions{Last: 2}) {
		fmt.Println(m.Message, err) // with Follow it would wait for more
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}
