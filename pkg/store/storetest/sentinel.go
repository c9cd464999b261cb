package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// PrimaryName is what Sentinels call the primary they watch.
const PrimaryName = "main"

// sentinels is how many of them there are in a group.
const sentinels = 3

// SentinelGroup is a primary with its replicas, watched by three Sentinels.
type SentinelGroup struct {
	// Servers are the primary it began with, and its replicas.
	Servers []*Server
	// Sentinels watch over them.
	Sentinels []*Server
}

// RunSentinels starts a group for one test.
func RunSentinels(tb TB, options ...Option) *SentinelGroup {
	tb.Helper()
	settings := newSettings(options)
	Require(tb, settings.program)
	group, err := StartSentinels(options...)
	return run(tb, group, err)
}

// StartSentinels starts a group of a primary and two replicas, or as many as WithReplicas
// says, and returns once every Sentinel knows all others. The options are those of each
// server; with a password the Sentinels want another one, as [SentinelGroup.URL] says.
func StartSentinels(options ...Option) (*SentinelGroup, error) {
	g := &SentinelGroup{}
	if err := g.start(options); err != nil {
		g.Stop()
		return nil, fmt.Errorf("starting Sentinels: %w", err)
	}
	return g, nil
}

func (g *SentinelGroup) start(options []Option) error {
	s := newSettings(append([]Option{WithReplicas(2)}, options...))
	primary, err := StartRedis(options...)
	if err != nil {
		return err
	}
	g.Servers = []*Server{primary}
	replicas, err := startAll(s.replicas, append(options[:len(options):len(options)], WithReplicaOf(primary))...)
	if g.Servers = append(g.Servers, replicas...); err != nil {
		return err
	}
	g.Sentinels, err = startAll(sentinels, withWatch(primary), WithProgram(s.program), WithTLS(s.secure))
	if err != nil {
		return err
	}
	return WaitFor(context.Background(), startLimit, func() error { return g.complete(context.Background()) })
}

// withWatch makes the server a Sentinel.
func withWatch(primary *Server) Option {
	return func(s *settings) {
		s.watched = primary
		if primary.settings.password != "" {
			s.password = sentinelPassword(primary.settings.password)
		}
	}
}

func sentinelPassword(password string) string { return password + "-of-sentinels" }

// sentinelArguments writes the file that a Sentinel cannot do without, and keeps.
func (s *settings) sentinelArguments(server *Server) ([]string, error) {
	w := s.watched
	var b strings.Builder
	line := func(words ...any) { fmt.Fprintln(&b, words...) }
	line("bind", loopback)
	line("dir", server.Dir)
	arguments := s.listening(server.Port)
	for i := 0; i < len(arguments); i += 2 {
		line(strings.TrimPrefix(arguments[i], "--"), arguments[i+1])
	}
	line("sentinel monitor", PrimaryName, loopback, w.Port, sentinels/2+1)
	line("sentinel down-after-milliseconds", PrimaryName, 1000)
	line("sentinel failover-timeout", PrimaryName, 4000)
	if s.password != "" {
		line("requirepass", s.password)
		line("sentinel sentinel-pass", s.password)
		line("sentinel auth-pass", PrimaryName, w.settings.password)
	}
	path := filepath.Join(server.Dir, "sentinel.conf")
	return []string{path, "--sentinel"}, os.WriteFile(path, []byte(b.String()), 0o600)
}

// complete reports whether every Sentinel knows all replicas and all other Sentinels.
func (g *SentinelGroup) complete(ctx context.Context) error {
	for _, s := range g.Sentinels {
		known, err := g.about(ctx, s)
		if err != nil {
			return err
		}
		if known["num-slaves"] != strconv.Itoa(len(g.Servers)-1) ||
			known["num-other-sentinels"] != strconv.Itoa(sentinels-1) || known["flags"] != "master" {
			return fmt.Errorf("not complete: %v", known)
		}
	}
	return nil
}

// about returns what one Sentinel knows of the primary.
func (g *SentinelGroup) about(ctx context.Context, s *Server) (map[string]string, error) {
	cmd := redis.NewMapStringStringCmd(ctx, "sentinel", "master", PrimaryName)
	_ = s.client.Process(ctx, cmd)
	return cmd.Result()
}

// Primary returns the server that all Sentinels call the primary and that is one.
func (g *SentinelGroup) Primary(ctx context.Context) (*Server, error) {
	var found *Server
	for _, s := range g.Sentinels {
		known, err := g.about(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, server := range g.Servers {
			switch {
			case strconv.Itoa(server.Port) != known["port"]:
			case found != nil && found != server:
				return nil, errors.New("the Sentinels do not agree")
			default:
				found = server
			}
		}
	}
	if found == nil {
		return nil, errors.New("the Sentinels name a server that is none of ours")
	}
	role, err := found.client.Do(ctx, "ROLE").Slice()
	if err == nil && role[0] != "master" {
		err = fmt.Errorf("%s is a %v", found.Addr, role[0])
	}
	return found, err
}

// FailOver kills the primary and returns as soon as another server is one.
func (g *SentinelGroup) FailOver(ctx context.Context) (killed *Server, err error) {
	err = WaitFor(ctx, startLimit, func() error {
		killed, err = g.Primary(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	killed.Kill()
	return killed, WaitFor(ctx, 3*startLimit, func() error {
		primary, err := g.Primary(ctx)
		if err == nil && primary == killed {
			err = errors.New("the killed one is still called the primary")
		}
		return err
	})
}

// Rejoin starts a server again, as a replica of the primary there is now.
func (g *SentinelGroup) Rejoin(ctx context.Context, s *Server) error {
	err := WaitFor(ctx, startLimit, func() (err error) {
		s.settings.primary, err = g.Primary(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return s.Restart()
}

// URL returns where clients find the group: redis+sentinel:// with both passwords and all
// Sentinels.
func (g *SentinelGroup) URL() string {
	primary := g.Servers[0]
	u := url.URL{Scheme: primary.settings.scheme("+sentinel"), User: primary.userinfo()}
	addrs := make([]string, len(g.Sentinels))
	for i, s := range g.Sentinels {
		addrs[i] = s.Addr
	}
	u.Host, u.Path = strings.Join(addrs, ","), "/0"
	query := url.Values{"master": {PrimaryName}}
	if password := primary.settings.password; password != "" {
		query.Set("sentinel_password", sentinelPassword(password))
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Stop ends the group. It may be called again.
func (g *SentinelGroup) Stop() {
	stopAll(g.Sentinels)
	stopAll(g.Servers)
}
