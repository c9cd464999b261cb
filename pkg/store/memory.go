package store

import (
	"io"
	"net"

	"github.com/tenantstore/store/pkg/store/embedded"
)

// Memory is an embedded server that lives inside the process. No port is opened unless
// Serve is called. Its clock runs, so TTLs expire, in steps of 50 ms. It is made for
// trying things out and for tests: it differs from a real server in details (SCAN answers
// in one page). It is safe for concurrent use.
type Memory struct {
	server *embedded.Server
}

// NewMemory returns an empty embedded server. Clients that share it through
// [WithMemory] see the same data. It runs until Close.
func NewMemory() *Memory { return NewMemoryWithPassword("") }

// NewMemoryWithPassword returns an embedded server that clients must log in to, as the
// user "default".
func NewMemoryWithPassword(password string) *Memory {
	return &Memory{embedded.New(password, MatchGlob)}
}

// Close ends the server and drops its data.
func (m *Memory) Close() { m.server.Close() }

// Serve serves the clients that a listener accepts, until it is closed; it returns why it
// ended. Clients are kept from ending the process or stopping each other, but not from
// using up its memory: the listener should be on the loopback interface.
func (m *Memory) Serve(l net.Listener) error { return m.server.Serve(l) }

// Changes grows with every command. While it stays the same there is nothing to save.
func (m *Memory) Changes() uint64 { return m.server.Changes() }

// Keys returns how many keys there are.
func (m *Memory) Keys() int { return m.server.Keys() }

// Save writes all data, as they are at one moment, in the format of Load.
func (m *Memory) Save(w io.Writer) (embedded.Saved, error) { return m.server.Save(w) }

// Load adds the data that Save wrote. It returns how many keys there were; what has
// expired meanwhile is left out. After an error the server holds part of the data and
// should be closed; the error is an [embedded.FileError] where the data is to blame.
func (m *Memory) Load(r io.Reader) (keys int, err error) { return m.server.Load(r) }

// dial opens a connection to the server.
func (m *Memory) dial() (net.Conn, error) {
	conn, err := m.server.Dial()
	if err != nil {
		return nil, &dialError{"memory", err}
	}
	return conn, nil
}
