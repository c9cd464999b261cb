package cmd

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestInteropCounter(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("in turns", i.counterInTurns)
	t.Run("expiry", i.counterExpiry)
	t.Run("places", i.counterPlaces)
	t.Run("large", i.counterLarge)
	t.Run("not a number", i.counterNotANumber)
	t.Run("commands", i.counterCommands)
}

// counterInTurns has both sides count in one counter.
func (i *interop) counterInTurns(t *testing.T) {
	i.clear(t)
	i.prints(t, "1\n", api(), "counter", "increment", "c")
	i.gives(t, "2", api(), "counter.increment", "c")
	i.prints(t, "12\n", api(), "counter", "incr", "c", "--by", "10")
	i.gives(t, "11", api(), "counter.decrement", "c")
	i.prints(t, "10\n", api(), "counter", "decr", "c")
	i.holds(t, "igniter:store:api:counter:c", "10")
	i.prints(t, "true\n", api(), "counter", "set", "c", "--", "-1")
	i.gives(t, "0", api(), "counter.increment", "c")
	i.gives(t, "-1", api(), "counter.decrement", "c")
	i.prints(t, "-1\n", api(), "counter", "get", "c")
	i.prints(t, "true\n", api(), "counter", "remove", "c")
	i.gives(t, "1", api(), "counter.increment", "c")
}

// counterExpiry crosses TTLs: whoever counts on keeps them.
func (i *interop) counterExpiry(t *testing.T) {
	left := func(want int) {
		t.Helper()
		shown := strings.TrimSpace(i.exits(t, exitDone, api(), "counter", "ttl", "c").out)
		if !within(shown, want) {
			t.Errorf("the TTL is %s, want %d", shown, want)
		}
	}
	i.clear(t)
	i.library(t, api(), "counter.increment", "c")
	i.prints(t, "none\n", api(), "counter", "ttl", "c")
	i.library(t, api(), "counter.expire", "c", 3600)
	left(3600)
	i.prints(t, "2\n", api(), "counter", "increment", "c", "--ttl", "5m")
	left(3600)
	i.prints(t, "true\n", api(), "counter", "expire", "c", "2h")
	i.gives(t, "3", api(), "counter.increment", "c")
	i.gives(t, "2", api(), "counter.decrement", "c")
	left(7200)

	i.clear(t)
	i.prints(t, "1\n", api(), "counter", "increment", "c", "--ttl", "1h")
	i.gives(t, "2", api(), "counter.increment", "c")
	left(3600)
	i.library(t, api(), "counter.expire", "c", 1)
	err := storetest.WaitFor(t.Context(), 30*time.Second, func() error {
		if got := i.store(t, api(), "counter", "get", "c"); got.code != exitNo {
			return errors.New("still there: " + got.out)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// counterPlaces counts in scopes and under keys that somebody may want to escape.
func (i *interop) counterPlaces(t *testing.T) {
	i.clear(t)
	for at, key := range []string{"", "a:b", "日本é😀", "x y*?[]\\{}\"'\n", "--by"} {
		for _, p := range []place{api(), hostile()} {
			i.gives(t, "1", p, "counter.increment", key)
			i.prints(t, "2\n", p, "counter", "increment", "--ttl=9", "--", key)
			i.gives(t, "3", p, "counter.increment", key)
			i.prints(t, "3\n", p, "counter", "get", "--", key)
		}
		if n, err := i.redis.DBSize(t.Context()).Result(); err != nil || n != int64(2*(at+1)) {
			t.Errorf("after %q there are %d keys, %v", key, n, err)
		}
	}
}

// counterLarge shows where the library's answers are rounded. The count is not.
func (i *interop) counterLarge(t *testing.T) {
	i.clear(t)
	i.prints(t, "true\n", api(), "counter", "set", "c", "9007199254740992")
	i.gives(t, "9007199254740992", api(), "counter.increment", "c")
	i.prints(t, "9007199254740993\n", api(), "counter", "get", "c")
	i.prints(t, "true\n", api(), "counter", "set", "c", "9223372036854775806")
	i.gives(t, "9223372036854778000", api(), "counter.increment", "c")
	i.prints(t, "9223372036854775807\n", api(), "counter", "get", "c")
	const overflow = "ERR increment or decrement would overflow"
	if thrown := i.throws(t, api(), "counter.increment", "c"); thrown.Message != overflow {
		t.Errorf("the library throws %q", thrown.Message)
	}
	got := i.exits(t, exitRefused, api(), "counter", "increment", "c")
	if !strings.Contains(got.err, overflow) {
		t.Errorf("store says %s", got.err)
	}
	i.holds(t, "igniter:store:api:counter:c", strconv.FormatInt(1<<63-1, 10))
}

// counterNotANumber counts on keys that hold something else.
func (i *interop) counterNotANumber(t *testing.T) {
	i.clear(t)
	for _, value := range []string{`"5"`, "5.5", "", " 5", "05"} {
		i.put(t, "igniter:store:api:counter:c", value)
		const refusal = "ERR value is not an integer or out of range"
		if thrown := i.throws(t, api(), "counter.increment", "c"); thrown.Message != refusal {
			t.Errorf("the library throws %q", thrown.Message)
		}
		for _, line := range []string{"increment c", "decrement c", "increment c --ttl 5"} {
			got := i.exits(t, exitRefused, api(), append([]string{"counter"}, strings.Fields(line)...)...)
			if !strings.Contains(got.err, refusal+"\n") {
				t.Errorf("counter %s on %q says %s", line, value, got.err)
			}
		}
		i.exits(t, exitRefused, api(), "counter", "get", "c")
		i.holds(t, "igniter:store:api:counter:c", value)
	}
	i.clear(t)
	i.putList(t, "igniter:store:api:counter:c")
	i.throws(t, api(), "counter.increment", "c")
	i.exits(t, exitRefused, api(), "counter", "increment", "c")
}

// counterCommands compares what either side sends.
func (i *interop) counterCommands(t *testing.T) {
	i.clear(t)
	m := watch(t, i.server)
	const key = ` "igniter:store:api:counter:c"`
	for _, c := range []struct {
		call string
		args []any
		line string
		sent string
	}{
		{"counter.increment", []any{"c"}, "counter increment c", "incr" + key},
		{"counter.decrement", []any{"c"}, "counter decrement c", "incrby" + key + ` "-1"`},
		{"counter.expire", []any{"c", 60}, "counter expire c 1m", "expire" + key + ` "60"`},
	} {
		i.library(t, api(), c.call, c.args...)
		same(t, c.call, m.commands(t), sends(c.sent))
		i.exits(t, exitDone, api(), strings.Fields(c.line)...)
		same(t, c.line, m.commands(t), sends(c.sent))
	}
}
