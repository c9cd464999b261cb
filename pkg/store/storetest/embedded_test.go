package storetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestEmbeddedServesItsURL(t *testing.T) {
	t.Parallel()
	server := storetest.RunEmbedded(t)
	set(t, dial(t, server.URL()), "k", "v")
	if got, err := dial(t, server.URL()).Get(t.Context(), "k").Result(); got != "v" {
		t.Errorf("got %q, %v", got, err)
	}
	server.Stop()
	gone(t, server.Addr)
	server.Stop()
}

func TestEmbeddedExpiresByTheClock(t *testing.T) {
	t.Parallel()
	server := storetest.RunEmbedded(t)
	client := dial(t, server.URL())
	if err := client.Set(t.Context(), "k", "v", 50*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	err := storetest.WaitFor(t.Context(), 5*time.Second, func() error {
		if client.Exists(t.Context(), "k").Val() == 1 {
			return errors.New("the key is still there")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
