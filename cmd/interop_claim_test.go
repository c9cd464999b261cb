package cmd

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestInteropClaim(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("bytes", i.claimBytes)
	t.Run("theirs", i.claimTheirs)
	t.Run("ours", i.claimOurs)
	t.Run("values", i.claimValues)
	t.Run("wrong release", i.claimWrongRelease)
	t.Run("commands", i.claimCommands)
}

// owners are texts that can be the owner of a claim.
func owners() []string {
	return []string{
		"worker-1", "42", "null", "日本é😀", `a "b" \ c`, "line\nbreak\ttab", "<>&'", " ", "{}",
		"\u2028\u007f\ufeff", "\x1b[31m",
	}
}

// claimBytes has both sides take claims for the same owners, with and without TTL. What
// is stored is the same to the byte.
func (i *interop) claimBytes(t *testing.T) {
	for _, owner := range owners() {
		i.clear(t)
		i.gives(t, "true", api(), "claim.once", "theirs", owner)
		i.gives(t, "true", api(), "claim.once", "theirs ttl", owner, options{"ttl": 3600})
		i.prints(t, "true\n", api(), "-q", "claim", "once", "ours", "--", owner)
		i.prints(t, "true\n", api(), "claim", "once", "ours ttl", "--ttl=1h", "--", owner)
		want, err := i.redis.Get(t.Context(), "igniter:store:api:claim:theirs").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"ours", "ours ttl", "theirs ttl"} {
			i.holds(t, "igniter:store:api:claim:"+key, want)
			ttl, err := i.redis.TTL(t.Context(), "igniter:store:api:claim:"+key).Result()
			if expires := ttl > 3500*time.Second; err != nil || expires != strings.HasSuffix(key, "ttl") {
				t.Errorf("%q of %q lasts %s, %v", key, owner, ttl, err)
			}
		}
	}
}

// claimTheirs takes claims with the library: we see them, respect them, and can extend
// them and give them back for their owner.
func (i *interop) claimTheirs(t *testing.T) {
	for _, owner := range owners() {
		i.clear(t)
		i.gives(t, "true", hostile(), "claim.once", "job", owner, options{"ttl": 3600})
		got := i.exits(t, exitNo, hostile(), "claim", "once", "job", "me", "--ttl", "5")
		if got.out != "false\n" {
			t.Errorf("store says %+v", got)
		}
		i.exits(t, exitNo, hostile(), "claim", "once", "--ttl=5", "--", "job", owner)
		i.exits(t, exitNo, hostile(), "claim", "run", "job", "--ttl", "5", "--", "false")
		i.exits(t, exitNo, hostile(), "claim", "release", "job", "me")
		i.exits(t, exitNo, hostile(), "claim", "extend", "job", "me", "--ttl", "5")

		shown := i.exits(t, exitDone, hostile(), "claim", "show", "job", "-o", "json")
		var claimed struct{ Owner string }
		if err := json.Unmarshal([]byte(shown.out), &claimed); err != nil || claimed.Owner != owner {
			t.Errorf("shown as %s, %v; want the owner %q", shown.out, err, owner)
		}
		i.prints(t, "job\n", hostile(), "claim", "list", "-o", "raw")
		i.prints(t, "true\n", hostile(), "claim", "extend", "--ttl=2h", "--", "job", owner)
		i.prints(t, "true\n", hostile(), "claim", "release", "--", "job", owner)
		i.gives(t, "true", hostile(), "claim.once", "job", owner)
		i.prints(t, "true\n", hostile(), "claim", "release", "job", "--force", "--yes")
		i.gives(t, "true", hostile(), "claim.once", "job", owner)
	}
}

// claimOurs takes claims with the command line: the library respects them until they are
// given back or run out.
func (i *interop) claimOurs(t *testing.T) {
	i.clear(t)
	i.prints(t, "true\n", api(), "claim", "once", "job", "me", "--ttl", "1h")
	i.gives(t, "false", api(), "claim.once", "job", "app")
	i.gives(t, "false", api(), "claim.once", "job", "me", options{"ttl": 5})
	i.prints(t, "true\n", api(), "claim", "release", "job", "me")
	i.gives(t, "true", api(), "claim.once", "job", "app", options{"ttl": 1})
	i.prints(t, "true\n", api(), "claim", "once", "job", "me", "--ttl", "1s", "--wait", "30s")
	err := storetest.WaitFor(t.Context(), 30*time.Second, func() error {
		if i.library(t, api(), "claim.once", "job", "app") != "true" {
			return errors.New("the library does not get it")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	i.prints(t, "app\n", api(), "claim", "show", "job", "--jq", ".owner")
}

// claimValues takes claims whose value is no string.
func (i *interop) claimValues(t *testing.T) {
	for _, value := range []string{
		`42`, `true`, `null`, `[1,"a"]`, `{"host":"h1","nested":{"n":[1.5]}}`, `""`,
	} {
		i.clear(t)
		i.gives(t, "true", api(), "claim.once", "job", json.RawMessage(value))
		i.prints(t, value, api(), "claim", "show", "job", "-o", "raw")
		i.exits(t, exitNo, api(), "claim", "release", "job", value)
		i.prints(t, "true\n", api(), "claim", "extend", "job", value, "--json-owner", "--ttl", "1h")
		i.prints(t, "true\n", api(), "claim", "release", "job", value, "--json-owner")
		i.prints(t, "true\n", api(), "claim", "once", "job", value, "--json-owner", "--ttl", "1h")
		i.holds(t, "igniter:store:api:claim:job", value)
		i.gives(t, "false", api(), "claim.once", "job", "app")
	}
}

// claimWrongRelease does what the library's documentation says gives a claim back. It
// deletes another key; the claim stays.
func (i *interop) claimWrongRelease(t *testing.T) {
	i.clear(t)
	i.gives(t, "true", api(), "claim.once", "job", "app")
	i.library(t, api(), "kv.remove", "job")
	i.exits(t, exitDone, api(), "claim", "show", "job")
	i.library(t, api(), "raw", "DEL", "igniter:store:api:claim:job")
	i.exits(t, exitNo, api(), "claim", "show", "job")
	i.prints(t, "true\n", api(), "claim", "once", "job", "me", "--ttl", "60")
}

// claimCommands compares what either side sends to take a claim. Without a TTL the
// library uses SETNX, which Redis counts as a command of its own.
func (i *interop) claimCommands(t *testing.T) {
	i.clear(t)
	m := watch(t, i.server)
	const key = ` "igniter:store:api:claim:job"`
	i.library(t, api(), "claim.once", "job", "me", options{"ttl": 30})
	want := sends("set" + key + ` "\"me\"" "EX" "30" "NX"`)
	same(t, "library", m.commands(t), want)
	i.exits(t, exitNo, api(), "claim", "once", "job", "me", "--ttl", "30", "-q")
	if got := m.commands(t); len(got) == 0 || got[0] != want[0] {
		t.Errorf("store sends %q, want %q first", got, want)
	}
	i.clear(t)
	i.library(t, api(), "claim.once", "job", "me")
	same(t, "library", m.commands(t), sends("setnx"+key+` "\"me\""`))
	i.exits(t, exitNo, api(), "claim", "once", "job", "me", "-q")
	if got := m.commands(t); len(got) == 0 || got[0] != "set"+key+` "\"me\"" "NX"` {
		t.Errorf("store sends %q", got)
	}
}
