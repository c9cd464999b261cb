package store

import (
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Memory is an embedded server that lives inside the process. No port is opened.
// Its clock runs, so TTLs expire, in steps of 50 ms. It is made for trying things out
// and for tests: it differs from a real server in details (SCAN answers in one page).
type Memory struct {
	server *miniredis.Miniredis
	stop   func()
}

// NewMemory returns an empty embedded server. Clients that share it through
// [WithMemory] see the same data. It runs until Close.
func NewMemory() *Memory {
	stopped := make(chan struct{})
	m := &Memory{
		server: miniredis.NewMiniRedis(),
		stop:   sync.OnceFunc(func() { close(stopped) }),
	}
	go m.tick(stopped)
	return m
}

// tick makes TTLs run. The server could do so itself (ClockTTL), but would look
// through all its keys at every command.
func (m *Memory) tick(stopped <-chan struct{}) {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-stopped:
			return
		case now := <-ticker.C:
			m.server.FastForward(now.Sub(last))
			last = now
		}
	}
}

// Close ends the server and drops its data.
func (m *Memory) Close() {
	m.stop()
	m.server.Close()
}

// dial opens a connection to the server.
func (m *Memory) dial() (net.Conn, error) {
	conn, err := m.server.Dial()
	if err != nil {
		return nil, &dialError{err}
	}
	return newEagerConn(conn), nil
}

// eagerConn lets Write return before the other side has read. The server answers
// while it reads; on a pipe without a buffer both sides would wait for each other
// as soon as a pipeline is larger than what the server has taken in.
type eagerConn struct {
	net.Conn
	mu      sync.Mutex
	pending [][]byte
	wake    chan struct{}
	closed  chan struct{}
	once    sync.Once
}

func newEagerConn(conn net.Conn) *eagerConn {
	c := &eagerConn{Conn: conn, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	go c.drain()
	return c
}

// Write takes a copy of b and returns.
func (c *eagerConn) Write(b []byte) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	c.mu.Lock()
	c.pending = append(c.pending, append([]byte(nil), b...))
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return len(b), nil
}

// Close ends the connection and its writer.
func (c *eagerConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// drain writes what is pending until the connection is closed.
func (c *eagerConn) drain() {
	for {
		select {
		case <-c.closed:
			return
		case <-c.wake:
		}
		c.mu.Lock()
		pending := c.pending
		c.pending = nil
		c.mu.Unlock()
		for _, b := range pending {
			if _, err := c.Conn.Write(b); err != nil {
				c.once.Do(func() { close(c.closed) })
				return
			}
		}
	}
}
