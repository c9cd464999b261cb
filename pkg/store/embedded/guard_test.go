package embedded_test

import (
	"errors"
	"io"
	"strings"
	"testing"
)

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
