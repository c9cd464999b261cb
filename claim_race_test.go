//go:build unix

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// TestClaimRace has fifty clients race for a claim, a hundred times. Each time one wins.
func TestClaimRace(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	const racers, rounds = 50, 100
	claims := make([]store.Claim, racers)
	for i := range claims {
		claims[i] = open(t, server.URL()).Claim()
	}
	for round := range rounds {
		key := fmt.Sprint("round ", round)
		var won atomic.Int64
		var running sync.WaitGroup
		start := make(chan struct{})
		for i, claim := range claims {
			running.Go(func() {
				<-start
				owner := store.Value(fmt.Sprintf(`"racer %d"`, i))
				taken, err := claim.Once(t.Context(), key, owner, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if taken {
					won.Add(1)
				}
			})
		}
		close(start)
		running.Wait()
		if n := won.Load(); n != 1 {
			t.Errorf("%s has %d winners", key, n)
		}
	}
}

// TestClaimQueue has clients wait for one claim. They get it one after the other, and
// their fences grow in that order.
func TestClaimQueue(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	const waiting = 10
	var holders atomic.Int64
	var mu sync.Mutex
	var fences []int64
	var running sync.WaitGroup
	for i := range waiting {
		claim := open(t, server.URL()).Claim()
		running.Go(func() {
			held, err := claim.Hold(t.Context(), "queue", store.HoldOptions{
				Owner: store.Value(fmt.Sprintf(`"waiter %d"`, i)), Unique: true,
				TTL: 30 * time.Second, Wait: time.Minute,
			})
			if err != nil || held == nil {
				t.Errorf("waiter %d: %v, %v", i, held, err)
				return
			}
			if n := holders.Add(1); n != 1 {
				t.Errorf("%d holders at once", n)
			}
			mu.Lock()
			fences = append(fences, held.Fence)
			mu.Unlock()
			holders.Add(-1)
			if ours, err := held.Release(t.Context()); !ours || err != nil {
				t.Errorf("waiter %d: released %v, %v", i, ours, err)
			}
		})
	}
	running.Wait()
	if !slices.IsSortedFunc(fences, strictly) || len(fences) != waiting {
		t.Errorf("fences in the order of holding: %d", fences)
	}
}

// strictly compares so that equal numbers are not in order either.
func strictly(a, b int64) int { return cmp.Or(cmp.Compare(a, b), -1) }

// TestClaimRunRace has processes wait for one claim, and those of a second group not. A
// folder that only one of them can make shows that they run one at a time.
func TestClaimRunRace(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	dir := t.TempDir()
	const patient, hasty = 6, 6
	const work = `mkdir alone || echo overlap >>log; echo $STORE_CLAIM_FENCE >>log; rmdir alone`
	codes := make(chan int, patient+hasty)
	for i := range patient + hasty {
		wait := "--wait=60s"
		if i >= patient {
			wait = "--wait=1ms"
		}
		cmd := exec.Command("store", "-u", server.URL(), "-s", "api", "claim", "run", "race",
			"--ttl", "30s", wait, "--", "sh", "-c", work)
		cmd.Dir = dir
		go func() {
			var exit *exec.ExitError
			if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
				t.Error(err)
			}
			codes <- cmd.ProcessState.ExitCode()
		}()
	}
	ran := 0
	for range patient + hasty {
		switch code := <-codes; code {
		case 0:
			ran++
		case 1:
		default:
			t.Errorf("exit code %d", code)
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(log))
	increasing := slices.IsSortedFunc(lines, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b), -1)
	})
	if ran < patient || len(lines) != ran || !increasing {
		t.Errorf("%d of %d ran, with the fences %q", ran, patient+hasty, lines)
	}
}

// TestHoldLostAnswers loses answers while a claim with a unique owner is taken. It is
// held once, or not at all and nobody's; where even giving it back is not answered, the
// error says so.
func TestHoldLostAnswers(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	for name, c := range map[string]struct {
		lose  func(*storetest.Proxy)
		first bool   // only the first answer is lost
		want  string // what the error says; "" where the claim is held
	}{
		"set":          {lose: loses("set")}, // a script asks the second time
		"set once":     {lose: loses("set"), first: true},
		"fence once":   {lose: loses("incr"), first: true},
		"renewal once": {lose: loses("evalsha"), first: true},
		"all once":     {lose: func(p *storetest.Proxy) { p.LoseReplies(0) }, first: true},
		"fence":        {lose: loses("incr"), want: "and was not repeated"},
		"renewal": {
			lose: loses("evalsha"), want: "the claim may be taken until its TTL of 1m0s ends",
		},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := storetest.RunProxy(t, server.Addr)
			// Asking again takes a new connection, and that takes time, in which the
			// proxy is told that it is enough.
			proxy.Latency(30 * time.Millisecond)
			client := open(t, proxy.URL())
			if _, err := client.Counter().Get(t.Context(), "warm-up"); err != nil {
				t.Fatal(err)
			}
			if c.lose(proxy); c.first {
				go loseOnce(t.Context(), proxy)
			}
			held, err := client.Claim().Hold(t.Context(), name, store.HoldOptions{
				Owner: store.Value(`"` + name + `"`), Unique: true, TTL: time.Minute,
			})
			if proxy.Lost() == 0 {
				t.Error("no answer was lost")
			}
			proxy.Pass()
			now, showErr := open(t, server.URL()).Claim().Show(t.Context(), name)
			if showErr != nil {
				t.Fatal(showErr)
			}
			if c.want == "" {
				if held == nil || err != nil || !now.Found {
					t.Fatalf("held %v, %v; the server has %+v", held, err, now)
				}
				if ours, err := held.Release(t.Context()); !ours || err != nil {
					t.Errorf("released %v, %v", ours, err)
				}
				return
			}
			if held != nil || !errors.Is(err, store.ErrOutcomeUnknown) ||
				!strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("held %v, %v", held, err)
			}
			if now.Found && !strings.Contains(err.Error(), "until its TTL") {
				t.Errorf("an orphan: %+v", now)
			}
		})
	}
}

