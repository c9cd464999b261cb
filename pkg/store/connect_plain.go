package store

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// lastWords is what a server said before it closed a connection that it did not want. It wraps
// nothing: the driver would return that in its place.
type lastWords struct{ text string }

func (e *lastWords) Error() string { return e.text }

// tooMany is how a server turns a client away that it has no place for. It does so before it
// was asked anything.
const tooMany = "ERR max number of clients"

// plainConn is a connection that tells that the server has no place for it. The driver
// takes the words for the answer to its greeting, goes on as with an old server, and fails with
// "broken pipe".
type plainConn struct {
	*net.TCPConn // as it is, since the driver looks at its socket
	greeted      atomic.Bool
}

// listening returns conn as a plainConn, where it can be one.
func listening(conn net.Conn) net.Conn {
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &plainConn{TCPConn: tcp}
	}
	return conn
}

func (c *plainConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if c.greeted.Load() || n == 0 {
		return n, err
	}
	c.greeted.Store(true)
	if text, failed := strings.CutPrefix(string(b[:n]), "-"); failed && strings.HasPrefix(text, tooMany) {
		return 0, &lastWords{strings.TrimSpace(text)}
	}
	return n, err
}

func (c *plainConn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	if c.greeted.Load() || !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		return n, err
	}
	// What the server said may still be there to read, though the connection is closed.
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	answer := make([]byte, 256)
	m, _ := c.TCPConn.Read(answer)
	if text, failed := bytes.CutPrefix(answer[:m], []byte("-")); failed {
		return n, &lastWords{strings.TrimSpace(string(text))}
	}
	return n, err
}
