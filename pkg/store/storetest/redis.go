package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	loopback     = "127.0.0.1"
	startLimit   = 10 * time.Second
	portAttempts = 5
)

// errPortTaken says that somebody else was quicker to listen on a free port.
const errPortTaken failure = "the port is taken"

// failure is an error that needs no details.
type failure string

func (f failure) Error() string { return string(f) }

// Server is a running redis-server. Its methods that stop and start it must not
// be called by several goroutines at once; the others may.
type Server struct {
	// Addr is the address it listens on, as host:port.
	Addr string
	// Port is the port of Addr.
	Port int
	// Socket is the path of its Unix socket. It is empty without WithUnixSocket.
	Socket string
	// Dir is its working directory, removed by Stop.
	Dir string

	busPort  int
	settings settings
	process  *process
	client   *redis.Client
}

// RunRedis starts a Redis server for one test.
func RunRedis(tb TB, options ...Option) *Server {
	tb.Helper()
	settings := newSettings(options)
	Require(tb, settings.program)
	server, err := StartRedis(options...)
	return run(tb, server, err)
}

// StartRedis starts a Redis server and returns once it answers. It keeps nothing
// on disk unless an option says so.
func StartRedis(options ...Option) (*Server, error) {
	settings := newSettings(options)
	var err error
	for range portAttempts {
		var server *Server
		if server, err = startOnce(settings); err == nil {
			return server, nil
		}
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return nil, fmt.Errorf("starting %s: %w", settings.program, err)
}

func newSettings(options []Option) settings {
	s := settings{program: "redis-server"}
	for _, option := range options {
		option(&s)
	}
	return s
}

// startOnce tries a port of its own choice.
func startOnce(settings settings) (*Server, error) {
	server, err := settings.place()
	if err != nil {
		return nil, err
	}
	server.settings = settings
	server.client = server.newClient()
	if err := server.start(); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
}

// URL returns where clients find the server, with the password.
func (s *Server) URL() string {
	u := url.URL{Scheme: s.settings.scheme(""), User: s.userinfo(), Host: s.Addr}
	return u.String()
}

// scheme returns that of a URL for a kind of deployment: "", "+cluster" or "+sentinel".
func (s *settings) scheme(kind string) string {
	if s.secure != nil {
		return "rediss" + kind
	}
	return "redis" + kind
}

func (s *Server) userinfo() *url.Userinfo {
	if s.settings.password == "" {
		return nil
	}
	return url.UserPassword("", s.settings.password)
}

// Client returns a connection for checks. It ends with Stop, survives Restart,
// and repeats nothing.
func (s *Server) Client() *redis.Client { return s.client }

// Stop ends the server and removes its files. It may be called again.
func (s *Server) Stop() {
	s.client.Close()
	if s.process != nil {
		s.process.stop()
	}
	os.RemoveAll(s.Dir)
}

// Kill ends the server as a crash would. Restart brings it back.
func (s *Server) Kill() { s.process.kill() }

// Pause stops the server without closing its connections: it keeps its port and
// answers nothing until Resume.
func (s *Server) Pause() error { return pause(s.process.handle) }

// Resume lets a paused server go on. It then answers what it was asked meanwhile.
func (s *Server) Resume() error { return resume(s.process.handle) }

// Restart ends the server if it still runs and starts it again on the same port.
// Its data are lost, except after a SAVE and with WithAppendOnly.
func (s *Server) Restart() error {
	s.process.stop()
	var err error
	WaitFor(context.Background(), startLimit, func() error {
		// A client that calls in vain may hold the port for a moment.
		if err = s.start(); errors.Is(err, errPortTaken) {
			return err
		}
		return nil
	})
	return err
}

// start runs the program and waits until it answers.
func (s *Server) start() error {
	log, err := os.Create(s.logPath())
	if err != nil {
		return err
	}
	defer log.Close()
	arguments, err := s.settings.arguments(s)
	if err != nil {
		return err
	}
	if s.process, err = launch(log, s.settings.program, arguments...); err != nil {
		return err
	}
	ctx := s.process.alive
	if err := WaitFor(ctx, startLimit, func() error { return s.ready(ctx) }); err != nil {
		s.process.kill()
		return s.explain(err)
	}
	return nil
}

func (s *Server) logPath() string { return filepath.Join(s.Dir, "server.log") }

// explain adds what the server said before it ended.
func (s *Server) explain(err error) error {
	log, _ := os.ReadFile(s.logPath())
	if bytes.Contains(log, []byte("Address already in use")) {
		return fmt.Errorf("%s: %w", s.Addr, errPortTaken)
	}
	return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(log))
}

// ready reports whether the server serves its clients.
func (s *Server) ready(ctx context.Context) error {
	// A bare connection first: the driver writes to standard error when it is
	// refused.
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return err
	}
	conn.Close()

	if s.settings.watched != nil {
		return s.client.Ping(ctx).Err() // a Sentinel has no CONFIG GET
	}
	config, err := s.client.ConfigGet(ctx, "dir").Result()
	if isRefusal(err) {
		return nil // It answers. What it demands is the business of the test.
	}
	if err != nil {
		return err
	}
	if config["dir"] != s.Dir {
		return errPortTaken
	}
	return s.serving(ctx)
}

// serving reports whether the server has loaded its data, or its primary's.
func (s *Server) serving(ctx context.Context) error {
	if err := s.client.Ping(ctx).Err(); err != nil || s.settings.primary == nil {
		return err
	}
	return s.InStep(ctx)
}

// InStep returns nil for a replica that has received all of its primary's data.
func (s *Server) InStep(ctx context.Context) error {
	info, err := s.client.Info(ctx, "replication").Result()
	if err == nil && !strings.Contains(info, "master_link_status:up") {
		err = errors.New("not in step with its primary")
	}
	return err
}

// isRefusal reports whether err is a server's answer, other than that it is busy
// starting.
func isRefusal(err error) bool {
	_, answered := errors.AsType[redis.Error](err)
	return answered && !strings.HasPrefix(err.Error(), "LOADING")
}

func (s *Server) newClient() *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:                     s.Addr,
		Password:                 s.settings.password,
		MaxRetries:               -1,
		DialerRetries:            1,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		TLSConfig:                s.settings.secure.config(),
		MaintNotificationsConfig: quiet(),
	})
}

// quiet keeps the driver from asking for notices of maintenance, which would be
// one more command in the way of a test.
func quiet() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}
