package store_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// rows returns n rows user:0, user:1… with values of some size.
func rows(n, size int) iter.Seq2[store.Row, error] {
	value := store.Value(`"` + strings.Repeat("x", size) + `"`)
	return func(yield func(store.Row, error) bool) {
		for i := range n {
			if !yield(store.Row{Line: i + 1, Key: fmt.Sprint("user:", i), Value: value}, nil) {
				return
			}
		}
	}
}

// keys turns rows into their keys.
func keys(rows iter.Seq2[store.Row, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for row, err := range rows {
			if !yield(row.Key, err) {
				return
			}
		}
	}
}

func TestBatch(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		batch := open(t, url).Batch()
		report, err := batch.Set(t.Context(), rows(2500, 500), store.BatchOptions{TTL: time.Hour})
		if want := (store.Report{Written: 2500}); report != want || err != nil {
			t.Errorf("set: %+v, %v", report, err)
		}
		report, err = batch.Set(t.Context(), rows(2600, 1), store.BatchOptions{IfAbsent: true})
		if want := (store.Report{Written: 100, Unchanged: 2500}); report != want || err != nil {
			t.Errorf("set if absent: %+v, %v", report, err)
		}
		i := 0
		for entry, err := range batch.Get(t.Context(), keys(rows(2601, 0))) {
			if err != nil || entry.Key != fmt.Sprint("user:", i) || entry.Found != (i < 2600) {
				t.Fatalf("entry %d: %+v, %v", i, entry, err)
			}
			i++
		}
		report, err = batch.Remove(t.Context(), rows(2700, 0), store.BatchOptions{DryRun: true})
		if want := (store.Report{Written: 2600, Unchanged: 100}); report != want || err != nil {
			t.Errorf("rehearsed removal: %+v, %v", report, err)
		}
		report, err = batch.Remove(t.Context(), rows(2700, 0), store.BatchOptions{})
		if want := (store.Report{Written: 2600, Unchanged: 100}); report != want || err != nil {
			t.Errorf("removal: %+v, %v", report, err)
		}
	})
}

// TestBatchLastRowWins checks that rows of one key land in their order even where
// plain ones travel as MSET and others do not.
func TestBatchLastRowWins(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		client := open(t, url)
		input := `{"key":"a","value":1,"ttl":60}
			{"key":"a","value":2}
			{"key":"b","value":1}
			{"key":"b","value":2,"ttl":60}`
		report, err := client.Batch().Set(t.Context(), store.ReadRows(strings.NewReader(input)),
			store.BatchOptions{})
		if report.Written != 4 || err != nil {
			t.Fatalf("%+v, %v", report, err)
		}
		for key, seconds := range map[string]int64{"a": -1, "b": 60} {
			entry, err := client.KV().GetWithTTL(t.Context(), key)
			if err != nil || string(entry.Value) != "2" || entry.TTL.Seconds() != seconds {
				t.Errorf("%s: %s %v, %v", key, entry.Value, entry.TTL, err)
			}
		}
	})
}

func TestBatchBadRows(t *testing.T) {
	input := "{\"key\":\"a\",\"value\":1}\nnonsense\n{\"key\":\"b\",\"value\":2,\"ttl\":-1}\n{\"key\":\"c\",\"value\":3}"
	var failed []string
	report, err := open(t, "memory://").Batch().Set(t.Context(),
		store.ReadRows(strings.NewReader(input)), store.BatchOptions{
			OnError: func(e store.RowError) { failed = append(failed, fmt.Sprint(e.Line, e.Key)) },
		})
	if want := (store.Report{Written: 2, Failed: 2}); report != want || err != nil {
		t.Errorf("%+v, %v", report, err)
	}
	if got := strings.Join(failed, ","); got != "2,3b" {
		t.Errorf("failed: %s", got)
	}
}

// TestBatchRefusedRows lets the server refuse one row of an MSET: the others must
// land, and the report must name the right one.
func TestBatchRefusedRows(t *testing.T) {
	server := storetest.RunRedis(t)
	err := server.Client().Do(t.Context(), "acl", "setuser", "limited", "on", ">pw", "+@all",
		"~igniter:store:api:kv:user:[0-46-9]").Err()
	if err != nil {
		t.Fatal(err)
	}
	client := open(t, server.URL(), store.WithCredentials("limited", "pw"))
	var failed []store.RowError
	report, err := client.Batch().Set(t.Context(), rows(10, 1), store.BatchOptions{
		OnError: func(e store.RowError) { failed = append(failed, e) },
	})
	if want := (store.Report{Written: 9, Failed: 1}); report != want || err != nil {
		t.Errorf("%+v, %v", report, err)
	}
	if len(failed) != 1 || failed[0].Key != "user:5" || !errors.Is(failed[0], store.CodeBatchFailed) {
		t.Errorf("failed: %+v", failed)
	}
}

func TestBatchGetWrongType(t *testing.T) {
	server := storetest.RunRedis(t)
	list(t, server.Client(), "igniter:store:api:kv:user:1")
	client := open(t, server.URL())
	if _, err := client.KV().Set(t.Context(), "user:0", nil, store.SetOptions{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for entry, err := range client.Batch().Get(t.Context(), keys(rows(3, 0))) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(entry.Found, errors.Is(entry.Err, store.CodeGetFailed)))
	}
	if strings.Join(got, ",") != "true false,true true,false false" {
		t.Errorf("got %v", got)
	}
}

// TestBatchLostReply cuts the connection under a batch: what was answered counts as
// written, what was sent as unknown, and nothing is sent again.
func TestBatchLostReply(t *testing.T) {
	server := storetest.RunRedis(t)
	proxy := storetest.RunProxy(t, server.Addr)
	client := open(t, proxy.URL())
	missing(t, client.KV(), "k")
	proxy.LoseReplyTo("mset")
	report, err := client.Batch().Set(t.Context(), rows(5000, 10), store.BatchOptions{})
	if !errors.Is(err, store.ErrOutcomeUnknown) || report.Unknown == 0 {
		t.Errorf("%+v, %v", report, err)
	}
	if sum := report.Written + report.Failed + report.Unknown; sum > 1000 {
		t.Errorf("%d rows were sent after the connection was lost", sum)
	}
}

func TestBatchServerGone(t *testing.T) {
	server := storetest.RunRedis(t)
	client := open(t, server.URL(), store.WithTimeout(time.Second))
	killed := func(yield func(store.Row, error) bool) {
		for row := range rows(3000, 10) {
			if row.Line == 2001 {
				server.Kill()
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	report, err := client.Batch().Set(t.Context(), killed, store.BatchOptions{})
	if err == nil || report.Written+report.Failed+report.Unknown > 3000 || report.Written > 2000 {
		t.Errorf("%+v, %v", report, err)
	}
}
