package embedded_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alicebob/miniredis/v2"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/embedded"
)

// FuzzPlainPattern checks that no pattern which is passed on to miniredis panics there, or
// matches other names than it does in Redis.
func FuzzPlainPattern(f *testing.F) {
	for _, seed := range []string{
		`a*`, `a?c`, `[a-c]x`, `\\E.\*\\Q`, `[z-a]`, `\\\E`, `lit\*`, `[^a]`, `a\`, "é", "(a|b)", `\\Q`, "[a-]",
	} {
		f.Add(seed, "axc")
	}
	// One subscriber for all: miniredis keeps every one it has made, with its expression,
	// until it ends.
	sub := miniredis.NewMiniRedis().NewSubscriber()
	go func() {
		for range sub.Pmessages() { // Publish waits for somebody to take the message
		}
	}()
	f.Cleanup(sub.Close)
	f.Fuzz(func(t *testing.T, pattern, name string) {
		// An expression takes pattern times name, which is minutes for what grows long.
		const longest = 256
		if pattern == "" || len(pattern) > longest || len(name) > longest || !embedded.PlainPattern(pattern, true) {
			return
		}
		if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
			name = "x" // ? and classes differ there, and it is said so
		}
		sub.Psubscribe(pattern)
		found := sub.Publish(name, "m")
		sub.Punsubscribe(pattern)
		if got := found > 0; got != store.MatchGlob(pattern, name) {
			t.Errorf("%q matches %q: %v", pattern, name, got)
		}
	})
}
