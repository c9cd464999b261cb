package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store"
)

func TestInteropScan(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("patterns", i.scanPatterns)
	t.Run("empty pattern", i.scanEmptyPattern)
	t.Run("feeds back", i.scanFeedsBack)
	t.Run("foreign keys", i.scanForeignKeys)
	t.Run("pages", i.scanPages)
	t.Run("hostile places", i.scanHostilePlaces)
	t.Run("hostile class", i.scanHostileClass)
	t.Run("namespaces", i.scanNamespaces)
	t.Run("recursive", i.scanRecursive)
	t.Run("recursive tenants", i.scanRecursiveTenants)
	t.Run("recursive namespaces", i.scanRecursiveNamespaces)
}

// theirScan lists with dev.scan, which takes and gives one page of whole keys.
func (i *interop) theirScan(t *testing.T, p place, pattern string) []string {
	t.Helper()
	all := []string{}
	for cursor := "0"; ; {
		text := i.library(t, p, "dev.scan", pattern, options{"cursor": cursor, "count": 100})
		var page struct {
			Cursor string
			Keys   []string
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Keys...)
		if cursor = page.Cursor; cursor == "0" {
			slices.Sort(all)
			return slices.Compact(all)
		}
	}
}

// ourScan lists the same with the command line: whole keys, sorted.
func (i *interop) ourScan(t *testing.T, p place, args ...string) []string {
	t.Helper()
	keys := []string{}
	for _, k := range i.scan(t, p, args...) {
		keys = append(keys, k.RedisKey)
	}
	return keys
}

// under puts the beginning of a place's keys before each of them.
func under(prefix string, keys ...string) []string {
	whole := make([]string, len(keys))
	for at, key := range keys {
		whole[at] = prefix + key
	}
	return whole
}

func same(t *testing.T, who string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", who, got, want)
	}
}

