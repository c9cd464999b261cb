package cmd

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestInteropKeys(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("both ways", i.keysBothWays)
	t.Run("listed", i.keysAreListed)
	t.Run("that meet", i.keysThatMeet)
	t.Run("numeric ids", i.numericIDs)
	t.Run("refused", i.refusedPlaces)
}

// address is a key as a user names it and as Redis holds it.
type address struct {
	name     string
	place    place
	key      string
	redisKey string
}

func addresses() []address {
	in := func(id string) place { return place{"api", [][2]string{{"t", id}}} }
	return []address{
		{"unscoped", api(), "user:1", "igniter:store:api:kv:user:1"},
		{"one scope", tenant("org_1"), "user:1", "igniter:store:api:organization:org_1:kv:user:1"},
		{
			"chain",
			place{"api", [][2]string{{"organization", "org_1"}, {"workspace", "ws_9"}}},
			"user:1", "igniter:store:api:organization:org_1:workspace:ws_9:kv:user:1",
		},
		{
			"chain of four",
			place{"api", [][2]string{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}},
			"k", "igniter:store:api:a:1:b:2:c:3:d:4:kv:k",
		},
		{
			"scope twice",
			place{"api", [][2]string{{"folder", "x"}, {"folder", "y"}}},
			"k", "igniter:store:api:folder:x:folder:y:kv:k",
		},
		{"number as id", in("42"), "k", "igniter:store:api:t:42:kv:k"},
		{"zero as id", in("0"), "k", "igniter:store:api:t:0:kv:k"},
		{"negative id", in("-1.5"), "k", "igniter:store:api:t:-1.5:kv:k"},
		{"colon, star and space in id", in("a:b*c d"), "user:1", "igniter:store:api:t:a:b*c d:kv:user:1"},
		{"unicode id", in("日本é😀"), "k", "igniter:store:api:t:日本é😀:kv:k"},
		{"decomposed id", in("e\u0301"), "k", "igniter:store:api:t:e\u0301:kv:k"},
		{"newline in id", in("a\nb"), "k", "igniter:store:api:t:a\nb:kv:k"},
		{"quote in id", in(`a"b'c`), "k", `igniter:store:api:t:a"b'c:kv:k`},
		{"backslash in id", in(`a\b\\`), "k", `igniter:store:api:t:a\b\\:kv:k`},
		{"star as id", in("*"), "k", "igniter:store:api:t:*:kv:k"},
		{"question mark as id", in("?"), "k", "igniter:store:api:t:?:kv:k"},
		{"bracket as id", in("["), "k", "igniter:store:api:t:[:kv:k"},
		{"class as id", in("[a-z]"), "k", "igniter:store:api:t:[a-z]:kv:k"},
		{"equals sign and comma in id", in("a=b,c"), "k", "igniter:store:api:t:a=b,c:kv:k"},
		{"white space as id", in(" "), "k", "igniter:store:api:t: :kv:k"},
		{
			"odd scope key",
			place{"api", [][2]string{{"a.b c*", "1"}}},
			"k", "igniter:store:api:a.b c*:1:kv:k",
		},
		{"odd service", place{service: "a:b c*"}, "k", "igniter:store:a:b c*:kv:k"},
		{"unicode service", place{service: "サービス"}, "k", "igniter:store:サービス:kv:k"},
		{"service with glob", place{service: `[a]\?`}, "k", `igniter:store:[a]\?:kv:k`},
		{"empty key", api(), "", "igniter:store:api:kv:"},
		{"empty key in scope", in("1"), "", "igniter:store:api:t:1:kv:"},
		{"colons in key", api(), "::a::b:", "igniter:store:api:kv:::a::b:"},
		{"namespace in key", api(), "x:counter:y", "igniter:store:api:kv:x:counter:y"},
		{"dash before key", api(), "--help", "igniter:store:api:kv:--help"},
		{"glob as key", api(), `*?[a]\`, `igniter:store:api:kv:*?[a]\`},
		{"unicode key", api(), "日本é😀\u2028", "igniter:store:api:kv:日本é😀\u2028"},
		{"newline in key", api(), "a\r\nb", "igniter:store:api:kv:a\r\nb"},
		{"NUL in key", api(), "a\x00b", "igniter:store:api:kv:a\x00b"},
		{
			"long key", api(), strings.Repeat("x", 5000),
			"igniter:store:api:kv:" + strings.Repeat("x", 5000),
		},
	}
}

func (i *interop) keysBothWays(t *testing.T) {
	i.clear(t)
	for _, a := range addresses() {
		t.Run(a.name, func(t *testing.T) {
			i.clear(t)
			i.gives(t, "null", a.place, "kv.set", a.key, "theirs")
			i.holds(t, a.redisKey, `"theirs"`)
			i.prints(t, `"theirs"`, a.place, "kv", "get", "-o", "raw", "--", a.key)
			i.prints(t, "\"theirs\"\n", a.place, "batch", "get", "-o", "raw", "--", a.key)
			i.prints(t, "true\n", a.place, "kv", "exists", "--", a.key)

			i.exits(t, exitDone, a.place, "kv", "set", "--", a.key, `"ours"`)
			i.holds(t, a.redisKey, `"ours"`)
			i.gives(t, `"ours"`, a.place, "kv.get", a.key)
			i.gives(t, `["ours"]`, a.place, "batch.get", []string{a.key})
			i.gives(t, "true", a.place, "kv.exists", a.key)

			i.prints(t, "1\n", a.place, "kv", "remove", "--", a.key)
			i.gives(t, "false", a.place, "kv.exists", a.key)
			i.exits(t, exitNo, a.place, "kv", "get", "--", a.key)
		})
	}
}

// keysAreListed finds each key of the library again, taken apart as it was put together.
func (i *interop) keysAreListed(t *testing.T) {
	i.clear(t)
	for _, a := range addresses() {
		t.Run(a.name, func(t *testing.T) {
			i.clear(t)
			i.library(t, a.place, "kv.set", a.key, 1)
			got := i.scan(t, a.place)
			want := []listed{{
				Key: a.key, Namespace: "kv", Service: a.place.service,
				Scopes: chain(a.place.scopes...), RedisKey: a.redisKey,
			}}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// keysThatMeet shows different addresses of one key: nothing is escaped on either side.
func (i *interop) keysThatMeet(t *testing.T) {
	i.clear(t)
	for _, c := range []struct {
		name             string
		theirs, ours     place
		theirKey, ourKey string
	}{
		{
			"chain and id with colons",
			place{"api", [][2]string{{"a", "1"}, {"b", "2"}}},
			place{"api", [][2]string{{"a", "1:b:2"}}},
			"k", "k",
		},
		{
			"scope called kv", place{"api", [][2]string{{"kv", "x"}}}, api(), "y", "x:kv:y",
		},
		{"service with a namespace", place{service: "api:kv"}, api(), "x", "kv:x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i.clear(t)
			i.library(t, c.theirs, "kv.set", c.theirKey, "theirs")
			i.prints(t, "\"theirs\"\n", c.ours, "kv", "get", c.ourKey)
			i.exits(t, exitDone, c.ours, "kv", "set", c.ourKey, `"ours"`)
			i.gives(t, `"ours"`, c.theirs, "kv.get", c.theirKey)
		})
	}
}

// callsWithNumbers calls the library with ids that are numbers, which the driver's
// requests cannot hold.
const callsWithNumbers = `
import { Redis } from 'ioredis';
import { IgniterStore, IgniterStoreRedisAdapter } from '@igniter-js/store';
const redis = new Redis(process.env.REDIS_URL);
const adapter = IgniterStoreRedisAdapter.create({ redis });
const store = IgniterStore.create().withAdapter(adapter).withService('api').build();
for (const id of [42, 0, -1.5, 1e21, 0.1, 9007199254740993]) {
  await store.scope('tenant', id).kv.set('id', id);
}
process.exit(0);
`

func (i *interop) numericIDs(t *testing.T) {
	i.clear(t)
	dir, err := storetest.InteropDir()
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-")
	node.Dir, node.Stdin = dir, strings.NewReader(callsWithNumbers)
	node.Env = append(node.Environ(), "REDIS_URL="+i.url)
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for id, value := range map[string]string{
		"42": "42", "0": "0", "-1.5": "-1.5", "1e+21": "1e+21", "0.1": "0.1",
		"9007199254740992": "9007199254740992",
	} {
		p := place{"api", [][2]string{{"tenant", id}}}
		i.prints(t, value+"\n", p, "kv", "get", "id")
		i.gives(t, value, p, "kv.get", "id")
	}
}

// refusedPlaces compares the codes of places that both sides refuse.
func (i *interop) refusedPlaces(t *testing.T) {
	i.clear(t)
	for _, c := range []struct {
		name  string
		place place
		code  string
	}{
		{"no service", place{}, "STORE_SERVICE_REQUIRED"},
		{"no scope key", place{"api", [][2]string{{"", "x"}}}, "STORE_SCOPE_KEY_REQUIRED"},
		{"no identifier", tenant(""), "STORE_SCOPE_IDENTIFIER_REQUIRED"},
		{"neither", place{"api", [][2]string{{"", ""}}}, "STORE_SCOPE_KEY_REQUIRED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if thrown := i.throws(t, c.place, "kv.get", "k"); thrown.Code != c.code {
				t.Errorf("the library throws %s, want %s", thrown.Code, c.code)
			}
			got := i.exits(t, exitUsage, c.place, "kv", "get", "k", "-o", "json")
			if !strings.HasPrefix(got.err, `{"error":{"code":"`+c.code+`",`) || got.out != "" {
				t.Errorf("got %+v, want the code %s", got, c.code)
			}
		})
	}
}
