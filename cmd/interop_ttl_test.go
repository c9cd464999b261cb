package cmd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestInteropTTL(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("set", i.ttlSet)
	t.Run("refused", i.ttlRefused)
	t.Run("existence", i.existence)
	t.Run("conditions", i.conditions)
	t.Run("expired", i.expired)
}

// forever is what lasts says of a key without a TTL.
const forever = -1

// seconds returns the TTL that Redis has for a key of api, or forever.
func (i *interop) seconds(t *testing.T, key string) int {
	t.Helper()
	ttl, err := i.redis.TTL(t.Context(), "igniter:store:api:kv:"+key).Result()
	switch {
	case err != nil || ttl == -2:
		t.Fatalf("no TTL of %q: %v, %v", key, ttl, err)
	case ttl == -1:
		return forever
	}
	return int(ttl / time.Second)
}

// lasts checks the TTL of a key of api as Redis has it and as we show it.
func (i *interop) lasts(t *testing.T, key string, want int) {
	t.Helper()
	shown := strings.TrimSpace(i.exits(t, exitDone, api(), "kv", "ttl", key).out)
	got := i.seconds(t, key)
	if want == forever {
		if got != forever || shown != "none" {
			t.Errorf("the TTL of %q is %d and shown as %s, want none", key, got, shown)
		}
		return
	}
	if !within(strconv.Itoa(got), want) || !within(shown, want) {
		t.Errorf("the TTL of %q is %d and shown as %s, want %d", key, got, shown, want)
	}
}

// step is a call of the library, or a command line, on the key k.
type step struct {
	call string // of the library; "" for a command line
	args []any
	line string
}

func theirs(call string, args ...any) step { return step{call: call, args: args} }
func ours(line string) step                { return step{line: line} }

func (i *interop) take(t *testing.T, s step) {
	t.Helper()
	if s.call != "" {
		i.library(t, api(), s.call, s.args...)
		return
	}
	i.exits(t, exitDone, api(), strings.Fields(s.line)...)
}

// options are those of the library's kv.set.
type options map[string]any

func (i *interop) ttlSet(t *testing.T) {
	i.clear(t)
	for _, c := range []struct {
		name  string
		steps []step
		want  int
	}{
		{"they set", []step{theirs("kv.set", "k", 1)}, forever},
		{"they set with a TTL", []step{theirs("kv.set", "k", 1, options{"ttl": 3600})}, 3600},
		{"we set", []step{ours("kv set k 1")}, forever},
		{"we set with a TTL", []step{ours("kv set k 1 --ttl 3600")}, 3600},
		{"we set with a duration", []step{ours("kv set k 1 --ttl 1d2h3m4s")}, 93784},
		{
			"their set removes our TTL",
			[]step{ours("kv set k 1 --ttl 1h"), theirs("kv.set", "k", 2)},
			forever,
		},
		{
			"our set removes their TTL",
			[]step{theirs("kv.set", "k", 1, options{"ttl": 3600}), ours("kv set k 2")},
			forever,
		},
		{
			"our set replaces their TTL",
			[]step{theirs("kv.set", "k", 1, options{"ttl": 3600}), ours("kv set k 2 --ttl 2h")},
			7200,
		},
		{
			"our set keeps their TTL",
			[]step{theirs("kv.set", "k", 1, options{"ttl": 3600}), ours("kv set k 2 --keep-ttl")},
			3600,
		},
		{
			"keeping no TTL",
			[]step{theirs("kv.set", "k", 1), ours("kv set k 2 --keep-ttl")},
			forever,
		},
		{
			"we persist what they let expire",
			[]step{theirs("kv.set", "k", 1, options{"ttl": 3600}), ours("kv persist k")},
			forever,
		},
		{
			"we expire what they set",
			[]step{theirs("kv.set", "k", 1), ours("kv expire k 1h")},
			3600,
		},
		{
			"we touch what they set",
			[]step{theirs("kv.set", "k", 1, options{"ttl": 60}), ours("kv touch k 2h")},
			7200,
		},
		{
			"they expire what we set",
			[]step{ours("kv set k 1"), theirs("kv.expire", "k", 3600)},
			3600,
		},
		{
			"they touch what we set",
			[]step{ours("kv set k 1 --ttl 60"), theirs("kv.touch", "k", 7200)},
			7200,
		},
		{
			"their batch with a TTL",
			[]step{theirs("batch.set", []options{{"key": "k", "value": 1, "ttl": 3600}})},
			3600,
		},
		{
			"their batch removes our TTL",
			[]step{ours("kv set k 1 --ttl 1h"), theirs("batch.set", []options{{"key": "k", "value": 1}})},
			forever,
		},
		{
			"our batch with a TTL",
			[]step{theirs("kv.set", "k", 1), ours("batch set k=1 --ttl 1h")},
			3600,
		},
		{
			"our batch removes their TTL",
			[]step{theirs("kv.set", "k", 1, options{"ttl": 3600}), ours("batch set k=1")},
			forever,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			i.clear(t)
			for _, s := range c.steps {
				i.take(t, s)
			}
			i.lasts(t, "k", c.want)
		})
	}
}