func (i *interop) scanPatterns(t *testing.T) {
	i.clear(t)
	all := []string{
		"", "*", "User:1", "[a]", `\`, "a", "b", "order:1:line:2",
		"user:1", "user:10", "user:2", "é", "日本",
	}
	for _, key := range all {
		i.library(t, tenant("org_1"), "kv.set", key, 1)
		i.library(t, tenant("org_2"), "kv.set", key, 1)
		i.library(t, api(), "kv.set", key, 1)
	}
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{"*", all},
		{"user:*", []string{"user:1", "user:10", "user:2"}},
		{"user:?", []string{"user:1", "user:2"}},
		{"*:2", []string{"order:1:line:2", "user:2"}},
		{"user:[12]*", []string{"user:1", "user:10", "user:2"}},
		{"user:[^1]", []string{"user:2"}},
		{"[a-b]", []string{"a", "b"}},
		{"[b-a]", []string{"a", "b"}},
		{"[uU]ser:1", []string{"User:1", "user:1"}},
		{`\*`, []string{"*"}},
		{`\[a\]`, []string{"[a]"}},
		{`\\`, []string{`\`}},
		{`\`, []string{`\`}},
		{"?", []string{"*", `\`, "a", "b"}},
		{"??", []string{"é"}}, // bytes, not characters
		{"日*", []string{"日本"}},
		{"**", all},
		{"user:1", []string{"user:1"}},
		{"nothing*", nil},
	} {
		t.Run(c.pattern, func(t *testing.T) {
			for prefix, p := range map[string]place{
				"igniter:store:api:organization:org_1:kv:": tenant("org_1"),
				"igniter:store:api:kv:":                    api(),
			} {
				same(t, "the library", i.theirScan(t, p, c.pattern), under(prefix, c.want...))
				same(t, "store", i.ourScan(t, p, "--", c.pattern), under(prefix, c.want...))
			}
		})
	}
}

// scanEmptyPattern differs on purpose: to the library "" is the pattern of the empty
// key, to us it is as good as none.
func (i *interop) scanEmptyPattern(t *testing.T) {
	i.clear(t)
	i.library(t, api(), "kv.set", "", 1)
	i.library(t, api(), "kv.set", "a", 1)
	same(t, "the library", i.theirScan(t, api(), ""), under("igniter:store:api:kv:", ""))
	same(t, "store", i.ourScan(t, api(), ""), under("igniter:store:api:kv:", "", "a"))
}

// scanFeedsBack gives scanned keys to kv get. Ours are made for that; those of the
// library are whole keys, which it would prefix again.
func (i *interop) scanFeedsBack(t *testing.T) {
	i.clear(t)
	p := tenant("a:b*c d")
	i.library(t, p, "kv.set", "user:1", "Ada")
	whole := i.theirScan(t, p, "*")
	i.gives(t, "null", p, "kv.get", whole[0])

	listing := i.exits(t, exitDone, p, "scan", "-o", "raw").out
	if listing != "user:1\n" {
		t.Fatalf("scan prints %q", listing)
	}
	i.prints(t, "\"Ada\"\n", p, "kv", "get", strings.TrimSpace(listing))
	if got := i.feed(t, listing, p, "batch", "get", "-f", "-", "-o", "raw"); got.out != "\"Ada\"\n" {
		t.Errorf("batch get: %+v", got)
	}
	i.gives(t, `"Ada"`, p, "kv.get", strings.TrimSpace(listing))
}

// scanForeignKeys lists keys that neither side would make. The library replaces what is
// not UTF-8, so such a key is out of its reach.
func (i *interop) scanForeignKeys(t *testing.T) {
	i.clear(t)
	i.put(t, "igniter:store:api:kv:\xffz", "1")
	i.put(t, "igniter:store:api:kv", "2")
	i.put(t, "igniter:store:apikv:x", "3")
	i.put(t, "igniter:store:api::kv:x", "4")
	i.put(t, "other:igniter:store:api:kv:x", "5")
	same(t, "the library", i.theirScan(t, api(), "*"), under("igniter:store:api:kv:", "\ufffdz"))
	i.gives(t, "null", api(), "kv.get", "\ufffdz")
	i.prints(t, `[{"key":{"base64":"/3o="},"namespace":"kv","service":"api","scopes":[],`+
		`"redisKey":{"base64":"aWduaXRlcjpzdG9yZTphcGk6a3Y6/3o="}}]`+"\n", api(), "scan", "-o", "json")
	i.prints(t, "\xffz\n", api(), "scan", "-o", "raw")
	i.prints(t, "1\n", api(), "kv", "get", "\xffz")
}

// scanPages walks the same keys page by page on both sides.
func (i *interop) scanPages(t *testing.T) {
	i.clear(t)
	names, entries := []string{}, []options{}
	for at := range 300 {
		name := "k" + strings.Repeat("x", at)
		names, entries = append(names, name), append(entries, options{"key": name, "value": at})
	}
	i.library(t, tenant("t"), "batch.set", entries)
	ours := []string{}
	for cursor := "0"; ; {
		got := i.exits(t, exitDone, tenant("t"),
			"scan", "--cursor", cursor, "--count", "20", "-o", "json")
		var page struct {
			Cursor string
			Keys   []listed
		}
		if err := json.Unmarshal([]byte(got.out), &page); err != nil {
			t.Fatal(err)
		}
		for _, k := range page.Keys {
			ours = append(ours, k.Key)
		}
		if cursor = page.Cursor; cursor == "0" {
			break
		}
	}
	slices.Sort(ours)
	same(t, "store", slices.Compact(ours), names)
	same(t, "the library", i.theirScan(t, tenant("t"), "*"),
		under("igniter:store:api:organization:t:kv:", names...))
}

// scanHostilePlaces scans in places whose names are patterns. The library shows the keys
// of other tenants there; we must not.
func (i *interop) scanHostilePlaces(t *testing.T) {
	i.clear(t)
	for _, c := range []struct {
		name    string
		hostile place
		victim  place
		ours    string
		leaked  string
	}{
		{
			"star", tenant("*"), tenant("org_1"),
			"igniter:store:api:organization:*:kv:k", "igniter:store:api:organization:org_1:kv:k",
		},
		{
			"star behind a letter", tenant("o*"), tenant("org_1"),
			"igniter:store:api:organization:o*:kv:k", "igniter:store:api:organization:org_1:kv:k",
		},
		{
			"question mark", tenant("org_?"), tenant("org_1"),
			"igniter:store:api:organization:org_?:kv:k", "igniter:store:api:organization:org_1:kv:k",
		},
		{
			"star reaches child scopes", tenant("*"),
			place{"api", [][2]string{{"organization", "a"}, {"workspace", "b"}}},
			"igniter:store:api:organization:*:kv:k", "igniter:store:api:organization:a:workspace:b:kv:k",
		},
		{
			"service",
			place{service: "a*"},
			place{service: "api"},
			"igniter:store:a*:kv:k", "igniter:store:api:kv:k",
		},
		{
			"scope key",
			place{"api", [][2]string{{"*", "1"}}},
			place{"api", [][2]string{{"t", "1"}}},
			"igniter:store:api:*:1:kv:k", "igniter:store:api:t:1:kv:k",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			i.clear(t)
			i.library(t, c.hostile, "kv.set", "k", "own")
			i.library(t, c.victim, "kv.set", "k", "secret")
			leaky := []string{c.ours, c.leaked}
			slices.Sort(leaky)
			same(t, "the library", i.theirScan(t, c.hostile, "*"), leaky)
			same(t, "store", i.ourScan(t, c.hostile), []string{c.ours})
			same(t, "store, all namespaces", i.ourScan(t, c.hostile, "-n", "all"), []string{c.ours})
			same(t, "store, recursive", i.ourScan(t, c.hostile, "--recursive"), []string{c.ours})
		})
	}
}

// scanHostileClass scans in places whose names, as patterns, do not even match
// themselves: the library lists another tenant's keys, or none, and not its own.
func (i *interop) scanHostileClass(t *testing.T) {
	i.clear(t)
	i.library(t, tenant("[ab]"), "kv.set", "k", "own")
	i.library(t, tenant("a"), "kv.set", "k", "secret")
	i.library(t, tenant(`x\y`), "kv.set", "k", "own")
	const base = "igniter:store:api:organization:"
	same(t, "the library", i.theirScan(t, tenant("[ab]"), "*"), []string{base + "a:kv:k"})
	same(t, "store", i.ourScan(t, tenant("[ab]")), []string{base + "[ab]:kv:k"})
	same(t, "the library", i.theirScan(t, tenant(`x\y`), "*"), []string{})
	same(t, "store", i.ourScan(t, tenant(`x\y`)), []string{base + `x\y:kv:k`})
}

// scanNamespaces lists what the library's other interfaces leave behind; its own scan
// knows kv alone.
func (i *interop) scanNamespaces(t *testing.T) {
	i.clear(t)
	p := tenant("org_1")
	i.library(t, p, "kv.set", "k", options{"a": 1}, options{"ttl": 3600})
	i.library(t, p, "counter.increment", "hits")
	i.library(t, p, "counter.increment", "hits")
	i.library(t, p, "claim.once", "jobs:cleanup", "worker-1", options{"ttl": 3600})
	i.library(t, p, "claim.once", "forever", options{"pid": 7})
	i.library(t, p, "streams.append", "jobs", options{"n": 1})
	i.library(t, p, "group.ensure", "workers", "w1", "empty")

	const head, scope = `{"key":"`, `"service":"api",` +
		`"scopes":[{"key":"organization","identifier":"org_1"}],` +
		`"redisKey":"igniter:store:api:organization:org_1:`
	for _, c := range []struct {
		namespace string
		want      []string
	}{
		{"kv", []string{
			head + `k","namespace":"kv",` + scope + `kv:k","value":{"a":1},"type":"string"}`,
		}},
		{"counter", []string{
			head + `hits","namespace":"counter",` + scope + `counter:hits","value":2,"type":"string"}`,
		}},
		{"claim", []string{
			head + `forever","namespace":"claim",` + scope +
				`claim:forever","value":{"pid":7},"type":"string"}`,
			head + `jobs:cleanup","namespace":"claim",` + scope +
				`claim:jobs:cleanup","value":"worker-1","type":"string"}`,
		}},
		{"streams", []string{
			head + `empty","namespace":"streams",` + scope + `streams:empty","type":"stream"}`,
			head + `jobs","namespace":"streams",` + scope + `streams:jobs","type":"stream"}`,
		}},
	} {
		t.Run(c.namespace, func(t *testing.T) {
			got := i.exits(t, exitDone, p, "scan", "-n", c.namespace, "--values", "--type", "-o", "jsonl")
			lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
			slices.Sort(lines)
			same(t, "store", lines, c.want)
		})
	}
	i.scansAllNamespaces(t, p)
}

func (i *interop) scansAllNamespaces(t *testing.T, p place) {
	t.Helper()
	const base = "igniter:store:api:organization:org_1:"
	same(t, "store", i.ourScan(t, p, "-n", "all"), under(base,
		"claim:forever", "claim:jobs:cleanup", "counter:hits", "kv:k", "streams:empty", "streams:jobs"))
	same(t, "store", i.ourScan(t, p, "-n", "all", "j*"),
		under(base, "claim:jobs:cleanup", "streams:jobs"))
	same(t, "the library", i.theirScan(t, p, "*"), under(base, "kv:k"))
	for _, k := range i.scan(t, p, "-n", "all", "--ttl") {
		lasting := k.Key == "k" || k.Key == "jobs:cleanup"
		if lasting != within(string(k.TTL), 3600) || !lasting && string(k.TTL) != "null" {
			t.Errorf("the TTL of %s is %s", k.RedisKey, k.TTL)
		}
	}
}

// deepScopes are places below one another, and some that only look like it.
func deepScopes() []place {
	return []place{
		api(),
		tenant("a"),
		tenant("b"),
		tenant("a:b*c d"),
		tenant("日本é😀"),
		{"api", [][2]string{{"organization", "a"}, {"workspace", "7"}}},
		{"api", [][2]string{{"organization", "a:b*c d"}, {"workspace", "7"}}},
		{"api", [][2]string{{"workspace", "x:y"}, {"organization", "a"}}},
		{"apis", nil},
		{"ap", [][2]string{{"organization", "a"}}},
	}
}

// reading is one key of a recursive scan as we take it apart.
type reading struct {
	redisKey  string
	scopes    []store.Scope
	key       string
	ambiguous bool
}

func (i *interop) readings(t *testing.T, p place, args ...string) []reading {
	t.Helper()
	all := []reading{}
	for _, k := range i.scan(t, p, append([]string{"--recursive"}, args...)...) {
		all = append(all, reading{k.RedisKey, k.Scopes, k.Key, k.Ambiguous})
	}
	return all
}

func (i *interop) fillDeepScopes(t *testing.T) {
	t.Helper()
	for _, p := range deepScopes() {
		i.library(t, p, "kv.set", "user:1", 1)
		i.library(t, p, "counter.increment", "user:1")
	}
}

func (i *interop) scanRecursive(t *testing.T) {
	i.clear(t)
	i.fillDeepScopes(t)
	org := func(id string) [2]string { return [2]string{"organization", id} }
	const base = "igniter:store:api:"
	plain := []reading{
		{base + "kv:user:1", chain(), "user:1", false},
		{base + "organization:a:b*c d:kv:user:1", chain(org("a:b*c d")), "user:1", true},
		{
			// Without declarations nothing says that "b*c d" is no scope key.
			base + "organization:a:b*c d:workspace:7:kv:user:1",
			chain(org("a"), [2]string{"b*c d", "workspace:7"}), "user:1", true,
		},
		{base + "organization:a:kv:user:1", chain(org("a")), "user:1", false},
		{
			base + "organization:a:workspace:7:kv:user:1",
			chain(org("a"), [2]string{"workspace", "7"}), "user:1", false,
		},
		{base + "organization:b:kv:user:1", chain(org("b")), "user:1", false},
		{base + "organization:日本é😀:kv:user:1", chain(org("日本é😀")), "user:1", false},
		{
			base + "workspace:x:y:organization:a:kv:user:1",
			chain([2]string{"workspace", "x"}, [2]string{"y", "organization:a"}), "user:1", true,
		},
	}
	if got := i.readings(t, api()); !reflect.DeepEqual(got, plain) {
		t.Errorf("got  %+v\nwant %+v", got, plain)
	}

	declared := slices.Clone(plain)
	declared[1] = reading{plain[1].redisKey, chain(org("a:b*c d")), "user:1", false}
	declared[2] = reading{
		plain[2].redisKey, chain(org("a:b*c d"), [2]string{"workspace", "7"}), "user:1", false,
	}
	declared[7] = reading{
		plain[7].redisKey, chain([2]string{"workspace", "x:y"}, org("a")), "user:1", false,
	}
	config := declare(t)
	if got := i.readings(t, api(), "--config", config); !reflect.DeepEqual(got, declared) {
		t.Errorf("got  %+v\nwant %+v", got, declared)
	}
	if got := i.readings(t, tenant("b"), "user:*"); !reflect.DeepEqual(got, plain[5:6]) {
		t.Errorf("below one tenant: got %+v, want %+v", got, plain[5:6])
	}
}

// scanRecursiveTenants lists everything of one tenant while the id of another begins
// like its own, with a colon behind it. The declared scopes tell the two apart: nothing
// but organization and workspace can be a scope key.
func (i *interop) scanRecursiveTenants(t *testing.T) {
	i.clear(t)
	for _, p := range []place{
		tenant("a"), {"api", [][2]string{{"organization", "a"}, {"workspace", "7"}}}, tenant("a:b:c"),
	} {
		i.library(t, p, "kv.set", "user:1", 1)
	}
	config := declare(t)
	same(t, "store", i.ourScan(t, tenant("a"), "--recursive", "--config", config),
		under("igniter:store:api:organization:a:", "kv:user:1", "workspace:7:kv:user:1"))
	same(t, "store", i.ourScan(t, tenant("a:b:c"), "--recursive", "--config", config),
		under("igniter:store:api:organization:a:b:c:", "kv:user:1"))
}

// declare writes a config file that declares the scopes of api.
func declare(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	const text = `services:
  - name: api
    scopes:
      - key: organization
      - key: workspace
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// scanRecursiveNamespaces lists every namespace of every service, and hands what it found
// back to kv get.
func (i *interop) scanRecursiveNamespaces(t *testing.T) {
	i.clear(t)
	i.fillDeepScopes(t)
	config := declare(t)
	counts := map[string]int{}
	for _, k := range i.scan(t, api(), "--recursive", "-n", "all", "--config", config) {
		counts[k.Namespace]++
		if k.Namespace != "kv" {
			continue
		}
		p := place{service: k.Service}
		for _, s := range k.Scopes {
			p.scopes = append(p.scopes, [2]string{s.Key, s.Identifier})
		}
		i.prints(t, "1\n", p, "kv", "get", k.Key)
		i.gives(t, "1", p, "kv.get", k.Key)
	}
	if want := (map[string]int{"kv": 8, "counter": 8}); !reflect.DeepEqual(counts, want) {
		t.Errorf("got %v, want %v", counts, want)
	}
	if n := len(i.scan(t, place{}, "--all-services", "-n", "all")); n != 2*len(deepScopes()) {
		t.Errorf("--all-services lists %d keys, want %d", n, 2*len(deepScopes()))
	}
}
