package embedded_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/embedded"
)

// listen starts a server on a real socket.
func listen(t *testing.T, password string) (addr string, server *embedded.Server) {
	t.Helper()
	server = embedded.New(password, store.MatchGlob)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // it ends when l is closed
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		server.Close()
	})
	return l.Addr().String(), server
}

// wire is a client that sends bytes.
type wire struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, addr string) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &wire{t, conn, bufio.NewReader(conn)}
}

// send sends bytes as they are.
func (w *wire) send(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		w.t.Fatal(err)
	}
}

// command spells a command.
func command(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
	}
	return b.String()
}

// reply reads a reply, as redis-cli would show it in one line.
func (w *wire) reply() string {
	w.t.Helper()
	text, err := w.read()
	if err != nil {
		w.t.Fatalf("no reply: %v", err)
	}
	return text
}

func (w *wire) read() (string, error) {
	line, err := w.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	n := 0
	_, _ = fmt.Sscanf(line[1:], "%d", &n)
	switch line[0] {
	case '$':
		if n < 0 {
			return "(nil)", nil
		}
		text := make([]byte, n+2)
		_, err := io.ReadFull(w.in, text)
		return string(text[:n]), err
	case '*', '>':
		parts := make([]string, n)
		for i := range parts {
			if parts[i], err = w.read(); err != nil {
				return "", err
			}
		}
		return "[" + strings.Join(parts, " ") + "]", nil
	}
	return line, nil
}

// ask sends a command and returns the reply.
func (w *wire) ask(words ...string) string {
	w.t.Helper()
	w.send(command(words...))
	return w.reply()
}

// want asks and compares.
func (w *wire) want(want string, words ...string) {
	w.t.Helper()
	if got := w.ask(words...); got != want {
		w.t.Errorf("%q: got %q, want %q", words, got, want)
	}
}

// gone checks that the server has ended the connection.
func (w *wire) gone() {
	w.t.Helper()
	if rest, err := io.ReadAll(w.in); err != nil || len(rest) > 0 {
		w.t.Errorf("the connection is still there: %q, %v", rest, err)
	}
}

// TestProtocol sends what breaks the protocol. miniredis alone dies of the first ones:
// it makes room for what is announced, and takes the first word of a command with none.
func TestProtocol(t *testing.T) {
	addr, _ := listen(t, "")
	bystander := dial(t, addr)
	for _, test := range []struct{ name, send, want string }{
		{"huge word", "*1\r\n$9223372036854775000\r\n", "invalid bulk length"},
		{"word of 2^62", "*1\r\n$4611686018427387904\r\n", "invalid bulk length"},
		{"word over 512 MB", "*1\r\n$536870913\r\n", "invalid bulk length"},
		{"negative word", "*1\r\n$-5\r\n", "invalid bulk length"},
		{"no word", "*1\r\n$-1\r\n", "invalid bulk length"},
		{"huge command", "*9223372036854775807\r\n$1\r\nx\r\n", "invalid multibulk length"},
		{"over 2^20 words", "*1048577\r\n", "invalid multibulk length"},
		{"overflow", "*99999999999999999999\r\n", "invalid multibulk length"},
		{"no number", "*x\r\n", "invalid multibulk length"},
		{"hexadecimal", "*0x10\r\n", "invalid multibulk length"},
		{"empty number", "*\r\n", "invalid multibulk length"},
		{"plus", "*+1\r\n", "invalid multibulk length"},
		{"simple string", "*1\r\n+PING\r\n", "expected '$'"},
		{"inline", "PING\r\n", "inline commands are not taken here"},
		{"web page", "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "inline commands are not taken here"},
		{"endless line", "*" + strings.Repeat("1", 100_000), "too big count string"},
		{"endless inline", strings.Repeat("x", 100_000), "too big count string"},
		{"nested", "*1\r\n*1\r\n$4\r\nPING\r\n", "expected '$'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := dial(t, addr)
			// What came before is answered first.
			w.send(command("ECHO", "before") + test.send)
			if got := w.reply(); got != "before" {
				t.Errorf("got %q", got)
			}
			if got := w.reply(); !strings.HasPrefix(got, "-ERR Protocol error: ") ||
				!strings.Contains(got, test.want) {
				t.Errorf("got %q, want %s", got, test.want)
			}
			if _, err := io.ReadAll(w.in); err != nil && !errors.Is(err, io.EOF) &&
				!strings.Contains(err.Error(), "reset") {
				t.Error(err)
			}
			bystander.want("+PONG", "PING")
		})
	}
}

