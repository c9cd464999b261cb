package store

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// neverRetry switches off the driver's own retries. They would run INCR, XADD,
// PUBLISH and SET NX twice after a lost reply and report success.
const neverRetry = -1

// poolSize is enough for a reader beside a writer; a command-line tool needs no
// more, and servers count connections.
const poolSize = 4

// connector holds what it takes to connect; dialling happens on first use.
type connector struct {
	target
	timeout time.Duration
	tls     *tls.Config
	memory  *Memory
	dialed  func() // called when a connection finished its handshake
	missed  func() // called when a server could not be reached; may be nil
}

// client returns the driver's client for the target.
func (c *connector) client() redis.UniversalClient {
	switch c.mode {
	case cluster:
		return redis.NewClusterClient(c.clusterOptions())
	case sentinel:
		return redis.NewFailoverClient(c.failoverOptions())
	}
	return redis.NewClient(c.options())
}

func (c *connector) options() *redis.Options {
	addr := "memory"
	if len(c.addrs) > 0 {
		addr = c.addrs[0]
	}
	return &redis.Options{
		Network: c.network, Addr: addr, DB: c.db, Dialer: c.dial,
		Username: c.username, Password: c.password,
		OnConnect:   c.onConnect,
		MaxRetries:  neverRetry,
		PoolSize:    poolSize,
		DialTimeout: c.timeout, ReadTimeout: c.timeout, WriteTimeout: c.timeout,
		DialerRetries: 1, ContextTimeoutEnabled: true,
		// Both would cost a round trip each and leave errors in the server's
		// statistics that operators alarm on.
		DisableIdentity: true, MaintNotificationsConfig: quietMaintenance(),
	}
}

func (c *connector) clusterOptions() *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs: c.addrs, Dialer: c.dial,
		Username: c.username, Password: c.password,
		OnConnect: c.onConnect,
		PoolSize:  poolSize,
		// Redirects are followed; what may be sent only once says so itself.
		MaxRedirects: 8,
		// The driver repeats what a cluster refuses for the moment, as we do for longer; at its
		// own pace it would take a second and more to come out with what the refusal is.
		MaxRetryBackoff: 50 * time.Millisecond,
		DialTimeout:     c.timeout, ReadTimeout: c.timeout, WriteTimeout: c.timeout,
		DialerRetries: 1, ContextTimeoutEnabled: true,
		// The driver's default of a minute would keep us talking to a primary
		// that is long gone.
		ClusterStateReloadInterval: 2 * time.Second,
		DisableIdentity:            true, MaintNotificationsConfig: quietMaintenance(),
	}
}

func (c *connector) failoverOptions() *redis.FailoverOptions {
	return &redis.FailoverOptions{
		MasterName: c.master, SentinelAddrs: c.addrs, DB: c.db, Dialer: c.dial,
		SentinelUsername: c.sentinelUsername, SentinelPassword: c.sentinelPassword,
		Username: c.username, Password: c.password,
		OnConnect:   c.onConnect,
		MaxRetries:  neverRetry,
		PoolSize:    poolSize,
		DialTimeout: c.timeout, ReadTimeout: c.timeout, WriteTimeout: c.timeout,
		DialerRetries: 1, ContextTimeoutEnabled: true,
		DisableIdentity: true,
	}
}

func quietMaintenance() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

func (c *connector) onConnect(context.Context, *redis.Conn) error {
	c.dialed()
	return nil
}

// dialError marks a failure to connect, after which nothing can have been sent.
type dialError struct {
	addr string
	err  error
}

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// dial opens a connection, with TLS where the URL asks for it.
func (c *connector) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if c.mode == memory {
		return c.memory.dial()
	}
	ctx, cancel := context.WithTimeout(ctx, c.dialLimit())
	defer cancel()
	conn, err := c.connect(ctx, network, addr)
	if err != nil {
		if c.missed != nil {
			c.missed()
		}
		return nil, &dialError{addr, err}
	}
	return conn, nil
}

// leastDial is the least time that a connection is given, where the limit allows it.
const leastDial = 500 * time.Millisecond

// dialLimit bounds how long connecting takes. Where there are several servers, one that
// does not answer must leave time for the others.
func (c *connector) dialLimit() time.Duration {
	if c.mode == cluster || c.mode == sentinel {
		return min(c.timeout, max(c.timeout/3, leastDial))
	}
	return c.timeout - c.timeout/10 // to be able to say what there was no time for
}

func (c *connector) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: 15 * time.Second}
	conn, err := dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if !c.target.tls {
		return listening(conn), nil
	}
	secure := tls.Client(conn, c.tlsFor(addr))
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, &handshakeFailure{err}
	}
	return &tlsConn{Conn: secure}, nil
}

// driverLog passes the driver's own messages on at debug level: it reports every
// failed connection several times, and its default is to write to stderr.
type driverLog struct{ log *slog.Logger }

func (l driverLog) Printf(ctx context.Context, format string, args ...any) {
	if l.log.Enabled(ctx, slog.LevelDebug) {
		l.log.DebugContext(ctx, fmt.Sprintf(format, args...), "from", "go-redis")
	}
}
