package storetest_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestClusterFailsOver(t *testing.T) {
	t.Parallel()
	certificates, err := storetest.NewCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cluster := storetest.RunCluster(t, 3, storetest.WithReplicas(1), storetest.WithTLS(certificates))
	if len(cluster.Servers) != 3 || len(cluster.Replicas) != 3 ||
		!strings.HasPrefix(cluster.URL(), "rediss+cluster://127.0.0.1:") {
		t.Fatalf("%d primaries, %d replicas, %s", len(cluster.Servers), len(cluster.Replicas), cluster.URL())
	}
	set(t, cluster.Client(), "k", "v")
	killed, err := cluster.FailOver(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.Rejoin(t.Context(), killed); err != nil {
		t.Fatal(err)
	}
	again, err := cluster.FailOver(t.Context(), "k")
	if err != nil || again == killed {
		t.Errorf("%s was killed again, %v", again.Addr, err)
	}
}

func TestSentinelsFailOver(t *testing.T) {
	t.Parallel()
	group := storetest.RunSentinels(t, storetest.WithPassword("secret"))
	set(t, group.Servers[0].Client(), "k", "v")
	for _, replica := range group.Servers[1:] {
		if err := replica.InStep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	killed, err := group.FailOver(t.Context())
	if err != nil || killed != group.Servers[0] {
		t.Fatal(err)
	}
	primary, err := group.Primary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	expect(t, primary.Client(), "k", "v")
	if err := group.Rejoin(t.Context(), killed); err != nil {
		t.Fatal(err)
	}
	if err := group.Sentinels[0].Client().Get(t.Context(), "k").Err(); err == nil || err == redis.Nil {
		t.Errorf("a Sentinel answers %v", err)
	}
	want := "redis+sentinel://:secret@" + group.Sentinels[0].Addr + ","
	if got := group.URL(); !strings.HasPrefix(got, want) ||
		!strings.HasSuffix(got, "/0?master=main&sentinel_password=secret-of-sentinels") {
		t.Errorf("the URL is %s", got)
	}
}