// TestEmptyCommands are no commands; miniredis alone dies of them.
func TestEmptyCommands(t *testing.T) {
	addr, _ := listen(t, "")
	w := dial(t, addr)
	w.send("*0\r\n*-1\r\n\r\n" + command("PING"))
	if got := w.reply(); got != "+PONG" {
		t.Errorf("got %q", got)
	}
	w.want("-ERR unknown command ``, with args beginning with: ", "")
	w.want("-ERR wrong number of arguments for 'get' command", "GET")
}

// TestStrangers checks what may be done before logging in.
func TestStrangers(t *testing.T) {
	addr, _ := listen(t, "secret")
	for _, test := range []struct{ name, send, want string }{
		{"many words", "*11\r\n", "unauthenticated multibulk length"},
		{"long word", "*2\r\n$4\r\nECHO\r\n$16385\r\n", "unauthenticated bulk length"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := dial(t, addr)
			w.send(test.send)
			if got := w.reply(); !strings.Contains(got, test.want) {
				t.Errorf("got %q", got)
			}
			w.gone()
		})
	}
	w := dial(t, addr)
	const noAuth = "-NOAUTH Authentication required."
	for _, words := range [][]string{
		{"PING"}, {"SET", "k", "v"}, {"EVAL", "return 1", "0"}, {"SUBSCRIBE", "c"}, {"COMMAND"}, {"nosuch"},
		{"MULTI"}, {"EXEC"}, {"CLIENT", "SETNAME", "x"}, {"PSUBSCRIBE", "[z-a]"}, {"KEYS", `\E`},
		{"AUTH", "a", "b", "c"},
	} {
		w.want(noAuth, words...)
	}
	if got := w.ask("HELLO", "3"); !strings.HasPrefix(got, "-NOAUTH HELLO must be called") {
		t.Errorf("got %q", got)
	}
	const wrong = "-WRONGPASS invalid username-password pair or user is disabled."
	w.want(wrong, "AUTH", "wrong")
	w.want(wrong, "AUTH", "")
	w.want(wrong, "AUTH", "other", "secret")
	w.want(wrong, "HELLO", "3", "AUTH", "default", "wrong")
	w.want(noAuth, "PING")
	// A login and what needs it may come in one packet.
	w.send(command("AUTH", "secret") + command("SET", "k", strings.Repeat("v", 100_000)) + command("STRLEN", "k"))
	for _, want := range []string{"+OK", "+OK", ":100000"} {
		if got := w.reply(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	hello := dial(t, addr)
	if got := hello.ask("HELLO", "2", "SETNAME", "AUTH", "AUTH", "default", "secret"); !strings.HasPrefix(got, "[server") {
		t.Errorf("got %q", got)
	}
	hello.want(":1", "EXISTS", "k")
	hello.want("+OK", "QUIT")
	hello.gone()
}

// TestStrangerHangsUp checks that what a stranger sent is not done once he has gone.
func TestStrangerHangsUp(t *testing.T) {
	addr, server := listen(t, "secret")
	for range 200 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, command("PING")+command("PING")+command("SET", "k", "v"))
		conn.Close()
	}
	w := dial(t, addr)
	w.want("+OK", "AUTH", "secret")
	w.want(":0", "EXISTS", "k")
	if server.Changes() != 1 {
		t.Errorf("%d commands were let through", server.Changes())
	}
}

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

// list asks and returns the strings of the reply, those of lists within it as well.
func (w *wire) list(words ...string) []string {
	w.t.Helper()
	w.send(command(words...))
	var all []string
	var read func()
	read = func() {
		line, err := w.in.ReadString('\n')
		if err != nil {
			w.t.Fatalf("%q: %v", words, err)
		}
		n := 0
		if _, err := fmt.Sscanf(line[1:], "%d", &n); err != nil {
			w.t.Fatalf("%q: %q", words, line)
		}
		if line[0] == '$' {
			text := make([]byte, n+2)
			if _, err := io.ReadFull(w.in, text); err != nil {
				w.t.Fatal(err)
			}
			all = append(all, string(text[:n]))
			return
		}
		for range n {
			read()
		}
	}
	read()
	return all
}

func even(list []string) (half []string) {
	for i := 0; i < len(list); i += 2 {
		half = append(half, list[i])
	}
	return half
}

