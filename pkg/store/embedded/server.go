package embedded

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// clockStep is how often TTLs are looked at.
const clockStep = 50 * time.Millisecond

// Server is an embedded server. Its methods may be called at the same time.
type Server struct {
	mini  *miniredis.Miniredis
	match func(pattern, s string) bool
	// password is what clients log in with, as the user "default"; none if empty.
	password string
	// greeting is the command by which a connection makes itself known to the guard. No
	// client can guess it.
	greeting string
	begin    sync.Once
	stop     func()
	// peers are the connections by what miniredis knows of them; guests by number.
	peers, guests sync.Map
	number        atomic.Uint64
	// inside are the peers whose command has passed the guard.
	inside sync.Map
	// commands counts those that were let through.
	commands atomic.Uint64
}

// New returns an empty server that runs until Close. A match function decides about
// patterns as Redis does. An empty password lets everybody in. No port is opened.
func New(password string, match func(pattern, s string) bool) *Server {
	stopped := make(chan struct{})
	s := &Server{
		mini: miniredis.NewMiniRedis(), match: match, password: password,
		greeting: "greeting-" + rand.Text(),
		stop:     sync.OnceFunc(func() { close(stopped) }),
	}
	go s.tick(stopped)
	return s
}

// tick makes TTLs run. miniredis could do so itself (ClockTTL), but would look through
// all its keys at every command.
func (s *Server) tick(stopped <-chan struct{}) {
	ticker := time.NewTicker(clockStep)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-stopped:
			return
		case now := <-ticker.C:
			s.mini.FastForward(now.Sub(last))
			last = now
		}
	}
}

// Close ends the server and all connections, and drops its data.
func (s *Server) Close() {
	s.stop()
	s.mini.Close()
}

// Changes grows with every command that was let through. While it stays the same, only
// the clock has changed the data.
func (s *Server) Changes() uint64 { return s.commands.Load() }

// Dial opens a connection inside the process. It needs no login.
func (s *Server) Dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	if err := s.serve(theirs, true); err != nil {
		return nil, err
	}
	return ours, nil
}

// Serve serves the connections that a listener accepts, until it is closed.
func (s *Server) Serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		if err := s.serve(conn, false); err != nil {
			return err
		}
	}
}

// serve hands a connection to miniredis, behind the guard.
func (s *Server) serve(conn net.Conn, trusted bool) error {
	mini, err := s.started()
	if err != nil {
		return err
	}
	mini.ServeConn(s.newGuest(conn, trusted))
	return nil
}

// started returns miniredis' own server. It begins with the first connection: its table
// of commands is not made for those who need none.
func (s *Server) started() (mini *server.Server, err error) {
	s.begin.Do(func() {
		var conn net.Conn
		if conn, err = s.mini.Dial(); err == nil {
			s.mini.Server().SetPreHook(s.guard)
			err = conn.Close()
		}
	})
	if err != nil {
		return nil, err
	}
	if mini = s.mini.Server(); mini == nil {
		return nil, net.ErrClosed
	}
	return mini, nil
}

// admits reports whether a user may log in.
func (s *Server) admits(user, password string) bool {
	same := subtle.ConstantTimeCompare([]byte(password), []byte(s.password)) == 1
	return user == "default" && (same || s.password == "")
}
