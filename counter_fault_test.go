package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// open returns a client of the library for the service api.
func open(t *testing.T, url string) *store.Client {
	t.Helper()
	client, err := store.Open(url, store.WithService("api"), store.WithTimeout(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// TestCounterLostAnswers increments a thousand times while every fifth answer or so is
// lost, or the connection breaks before the question is asked. What is reported as done
// was done, what is reported as unknown may have been, and nothing was done twice.
func TestCounterLostAnswers(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	const workers, each = 4, 250
	for name, ttl := range map[string]time.Duration{"incr": 0, "evalsha": time.Hour} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var done, unknown int64
			var running sync.WaitGroup
			for worker := range workers {
				proxy := storetest.RunProxy(t, server.Addr)
				counter := open(t, proxy.URL()).Counter()
				random := rand.New(rand.NewPCG(uint64(worker), 5))
				running.Go(func() {
					for range each {
						lost := random.IntN(5) == 0
						proxy.Pass()
						if lost {
							proxy.LoseReplyTo(name)
						}
						if random.IntN(20) == 0 {
							proxy.Cut()
						}
						_, err := counter.Increment(t.Context(), name, 1, ttl)
						mu.Lock()
						switch {
						case err == nil:
							done++
						case errors.Is(err, store.ErrOutcomeUnknown):
							unknown++
						default:
							t.Error(err)
						}
						if lost && err == nil {
							t.Error("an answer that was lost came all the same")
						}
						mu.Unlock()
					}
				})
			}
			running.Wait()
			count, err := open(t, server.URL()).Counter().Get(t.Context(), name)
			if err != nil || count.Value < done || count.Value > done+unknown ||
				done+unknown != workers*each || unknown < workers*each/10 {
				t.Errorf("the counter is %d, %v, with %d successes and %d unknown outcomes",
					count.Value, err, done, unknown)
			}
		})
	}
}

// calls returns how often the server has carried out each command since its counts were
// reset.
func calls(t *testing.T, server *storetest.Server) map[string]int {
	t.Helper()
	info, err := server.Client().Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(info) {
		name, rest, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		if !found {
			continue
		}
		number, _, _ := strings.Cut(rest, ",")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		counts[name] = n
	}
	return counts
}

// TestScriptsOnce has the server forget its scripts before each call. Nothing is carried
// out twice for that.
func TestScriptsOnce(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	client := open(t, server.URL())
	counter, claim := client.Counter(), client.Claim()
	ctx, me := t.Context(), store.Value(`"me"`)
	for _, c := range []struct {
		name string
		call func() (any, error)
		want any
	}{
		{"increment", func() (any, error) { return counter.Increment(ctx, "c", 5, time.Hour) }, int64(5)},
		{"extend", func() (any, error) { return claim.Extend(ctx, "k", me, time.Hour) }, true},
		{"release", func() (any, error) { return claim.Release(ctx, "k", me) }, true},
	} {
		if _, err := claim.Once(ctx, "k", me, time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := server.Client().ScriptFlush(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		if err := server.Client().ConfigResetStat(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		if got, err := c.call(); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
		counts := calls(t, server)
		if counts["delex"]+counts["delifeq"] > 0 {
			continue // a server that needs no script for this
		}
		if counts["evalsha"] != 1 || counts["eval"] != 1 ||
			counts["incrby"]+counts["expire"]+counts["del"] > 2 {
			t.Errorf("%s: the server has run %v", c.name, counts)
		}
		// By now the server knows the script.
		if _, err := c.call(); err != nil {
			t.Error(err)
		}
		if counts := calls(t, server); counts["evalsha"] != 2 || counts["eval"] != 1 {
			t.Errorf("%s again: the server has run %v", c.name, counts)
		}
	}
}

// TestScriptsInCluster runs everything that needs a script on keys of all nodes, none
// of which knows the scripts.
func TestScriptsInCluster(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 3)
	client, err := open(t, cluster.URL()).Scope("organization", "org_1")
	if err != nil {
		t.Fatal(err)
	}
	ctx, me, you := t.Context(), store.Value(`"me"`), store.Value(`"you"`)
	counter, claim := client.Counter(), client.Claim()
	for i := range 20 {
		key := fmt.Sprint("key ", i)
		for want := range int64(2) {
			sum, err := counter.Increment(ctx, key, 1<<60, time.Minute)
			if err != nil || sum != (want+1)<<60 {
				t.Errorf("%s: incremented to %d, %v", key, sum, err)
			}
		}
		entry, err := counter.TTL(ctx, key)
		if err != nil || entry.TTL == nil || entry.TTL.Seconds() < 30 {
			t.Errorf("%s: TTL %v, %v", key, entry.TTL, err)
		}
		held, err := claim.Hold(ctx, key, store.HoldOptions{
			Owner: me, Unique: true, TTL: time.Minute, Margin: time.Second,
		})
		if err != nil || held == nil || held.Fence != 1 {
			t.Fatalf("%s: %+v, %v", key, held, err)
		}
		if taken, err := claim.Once(ctx, key, you, time.Minute); taken || err != nil {
			t.Errorf("%s: taken twice, %v", key, err)
		}
		if ours, err := claim.Extend(ctx, key, you, time.Minute); ours || err != nil {
			t.Errorf("%s: extended by another, %v", key, err)
		}
		if ours, err := held.Release(ctx); !ours || err != nil {
			t.Errorf("%s: released %v, %v", key, ours, err)
		}
	}
	for i, server := range cluster.Servers {
		if calls(t, server)["evalsha"] == 0 {
			t.Errorf("node %d has run no script", i)
		}
	}
}
