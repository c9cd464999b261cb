package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// FailOver kills the primary that holds a key, has its replica take its place at once,
// and returns when all other nodes know. Left to itself Redis takes a few seconds more.
func (c *Cluster) FailOver(ctx context.Context, key string) (killed *Server, err error) {
	var replica *Server
	err = WaitFor(ctx, startLimit, func() (err error) {
		// The others learn of a replica when it has received something.
		killed, replica, err = c.pair(ctx, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	killed.Kill()
	if err := replica.client.Do(ctx, "CLUSTER", "FAILOVER", "TAKEOVER").Err(); err != nil {
		return killed, err
	}
	return killed, WaitFor(ctx, startLimit, func() error { return c.agree(ctx, key, replica, killed) })
}

// pair returns the primary that holds a key, and its replica.
func (c *Cluster) pair(ctx context.Context, key string) (primary, replica *Server, err error) {
	slot, err := c.client.ClusterKeySlot(ctx, key).Result()
	if err != nil {
		return nil, nil, err
	}
	held, err := holders(c.client.ClusterSlots(ctx), int(slot))
	if err != nil {
		return nil, nil, err
	}
	for _, s := range c.nodes() {
		switch {
		case s.Addr == held[0]:
			primary = s
		case len(held) > 1 && s.Addr == held[1]:
			replica = s
		}
	}
	if primary == nil || replica == nil {
		return nil, nil, fmt.Errorf("slot %d is held by %v", slot, held)
	}
	return primary, replica, replica.InStep(ctx)
}

// holders returns the addresses of the nodes that hold a slot, that of the primary first.
func holders(slots *redis.ClusterSlotsCmd, slot int) ([]string, error) {
	ranges, err := slots.Result()
	for _, r := range ranges {
		if r.Start > slot || slot > r.End {
			continue
		}
		addrs := make([]string, len(r.Nodes))
		for i, node := range r.Nodes {
			addrs[i] = node.Addr
		}
		return addrs, nil
	}
	return nil, cmp.Or(err, fmt.Errorf("nobody holds slot %d", slot))
}

// agree reports whether all nodes but one say that a server holds a key, and serve it.
func (c *Cluster) agree(ctx context.Context, key string, holder, gone *Server) error {
	for _, s := range c.nodes() {
		if s == gone {
			continue
		}
		slot, err := s.client.ClusterKeySlot(ctx, key).Result()
		if err != nil {
			return err
		}
		held, err := holders(s.client.ClusterSlots(ctx), int(slot))
		if err != nil {
			return err
		}
		if held[0] != holder.Addr {
			return fmt.Errorf("%s says that %s holds slot %d", s.Addr, held[0], slot)
		}
		info, err := s.client.ClusterInfo(ctx).Result()
		if err != nil || !strings.Contains(info, "cluster_state:ok\r\n") {
			return errors.Join(err, errors.New(s.Addr+" does not serve"))
		}
	}
	return nil
}

// Rejoin starts a server that was killed again. It is a replica of whoever took its place.
func (c *Cluster) Rejoin(ctx context.Context, s *Server) error {
	if err := s.Restart(); err != nil {
		return err
	}
	return WaitFor(ctx, startLimit, func() error { return s.InStep(ctx) })
}

// MoveSlot hands a slot with its keys to another primary, key by key, as redis-cli does.
func (c *Cluster) MoveSlot(ctx context.Context, slot int, from, to *Server) error {
	if err := c.OpenSlot(ctx, slot, from, to); err != nil {
		return err
	}
	if err := c.MoveKeys(ctx, slot, from, to); err != nil {
		return err
	}
	return c.CloseSlot(ctx, slot, to)
}

// OpenSlot begins to move a slot.
func (c *Cluster) OpenSlot(ctx context.Context, slot int, from, to *Server) error {
	ids := make([]string, 2)
	for i, s := range []*Server{from, to} {
		var err error
		if ids[i], err = s.client.Do(ctx, "CLUSTER", "MYID").Text(); err != nil {
			return err
		}
	}
	err := to.client.Do(ctx, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0]).Err()
	if err == nil {
		err = from.client.Do(ctx, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1]).Err()
	}
	return err
}

// MoveKeys moves the keys of a slot that is open.
func (c *Cluster) MoveKeys(ctx context.Context, slot int, from, to *Server) error {
	for {
		keys, err := from.client.ClusterGetKeysInSlot(ctx, slot, 1000).Result()
		if err != nil || len(keys) == 0 {
			return err
		}
		command := []any{"MIGRATE", loopback, to.Port, "", 0, 5000, "KEYS"}
		for _, key := range keys {
			command = append(command, key)
		}
		if err := from.client.Do(ctx, command...).Err(); err != nil {
			return err
		}
	}
}

// CloseSlot ends the move of a slot.
func (c *Cluster) CloseSlot(ctx context.Context, slot int, to *Server) error {
	id, err := to.client.Do(ctx, "CLUSTER", "MYID").Text()
	if err != nil {
		return err
	}
	if err := to.client.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", id).Err(); err != nil {
		return err
	}
	for _, s := range c.Servers {
		if s == to {
			continue
		}
		if err := s.client.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", id).Err(); err != nil {
			return err
		}
	}
	return nil
}
