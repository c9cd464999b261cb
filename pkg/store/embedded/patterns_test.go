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
	mini := miniredis.NewMiniRedis()
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if pattern == "" || !embedded.PlainPattern(pattern, true) {
			return
		}
		if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
			name = "x" // ? and classes differ there, and it is said so
		}
		sub := mini.NewSubscriber()
		sub.Psubscribe(pattern)
		received := make(chan bool)
		go func() {
			_, ok := <-sub.Pmessages()
			received <- ok
		}()
		found := sub.Publish(name, "m")
		sub.Close()
		if got := <-received; got != (found > 0) || got != store.MatchGlob(pattern, name) {
			t.Errorf("%q matches %q: %v", pattern, name, got)
		}
	})
}
