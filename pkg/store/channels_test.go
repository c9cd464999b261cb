package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// TestChannels lists the channels of one tenant and nobody else's.
func TestChannels(t *testing.T) {
	server := storetest.RunRedis(t)
	listener := server.Client().Subscribe(t.Context(),
		"igniter:store:api:events:user:a", "igniter:store:api:events:user:*x",
		"igniter:store:api:events:job", "igniter:store:api:org:1:events:user:inner",
		"igniter:store:apix:events:user:other", "other")
	defer listener.Close()
	if _, err := listener.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 5 { // one confirmation for each
		if _, err := listener.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	client, err := store.Open(server.URL(), store.WithService("api"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for beginning, want := range map[string][]string{
		"": {"job", "user:*x", "user:a"}, "user:": {"user:*x", "user:a"},
		"user:*": {"user:*x"}, "none": {},
	} {
		got, err := client.Events().Channels(t.Context(), beginning, 6)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("channels beginning with %q: %q, %v; want %q", beginning, got, err, want)
		}
	}
	if _, err := client.Events().Channels(t.Context(), "", 5); !errors.Is(err, store.ErrRefused) {
		t.Errorf("of more than five channels: error %v, want ErrRefused", err)
	}
}
