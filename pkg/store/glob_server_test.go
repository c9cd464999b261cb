package store_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// globPairs returns how many pairs of a pattern and a key a test compares.
func globPairs() int {
	if n, err := strconv.Atoi(os.Getenv("STORE_TEST_GLOBS")); err == nil && n > 0 {
		return n
	}
	return 60_000
}

// globText returns a short text of what patterns are made of, and a little more.
func globText(random *rand.Rand) string {
	parts := []string{"*", "?", "[", "]", "^", "-", `\`, ":", "a", "b", "c", "é", "日", "\xff", "\n"}
	var b strings.Builder
	for range random.IntN(8) {
		b.WriteString(parts[random.IntN(len(parts))])
	}
	return b.String()
}

// TestGlobsOnServer has a server judge random patterns: an escaped text matches itself and
// nothing else, with a star behind it what begins with it, and any pattern what MatchGlob
// says. STORE_TEST_GLOBS is how many pairs of a pattern and a key there are.
func TestGlobsOnServer(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	const perRound = 200
	for pairs := 0; pairs < globPairs() && !t.Failed(); {
		keys := map[string]bool{}
		for range perRound {
			keys[globText(random)] = true
		}
		delete(keys, "") // which matches * and not **, and is no key of a store
		setKeys(t, server, keys)
		for range perRound / 10 {
			// Half of the texts are there.
			text := globText(random)
			if random.IntN(2) == 0 {
				text = slices.Sorted(maps.Keys(keys))[random.IntN(len(keys))]
			}
			escaped := store.EscapeGlob(text)
			judge(t, server, escaped, keys, func(key string) bool { return key == text })
			judge(t, server, escaped+"*", keys, func(key string) bool { return strings.HasPrefix(key, text) })
			if !signed(text) {
				judge(t, server, text, keys, func(key string) bool { return store.MatchGlob(text, key) })
			}
			pairs += 3 * len(keys)
		}
	}
	if t.Failed() {
		t.Logf("the seed is %d", seed)
	}
}

// signed reports whether a pattern may hold a range that ends at a byte beyond ASCII. What is
// between that and another depends on whether the server's compiler takes bytes for signed.
func signed(pattern string) bool {
	beyond := strings.ContainsFunc(pattern, func(r rune) bool { return r > unicode.MaxASCII })
	return beyond && strings.Contains(pattern, "-")
}

// setKeys makes these the only keys of a server.
func setKeys(t *testing.T, server *storetest.Server, keys map[string]bool) {
	t.Helper()
	_, err := server.Client().Pipelined(t.Context(), func(p redis.Pipeliner) error {
		p.FlushDB(t.Context())
		for key := range keys {
			p.Set(t.Context(), key, "1", 0)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// judge compares the keys that a server says a pattern matches with those that it should.
func judge(t *testing.T, server *storetest.Server, pattern string, keys map[string]bool,
	want func(key string) bool,
) {
	t.Helper()
	found, err := server.Client().Keys(t.Context(), pattern).Result()
	if err != nil {
		t.Fatal(err)
	}
	matched := map[string]bool{}
	for _, key := range found {
		matched[key] = true
	}
	for key := range keys {
		if matched[key] != want(key) {
			t.Errorf("the server says that %q matches %q: %v", pattern, key, matched[key])
		}
	}
}
