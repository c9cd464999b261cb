package embedded_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/embedded"
)

// save returns a snapshot of a server.
func save(t *testing.T, server *embedded.Server) (text string, saved embedded.Saved) {
	t.Helper()
	var b bytes.Buffer
	saved, err := server.Save(&b)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), saved
}

// load returns a client of a new server with the data of a snapshot.
func load(t *testing.T, text string, wantKeys int) (*wire, *embedded.Server) {
	t.Helper()
	addr, server := listen(t, "")
	keys, err := server.Load(strings.NewReader(text))
	if err != nil || keys != wantKeys || server.Keys() != wantKeys {
		t.Fatalf("%d keys, %v; there are %d, want %d, in\n%s", keys, err, server.Keys(), wantKeys, text)
	}
	return dial(t, addr), server
}

// question is a command and its reply.
type question struct {
	reply string
	words []string
}

// everything fills a server with all that a snapshot keeps, and returns questions whose
// answers are the data.
func everything(t *testing.T, w *wire) (keys int, questions []question) {
	t.Helper()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	raw := string(all)
	for _, words := range [][]string{
		{"SET", "text", "<é>&\u2028\n"}, {"SET", raw, raw}, {"SET", "", ""}, {"SET", `{"base64":"eA=="}`, `{"base64":"eA=="}`},
		{"HSET", "hash", "a", "1", raw, raw, "", ""},
		{"RPUSH", "list", "b", "a", "b", "", raw},
		{"SADD", "set", "m", "", raw},
		{"ZADD", "zset", "inf", "last", "-inf", "first", "0.1", raw, "1e300", "large", "-0.30000000000000004", ""},
		{"XADD", "stream", "5-1", "a", "1", "a", "2", raw, ""}, {"XADD", "stream", "5-2", "", raw}, {"XADD", "stream", "7-0", "k", "v"},
		{"XGROUP", "CREATE", "stream", raw, "0"}, {"XGROUP", "CREATE", "stream", "other", "5-2"},
		{"XGROUP", "CREATECONSUMER", "stream", "other", "idle"},
		{"XREADGROUP", "GROUP", raw, raw, "COUNT", "1", "STREAMS", "stream", ">"},
		{"XREADGROUP", "GROUP", raw, "c", "COUNT", "1", "STREAMS", "stream", ">"},
		{"XCLAIM", "stream", raw, "c", "0", "5-2", "RETRYCOUNT", "7", "JUSTID"},
		{"XGROUP", "CREATE", "empty", "g", "$", "MKSTREAM"},
		{"XGROUP", "CREATE", "bare", "g", "0", "MKSTREAM"}, {"XGROUP", "DESTROY", "bare", "g"},
		{"SELECT", "15"}, {"SET", "text", "of database 15"}, {"SELECT", "0"},
	} {
		if reply := w.ask(words...); strings.HasPrefix(reply, "-") {
			t.Fatalf("%q: %s", words, reply)
		}
	}
	for _, words := range [][]string{
		{"GET", "text"}, {"GET", raw}, {"GET", ""}, {"GET", `{"base64":"eA=="}`},
		{"HLEN", "hash"}, {"HGET", "hash", raw}, {"HGET", "hash", ""}, {"LRANGE", "list", "0", "-1"},
		{"SCARD", "set"}, {"SISMEMBER", "set", raw}, {"SISMEMBER", "set", ""},
		{"ZRANGE", "zset", "0", "-1", "WITHSCORES"}, {"XRANGE", "stream", "-", "+"},
		{"XPENDING", "stream", raw}, {"XPENDING", "stream", "other", "-", "+", "9"}, {"XINFO", "GROUPS", "empty"},
		{"TYPE", "bare"}, {"XLEN", "bare"}, {"XINFO", "GROUPS", "bare"}, {"TTL", "stream"},
		{"XREADGROUP", "GROUP", raw, raw, "STREAMS", "stream", "0"},
		{"SELECT", "15"}, {"GET", "text"}, {"DBSIZE"}, {"SELECT", "0"}, {"DBSIZE"},
	} {
		questions = append(questions, question{w.ask(words...), words})
	}
	return 12, questions
}

// TestSnapshot saves every kind of data and loads it.
func TestSnapshot(t *testing.T) {
	addr, server := listen(t, "")
	keys, questions := everything(t, dial(t, addr))
	before := dial(t, addr).groups("stream")
	text, saved := save(t, server)
	if saved.Keys != keys || saved.Lost != 0 || saved.Changes != server.Changes() {
		t.Errorf("saved %+v, want %d keys after %d commands", saved, keys, server.Changes())
	}
	w, second := load(t, text, keys)
	// A second snapshot is the same one, but for the time of the first line and the sum.
	again, _ := save(t, second)
	if got, want := body(again), body(text); got != want {
		t.Errorf("saved again:\n%s\nwant\n%s", got, want)
	}
	for _, q := range questions {
		w.want(q.reply, q.words...)
	}
	if got := w.groups("stream"); !slices.Equal(got, before) {
		t.Errorf("the groups are %q, want %q", got, before)
	}
}

// groups returns what a server says of the groups of a stream, which is in no order.
func (w *wire) groups(stream string) []string {
	groups := strings.Split(strings.Trim(w.ask("XINFO", "GROUPS", stream), "[]"), "] [")
	slices.Sort(groups)
	return groups
}

// body returns the records of a snapshot.
func body(text string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[1:len(lines)-2], "")
}

