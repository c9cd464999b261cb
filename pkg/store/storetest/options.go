package storetest

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// settings are what options change.
type settings struct {
	program  string
	password string
	socket   bool
	cluster  bool
	replicas int
	primary  *Server
	watched  *Server // by a Sentinel
	secure   *Certificates
	args     []string
}

// Option changes how a Redis server is started.
type Option func(*settings)

// WithProgram starts another server than redis-server, such as valkey-server.
func WithProgram(name string) Option {
	return func(s *settings) { s.program = name }
}

// WithPassword protects the server. URL and Client know the password.
func WithPassword(password string) Option {
	return func(s *settings) { s.password = password }
}

// WithAppendOnly keeps the data across Restart, even after Kill.
func WithAppendOnly() Option { return WithArgs("--appendonly", "yes") }

// WithUnixSocket makes the server listen on [Server.Socket] as well.
func WithUnixSocket() Option {
	return func(s *settings) { s.socket = true }
}

// WithReplicaOf makes the server a replica. It counts as started once it has
// received the primary's data.
func WithReplicaOf(primary *Server) Option {
	return func(s *settings) { s.primary = primary }
}

// WithReplicas gives each primary of a cluster, or that of a Sentinel group, so many
// replicas.
func WithReplicas(n int) Option {
	return func(s *settings) { s.replicas = n }
}

// WithTLS makes the server speak TLS and nothing else. It demands a certificate of its
// clients, signed by the same authority, as its replicas do of it.
func WithTLS(c *Certificates) Option {
	return func(s *settings) { s.secure = c }
}

// WithArgs adds arguments of redis-server, such as "--maxmemory", "1mb". They win
// over those that we give.
func WithArgs(args ...string) Option {
	return func(s *settings) { s.args = append(s.args, args...) }
}

// withCluster makes the server a node of a cluster.
func withCluster() Option {
	return func(s *settings) { s.cluster = true }
}

// arguments returns the command line for a server. The first argument is an
// option, so redis-server reads no configuration file.
func (s *settings) arguments(server *Server) ([]string, error) {
	if s.watched != nil {
		return s.sentinelArguments(server)
	}
	args := []string{
		"--bind", loopback, "--dir", server.Dir, "--save", "", "--appendonly", "no",
		// Replicas otherwise wait five seconds for others to join them.
		"--repl-diskless-sync-delay", "0",
	}
	args = append(args, s.listening(server.Port)...)
	if s.password != "" {
		args = append(args, "--requirepass", s.password, "--masterauth", s.password)
	}
	if s.socket {
		args = append(args, "--unixsocket", server.Socket)
	}
	if s.cluster {
		args = append(args, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
			"--cluster-port", strconv.Itoa(server.busPort))
	}
	if s.primary != nil {
		args = append(args, "--replicaof", loopback+" "+strconv.Itoa(s.primary.Port))
	}
	return append(args, s.args...), nil
}

// listening returns the arguments that say on which port, and how.
func (s *settings) listening(port int) []string {
	if s.secure == nil {
		return []string{"--port", strconv.Itoa(port)}
	}
	return append(s.secure.arguments(), "--tls-port", strconv.Itoa(port), "--port", "0")
}

// place gives a server its ports and its directory.
func (s *settings) place() (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	server := &Server{Port: port, Addr: net.JoinHostPort(loopback, strconv.Itoa(port))}
	if s.cluster {
		if server.busPort, err = freePort(); err != nil {
			return nil, err
		}
	}
	if server.Dir, err = os.MkdirTemp("", "storetest"); err != nil {
		return nil, err
	}
	// The server tells its directory without symbolic links.
	if server.Dir, err = filepath.EvalSymlinks(server.Dir); err != nil {
		return nil, err
	}
	if s.socket {
		server.Socket = filepath.Join(server.Dir, "redis.sock")
	}
	return server, nil
}

// freePort returns a port nobody listens on at the moment.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
