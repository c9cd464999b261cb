package store_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"strings"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// tenant opens a store on an embedded server and returns the client of one tenant.
func tenant() *store.Client {
	client, err := store.Open("memory://", store.WithService("shop"))
	if err != nil {
		log.Fatal(err)
	}
	acme, err := client.Scope("tenant", "acme")
	if err != nil {
		log.Fatal(err)
	}
	return acme
}

func ExampleKV() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	kv := client.KV()
	user := map[string]string{"name": "Ada"}
	if _, err := kv.Set(ctx, "user:1", user, store.SetOptions{TTL: time.Hour}); err != nil {
		log.Fatal(err)
	}
	entry, err := kv.GetWithTTL(ctx, "user:1")
	fmt.Println(string(entry.Value), entry.TTL, err)
	entry, err = kv.Get(ctx, "user:2")
	fmt.Println(entry.Found, err)
	// Output:
	// {"name":"Ada"} 3600 <nil>
	// false <nil>
}

func ExampleBatch() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	input := strings.NewReader(`{"key":"user:1","value":{"name":"Ada"},"ttl":"1h"}
nonsense
{"key":"user:2","value":{"name":"Grace"}}`)
	report, err := client.Batch().Set(ctx, store.ReadRows(input), store.BatchOptions{
		OnError: func(e store.RowError) { fmt.Printf("line %d: %v\n", e.Line, e) },
	})
	fmt.Printf("%+v %v\n", report, err)
	// Output:
	// line 2: the line is not valid JSON (byte 1)
	// {Written:2 Unchanged:0 Failed:1 Unknown:0} <nil>
}

func ExampleClient_Scan() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	for _, key := range []string{"user:1", "user:2", "cart:1"} {
		if _, err := client.KV().Set(ctx, key, 1, store.SetOptions{}); err != nil {
			log.Fatal(err)
		}
	}
	var keys []string
	for item, err := range client.Scan(ctx, store.ScanOptions{Pattern: "user:*"}) {
		if err != nil {
			log.Fatal(err)
		}
		keys = append(keys, item.Key.Key)
	}
	slices.Sort(keys)
	fmt.Println(keys)
	// Output: [user:1 user:2]
}

func ExampleCounter() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	for range 3 {
		// A rate limit: the TTL is set with the first request of a minute.
		n, err := client.Counter().Increment(ctx, "requests", 1, time.Minute)
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
}

func ExampleClaim() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	claim := client.Claim()
	for _, owner := range []store.Value{store.Value(`"w1"`), store.Value(`"w2"`)} {
		taken, err := claim.Once(ctx, "nightly", owner, time.Minute)
		fmt.Println(taken, err)
	}
	released, err := claim.Release(ctx, "nightly", store.Value(`"w2"`))
	fmt.Println(released, err)
	// Output:
	// true <nil>
	// false <nil>
	// false <nil>
}

func ExampleClaim_Hold() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	held, err := client.Claim().Hold(ctx, "nightly", store.HoldOptions{
		Owner: store.Value(`"worker-1"`), TTL: 30 * time.Second, Wait: time.Minute,
	})
	if err != nil || held == nil {
		log.Fatal("not to be had: ", err)
	}
	// Work under held.Context(): it ends when the claim is lost.
	fmt.Println(held.Fence, held.Context().Err())
	released, err := held.Release(ctx)
	fmt.Println(released, err)
	// Output:
	// 1 <nil>
	// true <nil>
}

func ExampleEvents() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	events := client.Events()
	for notice, err := range events.Subscribe(ctx, store.SubscribeOptions{
		Channels: []string{"user:*"},
	}) {
		switch {
		case err != nil:
			log.Fatal(err)
		case notice.Subscribed != nil: // from now on nothing is missed
			user := map[string]string{"name": "Ada"}
			p, err := events.Publish(ctx, "user:created", user, store.PublishOptions{})
			fmt.Println(p.Channel, p.Receivers, err)
		case notice.Gap != nil:
			fmt.Println("deaf for", notice.Gap.Duration(), "because", notice.Gap.Reason)
		default:
			e := notice.Event
			fmt.Println(e.Channel, string(e.Data), string(e.Scope))
			return
		}
	}
	// Output:
	// user:created 1 <nil>
	// user:created {"name":"Ada"} {"key":"tenant","identifier":"acme"}
}

func ExampleStreams() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	streams := client.Streams()
	for _, text := range []string{"first", "second"} {
		if _, err := streams.Append(ctx, "jobs", text, store.AppendOptions{}); err != nil {
			log.Fatal(err)
		}
	}
	for m, err := range streams.Range(ctx, "jobs", store.RangeOptions{Reverse: true}) {
		fmt.Println(m.Message, err)
	}
	// Output:
	// "second" <nil>
	// "first" <nil>
}

func ExampleGroup_Consume() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	if _, err := client.Streams().Append(ctx, "jobs", "mail", store.AppendOptions{}); err != nil {
		log.Fatal(err)
	}
	group := client.Streams().Group("jobs", "workers")
	created, err := group.Ensure(ctx, "0")
	fmt.Println(created, err)
	for job, err := range group.Consume(ctx, "worker-1", store.ConsumeOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		// Work on it, then acknowledge it, or Leave it to somebody else.
		fmt.Println(job.Message.Message, job.Deliveries, job.Ack(ctx))
		break // without this it waits for more
	}
	// Output:
	// true <nil>
	// "mail" 1 <nil>
}