// TestSnapshotLong keeps what does not fit one record.
func TestSnapshotLong(t *testing.T) {
	addr, server := listen(t, "")
	w := dial(t, addr)
	const n = 2500
	hash, list, set, zset := []string{"HSET", "h"}, []string{"RPUSH", "l"}, []string{"SADD", "s"}, []string{"ZADD", "z"}
	for i := range n {
		m := strconv.Itoa(i)
		hash, list, set, zset = append(hash, m, "v"+m), append(list, m), append(set, m), append(zset, m, m)
	}
	for _, words := range [][]string{hash, list, set, zset} {
		w.want(":2500", words...)
	}
	w.want("+OK", "SET", "big", strings.Repeat("\x00\xff", 1<<20))
	text, _ := save(t, server)
	got, _ := load(t, text, 5)
	for _, words := range [][]string{{"HLEN", "h"}, {"LLEN", "l"}, {"SCARD", "s"}, {"ZCARD", "z"}} {
		got.want(":2500", words...)
	}
	got.want("v2499", "HGET", "h", "2499")
	got.want("[2498 2499]", "LRANGE", "l", "-2", "-1")
	got.want("2001", "ZSCORE", "z", "2001")
	got.want(":2097152", "STRLEN", "big")
}

// TestSnapshotTTL keeps TTLs as the times at which they end, those of fields as well.
func TestSnapshotTTL(t *testing.T) {
	addr, server := listen(t, "")
	w := dial(t, addr)
	w.want("+OK", "SET", "k", "v", "EX", "1000")
	w.want(":2", "HSET", "h", "f", "1", "g", "2")
	w.want("[:1]", "HEXPIRE", "h", "1000", "FIELDS", "1", "f")
	begin := time.Now()
	text, saved := save(t, server)
	if saved.Keys != 2 {
		t.Errorf("%+v", saved)
	}
	// The same times, however late it is read: what has passed is gone.
	found := regexp.MustCompile(`(?:"expires":|"fieldExpires":\[)(\d+)`).FindAllStringSubmatch(text, -1)
	if len(found) != 2 {
		t.Fatalf("there is no time in\n%s", text)
	}
	for _, match := range found {
		millis, err := strconv.ParseInt(match[1], 10, 64)
		left := time.UnixMilli(millis).Sub(begin)
		if err != nil || left > 1001*time.Second || left < 900*time.Second {
			t.Errorf("%s ends in %s, %v", match[0], left, err)
		}
	}
	w, _ = load(t, text, 2)
	for _, words := range [][]string{{"PTTL", "k"}, {"HPTTL", "h", "FIELDS", "1", "f"}} {
		var left int
		reply := strings.Trim(w.ask(words...), "[]")
		if _, err := fmt.Sscanf(reply, ":%d", &left); err != nil || left > 1_000_000 || left < 900_000 {
			t.Errorf("%q: got %s", words, reply)
		}
	}
	w.want("[:-1]", "HTTL", "h", "FIELDS", "1", "g")
}

// TestSnapshotExpired leaves out what has expired since it was saved.
func TestSnapshotExpired(t *testing.T) {
	far := time.Now().Add(time.Hour).UnixMilli()
	w, _ := load(t, snapshot(
		`{"key":"gone","type":"string","value":"v","expires":1}`,
		`{"key":"goneList","type":"list","items":["a"],"expires":1}`,
		`{"key":"goneList","type":"list","items":["b"],"expires":1}`,
		`{"key":"kept","type":"string","value":"v","expires":`+strconv.FormatInt(far, 10)+`}`,
		`{"key":"never","type":"string","value":"v","expires":9223372036854775807}`,
		`{"key":"h","type":"hash","items":["old","1","new","2"]}`,
		`{"key":"h","type":"hash","fields":["old"],"fieldExpires":[1]}`,
	), 3)
	w.want(":0", "EXISTS", "gone", "goneList")
	w.want(":2", "EXISTS", "kept", "never")
	w.want("[new 2]", "HGETALL", "h")
}

// TestSnapshotLost counts HyperLogLogs, which are not kept.
func TestSnapshotLost(t *testing.T) {
	addr, server := listen(t, "")
	w := dial(t, addr)
	w.want(":1", "PFADD", "visitors", "a")
	w.want("+OK", "SET", "k", "v")
	text, saved := save(t, server)
	if saved.Keys != 1 || saved.Lost != 1 || server.Keys() != 2 {
		t.Errorf("%+v of %d keys", saved, server.Keys())
	}
	load(t, text, 1)
}

// TestSnapshotOneMoment saves while transactions write two keys: it never has one without
// the other.
func TestSnapshotOneMoment(t *testing.T) {
	addr, server := listen(t, "")
	w := dial(t, addr)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			n := strconv.Itoa(i)
			_, _ = io.WriteString(w, command("MULTI")+command("SET", "a", n)+command("SET", "b", n)+command("EXEC"))
			for range 4 {
				if _, err := w.read(); err != nil {
					return
				}
			}
		}
	}()
	values := regexp.MustCompile(`"value":"(\d+)"`)
	for range 200 {
		text, saved := save(t, server)
		found := values.FindAllStringSubmatch(text, -1)
		if len(found) != saved.Keys || len(found) == 2 && found[0][1] != found[1][1] || len(found) == 1 {
			t.Errorf("half of a transaction:\n%s", text)
		}
	}
	close(stop)
	<-done
}

// brokenWriter is a file on a full disk.
type brokenWriter struct{ room int }

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// TestSnapshotNotWritten says so.
func TestSnapshotNotWritten(t *testing.T) {
	addr, server := listen(t, "")
	dial(t, addr).want("+OK", "SET", "k", strings.Repeat("v", 200_000))
	for _, room := range []int{0, 100, 100_000, 200_000} {
		if _, err := server.Save(&brokenWriter{room}); err == nil {
			t.Errorf("no error with room for %d bytes", room)
		}
	}
}
