package storetest_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestLab(t *testing.T) {
	if os.Getenv("LAB") == "" {
		t.Skip()
	}
	c := storetest.RunCluster(t, 3, storetest.WithReplicas(1))
	s := storetest.RunSentinels(t)
	p := storetest.RunRedis(t)
	os.WriteFile("/tmp/lab/env", []byte(fmt.Sprintf("C='%s'\nN=redis://%s\nS='%s'\nSP=%s\nP=%s\n", c.URL(), c.Servers[0].Addr, s.URL(), s.Sentinels[0].Addr, p.Addr)), 0o644)
	time.Sleep(30 * time.Minute)
}
