package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"testing"

	"github.com/tenantstore/store/pkg/store"
)

type user struct {
	Name string `json:"name"`
}

func ExampleGet() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	if _, err := store.Set(ctx, client.KV(), "user:1", user{"Ada"}, store.SetOptions{}); err != nil {
		log.Fatal(err)
	}
	ada, found, err := store.Get[user](ctx, client.KV(), "user:1")
	fmt.Println(ada.Name, found, err)
	_, found, err = store.Get[user](ctx, client.KV(), "user:2")
	fmt.Println(found, err)
	_, found, err = store.Get[int](ctx, client.KV(), "user:1")
	fmt.Println(found, errors.Is(err, store.CodeDeserialization))
	// Output:
	// Ada true <nil>
	// false <nil>
	// true true
}

func ExampleGetBatch() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	users := slices.All([]user{{"Ada"}, {"Grace"}})
	named := func(yield func(string, user) bool) {
		for i, u := range users {
			if !yield(fmt.Sprint("user:", i), u) {
				return
			}
		}
	}
	report, err := client.Batch().Set(ctx, store.Rows(client, named), store.BatchOptions{})
	fmt.Println(report.Written, err)
	keys := store.Keys("user:1", "user:9", "user:0")
	for entry, err := range store.GetBatch[user](ctx, client.Batch(), keys) {
		fmt.Println(entry.Key, entry.Found, entry.Data.Name, err)
	}
	// Output:
	// 2 <nil>
	// user:1 true Grace <nil>
	// user:9 false  <nil>
	// user:0 true Ada <nil>
}

func ExampleConsume() {
	ctx, client := context.Background(), tenant()
	defer client.Close()
	jobs := client.Streams()
	if _, err := jobs.Append(ctx, "jobs", user{"Ada"}, store.AppendOptions{}); err != nil {
		log.Fatal(err)
	}
	group := jobs.Group("jobs", "workers")
	if _, err := group.Ensure(ctx, ""); err != nil {
		log.Fatal(err)
	}
	for job, err := range store.Consume[user](ctx, group, "w1", store.ConsumeOptions{}) {
		if err != nil || job.Err != nil {
			log.Fatal(err, job.Err)
		}
		fmt.Println(job.Data.Name, job.Deliveries, job.Ack(ctx))
		break
	}
	for m, err := range store.Messages[user](jobs, jobs.Range(ctx, "jobs", store.RangeOptions{})) {
		fmt.Println(m.Data.Name, m.Err, err)
	}
	// Output:
	// Ada 1 <nil>
	// Ada <nil> <nil>
}

// TestTypedMisfits reads what does not fit the type: it is an error of its own, and what
// follows is read.
func TestTypedMisfits(t *testing.T) {
	client := open(t, "memory://")
	ctx, s := t.Context(), client.Streams()
	for key, text := range map[string]string{"a": `{"name":1}`, "b": `{"name":"Ada"}`, "n": "null"} {
		if _, err := client.KV().Set(ctx, key, store.Value(text), store.SetOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for e, err := range store.GetBatch[user](ctx, client.Batch(), store.Keys("a", "b", "n")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(e.Data.Name, errors.Is(e.Err, store.CodeDeserialization)))
	}
	if want := []string{"true", "Adafalse", "false"}; !slices.Equal(got, want) {
		t.Errorf("got %v, not %v", got, want)
	}
	for _, text := range []string{"[]", `{"name":"Ada"}`} {
		if _, err := s.Append(ctx, "s", store.Value(text), store.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	got = nil
	for m, err := range store.Messages[user](s, s.Range(ctx, "s", store.RangeOptions{})) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(m.Data.Name, errors.Is(m.Err, store.CodeDeserialization)))
	}
	if want := []string{"true", "Adafalse"}; !slices.Equal(got, want) {
		t.Errorf("got %v, not %v", got, want)
	}
}

// TestRowsRefused writes the rows that can be written.
func TestRowsRefused(t *testing.T) {
	client := open(t, "memory://")
	var failed []string
	rows := store.Rows(client, maps.All(map[string]any{"a": 1, "b": make(chan int), "c": 2}))
	report, err := client.Batch().Set(t.Context(), rows, store.BatchOptions{
		OnError: func(e store.RowError) { failed = append(failed, e.Key) },
	})
	if err != nil || report.Written != 2 || report.Failed != 1 || !slices.Equal(failed, []string{"b"}) {
		t.Errorf("%+v %v %v", report, failed, err)
	}
}

// TestClosed uses a client that was closed, and closes it again.
func TestClosed(t *testing.T) {
	client := open(t, "memory://")
	child, err := client.Scope("organization", "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := child.KV().Get(t.Context(), "k"); !errors.Is(err, store.CodeNotConnected) {
		t.Errorf("got %v", err)
	}
	if err := child.Close(); err != nil {
		t.Error(err)
	}
	if _, err := store.Open("memory://", store.WithAdapter(nil)); !errors.Is(err, store.CodeAdapterRequired) {
		t.Errorf("opened with a nil adapter: %v", err)
	}
}
