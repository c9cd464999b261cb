package store

import (
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// handshakeFailure marks a failure of TLS, as a plain port that stays silent is one.
type handshakeFailure struct{ error }

func (e *handshakeFailure) Unwrap() error { return e.error }

// tlsFor returns the TLS settings for one server. Each is checked against its own
// host name unless a name was given: the nodes of a cluster differ.
func (c *connector) tlsFor(addr string) *tls.Config {
	config := c.tls.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if host, _, err := net.SplitHostPort(addr); err == nil && config.ServerName == "" {
		config.ServerName = host
	}
	config.MinVersion = tls.VersionTLS12
	return config
}

// tlsConn is a connection that tells why the server closed it. With TLS 1.3 the server judges
// the client's certificate after the handshake is over on this side: its alert, which says
// what is wrong, may have come when the first write finds the connection closed, and
// nobody would read it.
type tlsConn struct {
	*tls.Conn
	written atomic.Bool
}

func (c *tlsConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.written.Swap(true) || !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		return n, err
	}
	// Nothing was asked yet: all that can be there to read is the alert.
	_, reason := c.Conn.Read(make([]byte, 1))
	if alert, ok := errors.AsType[*net.OpError](reason); ok && alert.Op == "remote error" {
		return n, reason
	}
	return n, err
}
