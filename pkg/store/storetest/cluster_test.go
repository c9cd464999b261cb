package storetest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestCluster(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 3)
	for i := range 50 {
		key := fmt.Sprint("key:", i)
		set(t, cluster.Client(), key, key)
		expect(t, cluster.Client(), key, key)
	}
	for _, server := range cluster.Servers {
		if n, err := server.Client().DBSize(t.Context()).Result(); n == 0 {
			t.Errorf("%s holds nothing (%v)", server.Addr, err)
		}
		if !strings.Contains(cluster.URL(), server.Addr) {
			t.Errorf("%s is not in %s", server.Addr, cluster.URL())
		}
	}
}

func TestClusterWithPassword(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 2, storetest.WithPassword("secret"))
	rest, ok := strings.CutPrefix(cluster.URL(), "redis+cluster://:secret@")
	if !ok {
		t.Fatalf("got %s", cluster.URL())
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: strings.Split(rest, ","), Password: "secret",
	})
	t.Cleanup(func() { client.Close() })
	set(t, client, "k", "v")
	expect(t, cluster.Client(), "k", "v")
}

func TestClusterNodeRestarts(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 1)
	server := cluster.Servers[0]
	server.Kill()
	restart(t, server)
	slots, err := server.Client().ClusterSlots(t.Context()).Result()
	if err != nil || len(slots) != 1 || slots[0].End != 16383 {
		t.Errorf("got %v, %v", slots, err)
	}
}
