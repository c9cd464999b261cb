package embedded

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Limits on replies that a client does not read. Beyond them it is disconnected.
const (
	maxUnread       = 1 << 30
	maxUnreadEvents = 32 << 20 // of a client that subscribes, as Redis has it
)

// closeDelay is how long the last replies may take when a connection is closed.
const closeDelay = time.Second

// guest is the connection of a client, as miniredis sees it. What it reads has been
// checked; what it writes never waits for the client, because miniredis writes while it
// keeps everybody else waiting.
type guest struct {
	net.Conn
	server *Server
	// What the guard knows about the client. Commands run one after the other.
	inTransaction bool
	subscribed    atomic.Bool
	parser        parser

	mu       sync.Mutex
	changed  sync.Cond // of mu
	loggedIn bool
	open     int // commands that were handed on and have not ended
	unread   []byte
	closing  bool
}

func (s *Server) newGuest(conn net.Conn, trusted bool) *guest {
	g := &guest{
		Conn: conn, server: s, loggedIn: trusted || s.password == "",
	}
	g.changed.L = &g.mu
	g.parser = parser{in: bufio.NewReaderSize(conn, 16<<10), limits: g.limits, begun: g.begun}
	number := strconv.FormatUint(s.number.Add(1), 10)
	s.guests.Store(number, g)
	g.parser.out = appendCommand(nil, s.greeting, number) // it is read before all else
	go g.deliver()
	return g
}

// appendCommand appends a command as clients send it.
func appendCommand(b []byte, words ...string) []byte {
	b = fmt.Appendf(b, "*%d\r\n", len(words))
	for _, word := range words {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(word), word)
	}
	return b
}

// Read returns commands that were checked. What breaks the protocol is told to the client
// after the replies to all before it, and ends the connection.
func (g *guest) Read(b []byte) (int, error) {
	n, err := g.parser.read(b)
	if refused, ok := err.(protocolError); ok { //nolint:errorlint // made by the parser itself
		g.await(func() bool { return g.open <= g.parser.unfinished() })
		_, _ = g.Write([]byte("-ERR Protocol error: " + string(refused) + "\r\n"))
	}
	return n, err
}

// limits returns what the next command may be. Somebody who is not logged in waits for the
// end of the one before: it may be the login.
func (g *guest) limits() limits {
	g.mu.Lock()
	in := g.loggedIn
	g.mu.Unlock()
	if !in {
		g.await(func() bool { return g.open == 0 })
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.loggedIn {
		return loggedInLimits()
	}
	return strangerLimits()
}

// begun counts a command that is handed on.
func (g *guest) begun() {
	g.mu.Lock()
	g.open++
	g.mu.Unlock()
}

// ended counts a command whose reply is written.
func (g *guest) ended() {
	g.mu.Lock()
	g.open--
	g.mu.Unlock()
	g.changed.Broadcast()
}

// logIn lets the client do everything.
func (g *guest) logIn() {
	g.mu.Lock()
	g.loggedIn = true
	g.mu.Unlock()
}

func (g *guest) isLoggedIn() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.loggedIn
}

// await waits until something is so, or the connection is closed.
func (g *guest) await(so func() bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !so() && !g.closing {
		g.changed.Wait()
	}
}

// Write takes a copy of b and returns.
func (g *guest) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	limit := maxUnread
	if g.subscribed.Load() {
		limit = maxUnreadEvents
	}
	if len(g.unread) > 0 && len(g.unread)+len(b) > limit {
		g.unread, g.closing = nil, true
		_ = g.Conn.Close() // the writer is waiting there
	}
	if g.closing {
		g.changed.Broadcast()
		return 0, net.ErrClosed
	}
	g.unread = append(g.unread, b...)
	g.changed.Broadcast()
	return len(b), nil
}

// Close ends the connection once the client has been given what was written.
func (g *guest) Close() error {
	g.mu.Lock()
	first := !g.closing
	g.closing = true
	g.mu.Unlock()
	g.changed.Broadcast()
	if first {
		return g.SetWriteDeadline(time.Now().Add(closeDelay))
	}
	return nil
}

// deliver writes to the client until the connection is closed.
func (g *guest) deliver() {
	defer g.leave()
	for {
		g.await(func() bool { return len(g.unread) > 0 })
		g.mu.Lock()
		unread, closing := g.unread, g.closing
		g.unread = nil
		g.mu.Unlock()
		if len(unread) > 0 {
			if _, err := g.Conn.Write(unread); err != nil {
				return
			}
		}
		if closing {
			return
		}
	}
}

// leave forgets the connection.
func (g *guest) leave() {
	g.mu.Lock()
	g.closing, g.unread = true, nil
	g.mu.Unlock()
	g.changed.Broadcast()
	_ = g.Conn.Close()
}
