package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func newClusterInterop(t *testing.T) *interop {
	t.Helper()
	cluster := storetest.RunCluster(t, 3)
	node := storetest.RunNode(t, cluster.URL())
	return &interop{url: cluster.URL(), redis: cluster.Client(), node: node}
}

// TestInteropCluster works on keys of several slots. The library refuses batches of them
// and scans a single node; we do not.
func TestInteropCluster(t *testing.T) {
	t.Parallel()
	i := newClusterInterop(t)
	p := tenant("org_1")
	keys := strings.Fields("a b c d e f g h")
	for _, key := range keys {
		i.library(t, p, "kv.set", key, key)
		i.prints(t, `"`+key+"\"\n", p, "kv", "get", key)
	}
	i.throwsCrossSlot(t, p, "batch.get", keys)
	i.prints(t, "\"a\"\n\"b\"\n\"c\"\n\"d\"\n\"e\"\n\"f\"\n\"g\"\n\"h\"\n", p,
		slices.Concat([]string{"batch", "get", "-o", "raw"}, keys)...)
	same(t, "store", i.ourScan(t, p), under("igniter:store:api:organization:org_1:kv:", keys...))

	i.throwsCrossSlot(t, p, "batch.set", []options{{"key": "a", "value": 1}, {"key": "b", "value": 2}})
	i.prints(t, "2\n", p, "batch", "set", "a=1", "b=2", "-q")
	i.gives(t, "1", p, "kv.get", "a")
	i.gives(t, "2", p, "kv.get", "b")
	i.prints(t, "8\n", p, slices.Concat([]string{"batch", "remove", "-q"}, keys)...)
	i.gives(t, "false", p, "kv.exists", "h")
}

func (i *interop) throwsCrossSlot(t *testing.T, p place, call string, args ...any) {
	t.Helper()
	const want = "CROSSSLOT Keys in request don't hash to the same slot"
	if thrown := i.throws(t, p, call, args...); thrown.Message != want {
		t.Errorf("library %s throws %q", call, thrown.Message)
	}
}
