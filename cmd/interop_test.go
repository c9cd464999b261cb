package cmd

// The interop tests run the command line and the npm library @igniter-js/store side
// by side on one real Redis server: what either writes, the other must read. Where the
// two differ on purpose, a test says so and shows both.

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// interop is one server and the npm library connected to it. Each test begins with clear,
// so that many can share what takes so long to start.
type interop struct {
	url    string
	redis  redis.Cmdable     // for checks
	server *storetest.Server // nil for a cluster
	node   *storetest.Node
}

func newInterop(t *testing.T) *interop {
	t.Helper()
	server := storetest.RunRedis(t)
	node := storetest.RunNode(t, server.URL())
	return &interop{url: server.URL(), redis: server.Client(), server: server, node: node}
}

// place is what both sides are told about whose keys are meant.
type place struct {
	service string
	scopes  [][2]string
}

// flags spells the place for the command line.
func (p place) flags() []string {
	flags := []string{"--service=" + p.service}
	for _, scope := range p.scopes {
		flags = append(flags, "--scope="+scope[0]+"="+scope[1])
	}
	return flags
}

// api is the place of tests that are not about places.
func api() place { return place{service: "api"} }

// tenant is api in the scope of one organization.
func tenant(id string) place { return place{"api", [][2]string{{"organization", id}}} }

// answer is what a command line leaves behind.
type answer struct {
	code     int
	out, err string
}

// store runs a command line.
func (i *interop) store(t *testing.T, p place, args ...string) answer {
	t.Helper()
	return i.feed(t, "", p, args...)
}

// feed runs a command line with something on standard input.
func (i *interop) feed(t *testing.T, stdin string, p place, args ...string) answer {
	t.Helper()
	var out, err bytes.Buffer
	env := cli.Env{
		In: strings.NewReader(stdin), Out: &out, Err: &err,
		Now: time.Now,
		LookupEnv: func(name string) (string, bool) {
			if name == "STORE_URL" {
				return i.url, true
			}
			return "", false
		},
	}
	code := run(t.Context(), env, slices.Concat(p.flags(), args))
	return answer{code, out.String(), err.String()}
}

// prints runs a command line that must succeed with exactly this output.
func (i *interop) prints(t *testing.T, want string, p place, args ...string) {
	t.Helper()
	if got := i.store(t, p, args...); got != (answer{out: want}) {
		t.Errorf("store %q: %+v; want %q", args, got, want)
	}
}

// exits runs a command line that must end with this code, and returns the rest.
func (i *interop) exits(t *testing.T, want int, p place, args ...string) answer {
	t.Helper()
	got := i.store(t, p, args...)
	if got.code != want {
		t.Errorf("store %q: %+v; want exit code %d", args, got, want)
	}
	return got
}

// library makes a call of the library and returns its result as JSON.stringify
// writes it.
func (i *interop) library(t *testing.T, p place, call string, args ...any) string {
	t.Helper()
	result, err := i.node.Call(t.Context(), call, p.service, p.scopes, args...)
	if err != nil {
		t.Fatalf("library %s%q: %v", call, args, err)
	}
	return string(result)
}

// gives makes a call of the library that must have this result.
func (i *interop) gives(t *testing.T, want string, p place, call string, args ...any) {
	t.Helper()
	if got := i.library(t, p, call, args...); got != want {
		t.Errorf("library %s%q gives %.300s, want %.300s", call, args, got, want)
	}
}

// throws makes a call of the library that must fail, and returns the error.
func (i *interop) throws(t *testing.T, p place, call string, args ...any) *storetest.NodeError {
	t.Helper()
	_, err := i.node.Call(t.Context(), call, p.service, p.scopes, args...)
	thrown, ok := errors.AsType[*storetest.NodeError](err)
	if !ok {
		t.Fatalf("library %s%q: %v; want an error it throws", call, args, err)
	}
	return thrown
}

// holds checks the bytes of a Redis key.
func (i *interop) holds(t *testing.T, redisKey, want string) {
	t.Helper()
	got, err := i.redis.Get(t.Context(), redisKey).Result()
	if err != nil || got != want {
		t.Errorf("%q holds %.300q, %v; want %.300q", redisKey, got, err, want)
	}
}

// put stores bytes as neither side would write them.
func (i *interop) put(t *testing.T, redisKey, value string) {
	t.Helper()
	if err := i.redis.Set(t.Context(), redisKey, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}

// putList stores a list, which no value is.
func (i *interop) putList(t *testing.T, redisKey string) {
	t.Helper()
	if err := i.redis.RPush(t.Context(), redisKey, "x").Err(); err != nil {
		t.Fatal(err)
	}
}

// clear removes everything.
func (i *interop) clear(t *testing.T) {
	t.Helper()
	if err := i.redis.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

// listed is one key as `scan -o json` shows it.
type listed struct {
	Key       string          `json:"key"`
	Namespace string          `json:"namespace"`
	Service   string          `json:"service"`
	Scopes    []store.Scope   `json:"scopes"`
	RedisKey  string          `json:"redisKey"`
	Ambiguous bool            `json:"ambiguous"`
	Value     json.RawMessage `json:"value"`
	TTL       json.RawMessage `json:"ttl"`
	Type      string          `json:"type"`
}

// scan lists keys in the order of their whole names.
func (i *interop) scan(t *testing.T, p place, args ...string) []listed {
	t.Helper()
	got := i.exits(t, exitDone, p, slices.Concat([]string{"scan", "-o", "json"}, args)...)
	var keys []listed
	if err := json.Unmarshal([]byte(got.out), &keys); err != nil {
		t.Fatalf("%v in %q", err, got.out)
	}
	slices.SortFunc(keys, func(x, y listed) int { return cmp.Compare(x.RedisKey, y.RedisKey) })
	return keys
}

// chain turns pairs into scopes.
func chain(pairs ...[2]string) []store.Scope {
	scopes := []store.Scope{}
	for _, p := range pairs {
		scopes = append(scopes, store.Scope{Key: p[0], Identifier: p[1]})
	}
	return scopes
}

// within reports whether a TTL in seconds is the one just set, give or take a minute
// that a slow machine may need.
func within(seconds string, want int) bool {
	n, err := strconv.Atoi(seconds)
	return err == nil && n <= want && n > want-60
}