// loses makes a proxy lose the answers to one command.
func loses(command string) func(*storetest.Proxy) {
	return func(p *storetest.Proxy) { p.LoseReplyTo(command) }
}

// loseOnce makes a proxy behave once it has lost an answer.
func loseOnce(ctx context.Context, proxy *storetest.Proxy) {
	_ = storetest.WaitFor(ctx, waitLimit, func() error {
		if proxy.Lost() == 0 {
			return errors.New("nothing lost yet")
		}
		proxy.Pass()
		return nil
	})
}

// TestClaimOnceLostAnswer loses the answer to a claim that is taken under a name that
// others may use: nobody can know, and it is not asked again.
func TestClaimOnceLostAnswer(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	proxy := storetest.RunProxy(t, server.Addr)
	client := open(t, proxy.URL())
	proxy.LoseReplyTo("SET")
	for name, take := range map[string]func(context.Context, string) error{
		"once": func(ctx context.Context, key string) error {
			_, err := client.Claim().Once(ctx, key, store.Value(`"me"`), time.Minute)
			return err
		},
		"acquire": func(ctx context.Context, key string) error {
			_, err := client.Claim().Acquire(ctx, key, store.Value(`"me"`), time.Minute, time.Minute)
			return err
		},
		"hold": func(ctx context.Context, key string) error {
			_, err := client.Claim().Hold(ctx, key, store.HoldOptions{
				Owner: store.Value(`"me"`), TTL: time.Minute, Wait: time.Minute,
			})
			return err
		},
	} {
		before := proxy.Lost()
		if err := take(t.Context(), name); !errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		if lost := proxy.Lost() - before; lost != 1 {
			t.Errorf("%s: asked %d times", name, lost)
		}
		now, err := open(t, server.URL()).Claim().Show(t.Context(), name)
		if err != nil || now.OwnerText() != "me" {
			t.Errorf("%s: the server has %+v, %v", name, now, err)
		}
	}
}

// TestReleaseNative gives claims back on servers that say they have a command for
// comparing and deleting: it is used, and no script.
func TestReleaseNative(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"DELEX", "DELIFEQ"} {
		t.Run(name, func(t *testing.T) {
			native := &nativeServer{data: miniredis.RunT(t), command: name}
			native.data.Server().SetPreHook(native.hook)
			claim := open(t, "redis://"+native.data.Addr()).Claim()
			ctx, me := t.Context(), store.Value(`"me"`)
			for range 2 { // the server is asked only once what it has
				if taken, err := claim.Once(ctx, "k", me, time.Minute); !taken || err != nil {
					t.Fatal(taken, err)
				}
				if ours, err := claim.Release(ctx, "k", store.Value(`"you"`)); ours || err != nil {
					t.Errorf("released by another: %v, %v", ours, err)
				}
				if ours, err := claim.Release(ctx, "k", me); !ours || err != nil {
					t.Errorf("released: %v, %v", ours, err)
				}
				if ours, err := claim.Release(ctx, "k", me); ours || err != nil {
					t.Errorf("released again: %v, %v", ours, err)
				}
			}
			want := strings.ReplaceAll("SET COMMAND x x x SET x x x", "x", name)
			if got := native.commands(); got != want {
				t.Errorf("the server was asked %s, want %s", got, want)
			}
		})
	}
}

// nativeServer makes a server say that it has a command, and have it.
type nativeServer struct {
	data    *miniredis.Miniredis
	command string
	mu      sync.Mutex
	asked   []string
}

func (n *nativeServer) commands() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.asked, " ")
}

func (n *nativeServer) hook(c *server.Peer, command string, args ...string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch command {
	case "HELLO", "CLIENT":
		return false
	case "COMMAND":
		c.WriteLen(2)
		for _, name := range args[1:] {
			if strings.EqualFold(name, n.command) {
				c.WriteBulk(name)
			} else {
				c.WriteNull()
			}
		}
	case "DELIFEQ":
		value, err := n.data.Get(args[0])
		deleted := 0
		if err == nil && value == args[1] && n.data.Del(args[0]) {
			deleted = 1
		}
		c.WriteInt(deleted)
	default:
		n.asked = append(n.asked, command)
		return false
	}
	n.asked = append(n.asked, command)
	return true
}
