package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"
)

// slots is how many hash slots the primaries of a cluster share.
const slots = 16384

// Cluster is a Redis Cluster without replicas.
type Cluster struct {
	// Servers are the primaries, in the order of the slots they own.
	Servers []*Server

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
	for range primaries {
		server, err := StartRedis(append(options[:len(options):len(options)], withCluster())...)
		if err != nil {
			c.Stop()
			return nil, err
		}
		c.Servers = append(c.Servers, server)
	}
	if err := c.join(context.Background()); err != nil {
		c.Stop()
		return nil, fmt.Errorf("forming a cluster: %w", err)
	}
	c.client = c.newClient()
	return c, nil
}

// join deals the slots, introduces the nodes, and waits for them to agree.
func (c *Cluster) join(ctx context.Context) error {
	first, n := c.Servers[0], len(c.Servers)
	for i, s := range c.Servers {
		from, to := slots*i/n, slots*(i+1)/n-1
		// The epochs differ from the start, or the nodes would spend time on
		// settling who comes first.
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			p.ClusterAddSlotsRange(ctx, from, to)
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
	known := fmt.Sprintf("cluster_known_nodes:%d\r\n", len(c.Servers))
	for _, s := range c.Servers {
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
	u := url.URL{Scheme: "redis+cluster", Host: strings.Join(c.addrs(), ",")}
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
	for _, s := range c.Servers {
		s.Stop()
	}
}

func (c *Cluster) addrs() []string {
	addrs := make([]string, len(c.Servers))
	for i, s := range c.Servers {
		addrs[i] = s.Addr
	}
	return addrs
}

func (c *Cluster) newClient() *redis.ClusterClient {
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                    c.addrs(),
		Password:                 c.Servers[0].settings.password,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		MaintNotificationsConfig: quiet(),
	})
}