// ttlRefused shows the TTLs that the library stores for ever, hands to Redis for a raw
// error, or lets delete the key. We refuse them before anything is sent.
func (i *interop) ttlRefused(t *testing.T) {
	i.clear(t)
	const notInteger = "ERR value is not an integer or out of range"
	for _, c := range []struct {
		ttl    any
		set    string // what the library's kv.set throws; "" where it stores for ever
		expire string // what its kv.expire throws; "" where it deletes the key
	}{
		{0, "", ""},
		{-1, "ERR invalid expire time in 'set' command", ""},
		{1.5, notInteger, notInteger},
		{"abc", notInteger, notInteger},
	} {
		t.Run(fmt.Sprint(c.ttl), func(t *testing.T) {
			i.clear(t)
			ttl := fmt.Sprint(c.ttl)
			i.refusesTTL(t, "kv", "set", "k", "1", "--ttl="+ttl)
			i.refusesTTL(t, "batch", "set", "k=1", "--ttl="+ttl)
			i.gives(t, "false", api(), "kv.exists", "k")
			i.throwsOr(t, c.set, "kv.set", "k", 1, options{"ttl": c.ttl})

			i.library(t, api(), "kv.set", "k", 1)
			i.refusesTTL(t, "kv", "expire", "--", "k", ttl)
			i.refusesTTL(t, "kv", "touch", "--", "k", ttl)
			i.lasts(t, "k", forever)
			i.throwsOr(t, c.expire, "kv.expire", "k", c.ttl)
			i.gives(t, strconv.FormatBool(c.expire != ""), api(), "kv.exists", "k")
		})
	}
}

func (i *interop) refusesTTL(t *testing.T, args ...string) {
	t.Helper()
	got := i.exits(t, exitUsage, api(), append([]string{"-o", "json"}, args...)...)
	if !strings.HasPrefix(got.err, `{"error":{"code":"STORE_TTL_INVALID",`) {
		t.Errorf("store %q: %+v", args, got)
	}
}

// throwsOr makes a call of the library that must throw an error with this message, or
// succeed where that is empty.
func (i *interop) throwsOr(t *testing.T, message, call string, args ...any) {
	t.Helper()
	if message == "" {
		i.gives(t, "null", api(), call, args...)
		return
	}
	if thrown := i.throws(t, api(), call, args...); thrown.Message != message {
		t.Errorf("library %s%q throws %q, want %q", call, args, thrown.Message, message)
	}
}

// existence crosses kv.exists and kv.remove.
func (i *interop) existence(t *testing.T) {
	i.clear(t)
	i.library(t, api(), "kv.set", "a", nil)
	i.prints(t, "true\n", api(), "kv", "exists", "a")
	i.library(t, api(), "kv.remove", "a")
	if got := i.exits(t, exitNo, api(), "kv", "exists", "a"); got.out != "false\n" {
		t.Errorf("got %+v", got)
	}
	i.exits(t, exitNo, api(), "kv", "remove", "a")
	i.exits(t, exitNo, api(), "kv", "expire", "a", "60")
	i.exits(t, exitNo, api(), "kv", "persist", "a")

	i.exits(t, exitDone, api(), "kv", "set", "b", "null")
	i.gives(t, "true", api(), "kv.exists", "b")
	i.library(t, api(), "kv.set", "c", 1)
	i.prints(t, "2\n", api(), "kv", "remove", "a", "b", "c")
	i.gives(t, "false", api(), "kv.exists", "b")
	i.gives(t, "false", api(), "kv.exists", "c")
}

// conditions crosses conditional writes with keys of the library.
func (i *interop) conditions(t *testing.T) {
	i.clear(t)
	i.library(t, api(), "kv.set", "k", "theirs")
	i.exits(t, exitNo, api(), "kv", "set", "k", "1", "--if-absent")
	i.exits(t, exitNo, api(), "kv", "set", "x", "1", "--if-present")
	i.gives(t, `["theirs",null]`, api(), "batch.get", []string{"k", "x"})
	i.exits(t, exitDone, api(), "kv", "set", "k", "1", "--if-present")
	i.exits(t, exitDone, api(), "kv", "set", "x", "2", "--if-absent", "--ttl", "1h")
	i.gives(t, `[1,2]`, api(), "batch.get", []string{"k", "x"})
	i.lasts(t, "x", 3600)
}

// expired waits for the end of a key that each side gave a second.
func (i *interop) expired(t *testing.T) {
	i.clear(t)
	i.library(t, api(), "kv.set", "theirs", 1, options{"ttl": 1})
	i.exits(t, exitDone, api(), "kv", "set", "ours", "1", "--ttl", "1s")
	err := storetest.WaitFor(t.Context(), 30*time.Second, func() error {
		if left := i.library(t, api(), "batch.get", []string{"theirs", "ours"}); left != "[null,null]" {
			return errors.New("still there: " + left)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	i.exits(t, exitNo, api(), "kv", "get", "theirs")
	i.gives(t, "null", api(), "kv.get", "ours")
}