func asSet(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

func same(t *testing.T, what string, got []string, want map[string]bool) {
	t.Helper()
	if set := asSet(got); len(set) != len(got) || fmt.Sprint(set) != fmt.Sprint(want) {
		t.Errorf("%q: got %q, want %v", what, got, want)
	}
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

// TestTransactions checks that a refused command makes a transaction fail.
func TestTransactions(t *testing.T) {
	addr, _ := listen(t, "")
	w := dial(t, addr)
	for _, refused := range [][]string{
		{"KEYS", "[z-a]"}, {"PSUBSCRIBE", "[z-a]"}, {"SETRANGE", "k", "536870912", "x"},
	} {
		w.want("+OK", "MULTI")
		w.want("+QUEUED", "SET", "k", "v")
		if got := w.ask(refused...); !strings.HasPrefix(got, "-ERR ") {
			t.Errorf("%q: got %q", refused, got)
		}
		w.want("-EXECABORT Transaction discarded because of previous errors.", "EXEC")
		w.want(":0", "EXISTS", "k")
	}
	w.want("+OK", "MULTI")
	w.want("+QUEUED", "SET", "k", "v")
	w.want("+QUEUED", "KEYS", "k*")
	w.want("[+OK [k]]", "EXEC")
	w.want("[k]", "KEYS", "?")
}

// TestAmounts checks that nothing makes room for what nobody has sent.
func TestAmounts(t *testing.T) {
	addr, _ := listen(t, "")
	w := dial(t, addr)
	w.want(":1", "SADD", "s", "m")
	for _, words := range [][]string{
		{"SETRANGE", "k", "9223372036854775807", "x"},
		{"SETRANGE", "k", "536870912", "x"},
		{"SETBIT", "k", "4294967296", "1"},
		{"SRANDMEMBER", "s", "-9223372036854775807"},
		{"SELECT", "16"},
		{"EVAL", "return redis.call('SETRANGE', 'k', '1000000000000', 'x')", "0"},
	} {
		if got := w.ask(words...); !strings.HasPrefix(got, "-") {
			t.Errorf("%q: got %q", words, got)
		}
	}
	w.want("+PONG", "PING")
}

// TestPanics checks that the server outlives commands that miniredis panics at, with its
// data locked (a function as reply) or not, in a script and in a transaction.
func TestPanics(t *testing.T) {
	addr, _ := listen(t, "")
	bystander := dial(t, addr)
	withoutValue := []string{"XCLAIM", "s", "g", "c", "0", "1-1", "IDLE"}
	function := []string{"EVAL", "return function() end", "0"}
	for _, words := range [][]string{withoutValue, function} {
		w := dial(t, addr)
		if got := w.ask(words...); !strings.HasPrefix(got, "-ERR the embedded server failed at "+words[0]) {
			t.Errorf("%q: got %q", words, got)
		}
		w.gone()
		bystander.want("+OK", "SET", "k", "v")
	}
	w := dial(t, addr)
	script := "return redis.call('XCLAIM', 's', 'g', 'c', '0', '1-1', 'IDLE')"
	if got := w.ask("EVAL", script, "0"); !strings.Contains(got, "failed at XCLAIM") {
		t.Errorf("got %q", got)
	}
	w.want("+OK", "SET", "k", "v")
	w.want("+OK", "MULTI")
	w.want("+QUEUED", function...)
	w.send(command("EXEC"))
	if _, err := io.ReadAll(w.in); err != nil {
		t.Error(err)
	}
	bystander.want("+OK", "SET", "k", "v")
}

// TestStalledReaders checks that a client which reads nothing stops nobody: neither with a
// reply that fills all buffers on the way nor with events.
func TestStalledReaders(t *testing.T) {
	addr, _ := listen(t, "")
	w := dial(t, addr)
	w.want("+OK", "SET", "k", strings.Repeat("x", 1<<20))
	stalled := dial(t, addr)
	stalled.send(strings.Repeat(command("GET", "k"), 64))
	subscriber := dial(t, addr)
	subscriber.want("[subscribe c :1]", "SUBSCRIBE", "c")
	event := strings.Repeat("e", 1<<20)
	for range 30 {
		w.want(":1", "PUBLISH", "c", event)
	}
	w.want("+PONG", "PING")
	// What was kept for them is there when they read at last.
	for range 64 {
		if n := len(stalled.reply()); n != 1<<20 {
			t.Fatalf("a reply of %d bytes", n)
		}
	}
	if got := subscriber.reply(); got != "[message c "+event+"]" {
		t.Errorf("an event of %d bytes", len(got))
	}
	// Whoever goes on not reading is let go.
	for range 200 {
		if w.ask("PUBLISH", "c", event) == ":0" {
			return
		}
	}
	t.Error("a subscriber that does not read is still there after 200 MB")
}

// TestPipeline checks that many commands in one packet are answered in order.
func TestPipeline(t *testing.T) {
	addr, _ := listen(t, "")
	w := dial(t, addr)
	const n = 20_000
	var all strings.Builder
	for i := range n {
		all.WriteString(command("ECHO", fmt.Sprint(i)))
	}
	go func() { _, _ = io.WriteString(w, all.String()) }()
	for i := range n {
		if got := w.reply(); got != fmt.Sprint(i) {
			t.Fatalf("got %q, want %d", got, i)
		}
	}
}
