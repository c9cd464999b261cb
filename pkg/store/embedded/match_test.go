package embedded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store"
)

// TestPatterns compares patterns that miniredis takes for something else, dies of, or
// hangs at, with what Redis does.
func TestPatterns(t *testing.T) {
	addr, _ := listen(t, "")
	w := dial(t, addr)
	keys := []string{"a", "b", "-", "z", `\E.*\Q`, `\x`, "é", "\xff\xfe", "secret:1", "[x]", "a\nb", `E`}
	for _, key := range keys {
		w.want("+OK", "SET", key, "1")
		w.want(":1", "HSET", "HASH", key, "v:"+key)
		w.want(":1", "SADD", "SET", key)
		w.want(":1", "ZADD", "ZSET", "1", key)
	}
	keys = append(keys, "HASH", "SET", "ZSET")
	for _, pattern := range []string{
		"*", "?", "??", "[z-a]", "[z-a]*", `\\E.\*\\Q`, `\E.*\Q`, `\\E.*\\Q`, `\\*`, `*\`, `\`, "[", "[]", "[^", "[^]",
		"[a-", "[a", "\xff*", "\xff?", "?\xfe", "[\xff]?", "é", `[\`, "[[:alpha:]]", "[^a]", "secret:*", `\\E*`,
		`[\]]`, `[\w]`, `[\d-z]`, "a?b", `\[x\]`, "(?i)A", "a|b", "$", "*\\", "[a-z]*", "*1", "x*y", "[b-a]",
		`[&&a]`, `[a^]`, "\\Q", "\\\\\\E", `\\\E.*\Q`,
	} {
		want := map[string]bool{}
		for _, key := range keys {
			if store.MatchGlob(pattern, key) {
				want[key] = true
			}
		}
		got := w.list("KEYS", pattern)
		same(t, "KEYS "+pattern, got, want)
		same(t, "SCAN "+pattern, w.list("SCAN", "0", "MATCH", pattern, "COUNT", "1000")[1:], want)
		for _, key := range keys[len(keys)-3:] {
			delete(want, key)
		}
		same(t, "SSCAN "+pattern, w.list("SSCAN", "SET", "0", "match", pattern)[1:], want)
		same(t, "HSCAN "+pattern, even(w.list("HSCAN", "HASH", "0", "COUNT", "9", "Match", pattern)[1:]), want)
		same(t, "ZSCAN "+pattern, even(w.list("ZSCAN", "ZSET", "0", "MATCH", "*", "MATCH", pattern)[1:]), want)
		// A script does not get around it.
		script := w.list("EVAL", "return redis.call('KEYS', ARGV[1])", "0", pattern)
		same(t, "EVAL "+pattern, script, asSet(got))
	}
	w.want("-ERR invalid cursor", "SCAN", "x", "MATCH", "[z-a]")
	w.want("-ERR syntax error", "SCAN", "0", "MATCH")
	w.want("-WRONGTYPE Operation against a key holding the wrong kind of value", "HSCAN", "SET", "0", "MATCH", "?")
}

// TestSubscriptionPatterns checks that patterns which stop all of miniredis, or reach
// other channels, are refused, and that others work.
func TestSubscriptionPatterns(t *testing.T) {
	addr, _ := listen(t, "")
	w, publisher := dial(t, addr), dial(t, addr)
	for _, pattern := range []string{"[z-a]", `\\E.\*\\Q`, `\\\E.*`, "\xff*", `x\`, "[", "[]", `[\w]`, "[[:alpha:]]", "[a-\\]"} {
		if got := w.ask("PSUBSCRIBE", "ok", pattern); !strings.HasPrefix(got, "-ERR the embedded server does not take this pattern") {
			t.Errorf("%q: got %q", pattern, got)
		}
		publisher.want(":0", "PUBLISH", "secret", "1")
	}
	for i, pattern := range []string{"user:*", "a?c", "[a-c]x", `lit\*`, `\\x*`} {
		if got := w.ask("PSUBSCRIBE", pattern); got != fmt.Sprintf("[psubscribe %s :%d]", pattern, i+1) {
			t.Errorf("got %q", got)
		}
	}
	for channel, pattern := range map[string]string{
		"user:1": "user:*", "abc": "a?c", "bx": "[a-c]x", "lit*": `lit\*`, `\xyz`: `\\x*`,
	} {
		publisher.want(":1", "PUBLISH", channel, "m")
		if got := w.reply(); got != "[pmessage "+pattern+" "+channel+" m]" {
			t.Errorf("got %q", got)
		}
	}
	publisher.want(":0", "PUBLISH", "litx", "m")
	other := dial(t, addr)
	other.want("[subscribe é :1]", "SUBSCRIBE", "é")
	other.want("[subscribe secret :2]", "SUBSCRIBE", "secret")
	publisher.want("[]", "PUBSUB", "CHANNELS", "[z-y]")
	publisher.want("[]", "PUBSUB", "CHANNELS", `\\E.*\\Q`)
	publisher.want("[é]", "PUBSUB", "CHANNELS", "??")
}
