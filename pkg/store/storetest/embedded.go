package storetest

import (
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Embedded is a server inside the test process. It answers most commands as Redis
// does, and expires keys by the clock; where the two differ a test needs
// [StartRedis].
type Embedded struct {
	// Addr is the address it listens on, as host:port.
	Addr string
	// Mini is the server itself, to look at its data or to make it fail.
	Mini *miniredis.Miniredis
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
	mini := miniredis.NewMiniRedis()
	if err := mini.Start(); err != nil {
		return nil, err
	}
	stopped := make(chan struct{})
	go tick(mini, stopped)
	stop := sync.OnceFunc(func() { close(stopped) })
	return &Embedded{Addr: mini.Addr(), Mini: mini, stop: stop}, nil
}

// tick makes TTLs run. The server could do so itself, but would look through all its
// keys at every command.
func tick(mini *miniredis.Miniredis, stopped <-chan struct{}) {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-stopped:
			return
		case now := <-ticker.C:
			mini.FastForward(now.Sub(last))
			last = now
		}
	}
}

// URL returns where clients find the server.
func (e *Embedded) URL() string { return "redis://" + e.Addr }

// Stop ends the server. It may be called again.
func (e *Embedded) Stop() {
	e.stop()
	e.Mini.Close()
}
