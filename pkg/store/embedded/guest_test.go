package embedded_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

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
