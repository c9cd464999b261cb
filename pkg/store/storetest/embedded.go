package storetest

import (
	"errors"
	"net"
	"sync"

	"github.com/tenantstore/store/pkg/store"
)

// Embedded is the server of [store.Memory], listening on a port. It answers most commands
// as Redis does, and expires keys by the clock; where the two differ a test needs
// [StartRedis].
type Embedded struct {
	// Addr is the address it listens on, as host:port.
	Addr string
	stop func()
}

// RunEmbedded starts an embedded server for one test.
func RunEmbedded(tb TB) *Embedded {
	tb.Helper()
	server, err := StartEmbedded()
	return run(tb, server, err)
}

// StartEmbedded starts an embedded server.
func StartEmbedded() (*Embedded, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	memory := store.NewMemory()
	served := make(chan error, 1)
	go func() { served <- memory.Serve(listener) }()
	stop := sync.OnceFunc(func() {
		listener.Close()
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			panic(err) // it served no longer, and tests went on against nothing
		}
		memory.Close()
	})
	return &Embedded{Addr: listener.Addr().String(), stop: stop}, nil
}

// URL returns where clients find the server.
func (e *Embedded) URL() string { return "redis://" + e.Addr }

// Stop ends the server. It may be called again.
func (e *Embedded) Stop() { e.stop() }
