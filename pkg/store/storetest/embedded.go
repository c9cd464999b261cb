package storetest

import "github.com/alicebob/miniredis/v2"

// Embedded is a server inside the test process. It answers most commands as Redis
// does, and expires keys by the clock; where the two differ a test needs
// [StartRedis].
type Embedded struct {
	// Addr is the address it listens on, as host:port.
	Addr string
	// Mini is the server itself, to look at its data or to make it fail.
	Mini *miniredis.Miniredis
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
	mini.ClockTTL(true)
	if err := mini.Start(); err != nil {
		return nil, err
	}
	return &Embedded{Addr: mini.Addr(), Mini: mini}, nil
}

// URL returns where clients find the server.
func (e *Embedded) URL() string { return "redis://" + e.Addr }

// Stop ends the server. It may be called again.
func (e *Embedded) Stop() { e.Mini.Close() }
