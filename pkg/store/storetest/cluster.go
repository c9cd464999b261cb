package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// slots is how many hash slots the primaries of a cluster share.
const slots = 16384

// Cluster is a Redis Cluster.
type Cluster struct {
	// Servers are the primaries it began with, in the order of the slots they own.
	Servers []*Server
	// Replicas are the replicas it began with, those of the first primary first.
	Replicas []*Server

	client *redis.ClusterClient
}

// RunCluster starts a cluster for one test.
func RunCluster(tb TB, primaries int, options ...Option) *Cluster {
	tb.Helper()
	settings := newSettings(options)
	Require(tb, settings.program)
	cluster, err := StartCluster(primaries, options...)
	return run(tb, cluster, err)
}

// StartCluster starts a cluster and returns once every node calls it complete,
// which takes Redis two to three seconds. The primaries own equal shares of the
// slots. The options are those of each node.
func StartCluster(primaries int, options ...Option) (*Cluster, error) {
	c := &Cluster{}
	replicas := newSettings(options).replicas
	servers, err := startAll(primaries*(1+replicas), append(slices.Clip(options), withCluster())...)
	c.Servers = servers[:min(primaries, len(servers))]
	c.Replicas = servers[len(c.Servers):]
	if err == nil {
		err = c.form(context.Background())
	}
	if err != nil {
		c.Stop()
		return nil, fmt.Errorf("forming a cluster: %w", err)
	}
	c.client = c.newClient()
	return c, nil
}

// startAll starts servers, all at once. Those that were started are returned in any case.
func startAll(n int, options ...Option) ([]*Server, error) {
	servers, errs := make([]*Server, n), make([]error, n)
	var starting sync.WaitGroup
	for i := range n {
		starting.Go(func() { servers[i], errs[i] = StartRedis(options...) })
	}
	starting.Wait()
	servers = slices.DeleteFunc(servers, func(s *Server) bool { return s == nil })
	return servers, errors.Join(errs...)
}

// form makes a cluster of the nodes.
func (c *Cluster) form(ctx context.Context) error {
	if err := c.join(ctx); err != nil {
		return err
	}
	for i, s := range c.Replicas {
		primary := c.Servers[i*len(c.Servers)/len(c.Replicas)]
		id, err := primary.client.Do(ctx, "CLUSTER", "MYID").Text()
		if err == nil {
			err = s.client.ClusterReplicate(ctx, id).Err()
		}
		if err != nil {
			return err
		}
	}
	for _, s := range c.Replicas {
		if err := WaitFor(ctx, startLimit, func() error { return s.InStep(ctx) }); err != nil {
			return err
		}
	}
	return WaitFor(ctx, startLimit, func() error { return c.replicated(ctx) })
}

// replicated reports whether every node knows of all replicas.
func (c *Cluster) replicated(ctx context.Context) error {
	for _, s := range c.nodes() {
		nodes, err := s.client.ClusterNodes(ctx).Result()
		if err != nil {
			return err
		}
		if got := strings.Count(nodes, "slave "); got != len(c.Replicas) {
			return fmt.Errorf("%s knows %d replicas", s.Addr, got)
		}
	}
	return nil
}

// nodes returns all nodes.
func (c *Cluster) nodes() []*Server { return slices.Concat(c.Servers, c.Replicas) }

// join deals the slots, introduces the nodes, and waits for them to agree.
func (c *Cluster) join(ctx context.Context) error {
	first, n := c.Servers[0], len(c.Servers)
	for i, s := range c.nodes() {
		from, to := slots*i/n, slots*(i+1)/n-1
		// The epochs differ from the start, or the nodes would spend time on
		// settling who comes first.
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			if i < n {
				p.ClusterAddSlotsRange(ctx, from, to)
			}
			p.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
			return nil
		})
		if err == nil && i > 0 {
			err = first.client.Do(ctx, "CLUSTER", "MEET", loopback, s.Port, s.busPort).Err()
		}
		if err != nil {
			return err
		}
	}
	return WaitFor(ctx, startLimit, func() error { return c.complete(ctx) })
}

// complete reports whether every node knows all others and serves all slots.
func (c *Cluster) complete(ctx context.Context) error {
	known := fmt.Sprintf("cluster_known_nodes:%d\r\n", len(c.nodes()))
	for _, s := range c.nodes() {
		info, err := s.client.ClusterInfo(ctx).Result()
		if err != nil {
			return err
		}
		if !strings.Contains(info, "cluster_state:ok\r\n") || !strings.Contains(info, known) {
			return errors.New("not complete:\n" + info)
		}
	}
	return nil
}

// URL returns where clients find the cluster: redis+cluster:// with the password
// and all nodes.
func (c *Cluster) URL() string {
	u := url.URL{Scheme: c.Servers[0].settings.scheme("+cluster"), Host: strings.Join(c.addrs(), ",")}
	u.User = c.Servers[0].userinfo()
	return u.String()
}

// Client returns a connection for checks. It ends with Stop.
func (c *Cluster) Client() *redis.ClusterClient { return c.client }

// Stop ends all nodes. It may be called again.
func (c *Cluster) Stop() {
	if c.client != nil {
		c.client.Close()
	}
	stopAll(c.nodes())
}

// stopAll ends servers, all at once.
func stopAll(servers []*Server) {
	var stopping sync.WaitGroup
	for _, s := range servers {
		stopping.Go(s.Stop)
	}
	stopping.Wait()
}

func (c *Cluster) addrs() []string {
	addrs := make([]string, len(c.nodes()))
	for i, s := range c.nodes() {
		addrs[i] = s.Addr
	}
	return addrs
}

func (c *Cluster) newClient() *redis.ClusterClient {
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                    c.addrs(),
		Password:                 c.Servers[0].settings.password,
		TLSConfig:                c.Servers[0].settings.secure.config(),
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		MaintNotificationsConfig: quiet(),
	})
}
