package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// clusterSlots is how many hash slots the primaries of a cluster share.
const clusterSlots = 16384

// topologyPause is how long to wait before a cluster in change is looked at again.
const topologyPause = 100 * time.Millisecond

// shard is a primary as it sees itself. Only a node itself tells which of its slots are
// on the move.
type shard struct {
	id     string
	epoch  string // it changes with every failover, and with every slot that is taken over
	server *redis.Client
	slots  [][2]int
	// importing lists the slots that are being moved here, whose keys come one by one
	// while the slot is still another's.
	importing string
}

// topology says which primary holds each slot.
type topology struct {
	shards []*shard
	owner  [clusterSlots]*shard
}

// settled returns the topology as soon as every slot has exactly one holder who can be
// reached. It waits for that no longer than for anything else.
func (a *redisAdapter) settled(ctx context.Context) (*topology, error) {
	limited, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	var last error
	for {
		t, err := a.topology(limited)
		switch {
		case err == nil, ctx.Err() == nil && isReply(err) && !isPassing(err):
			return t, err
		case limited.Err() == nil || last == nil:
			last = err
		}
		select {
		case <-limited.Done():
			if ctx.Err() != nil {
				last = context.Cause(ctx)
			}
			return nil, last
		case <-time.After(topologyPause):
		}
	}
}

// topology asks every primary for its slots.
func (a *redisAdapter) topology(ctx context.Context) (*topology, error) {
	var mu sync.Mutex
	t := &topology{}
	client := a.client.(*redis.ClusterClient)
	err := client.ForEachMaster(ctx, func(ctx context.Context, server *redis.Client) error {
		text, err := server.ClusterNodes(ctx).Result()
		if err != nil {
			return err
		}
		s, err := parseShard(text)
		if err != nil {
			return err
		}
		s.server = server
		mu.Lock()
		defer mu.Unlock()
		t.shards = append(t.shards, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, t.assign()
}

// assign fills in who holds each slot.
func (t *topology) assign() error {
	for _, s := range t.shards {
		for _, r := range s.slots {
			for slot := r[0]; slot <= r[1]; slot++ {
				if t.owner[slot] != nil {
					return errors.New("the nodes of the cluster do not agree on who holds slot " +
						strconv.Itoa(slot))
				}
				t.owner[slot] = s
			}
		}
	}
	missing := 0
	for _, s := range t.owner {
		if s == nil {
			missing++
		}
	}
	if missing > 0 {
		return fmt.Errorf("nobody holds %d of the cluster's %d slots", missing, clusterSlots)
	}
	return nil
}

// parseShard reads what a node says about itself (CLUSTER NODES).
func parseShard(text string) (*shard, error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 8 || !strings.Contains(words[2], "myself") {
			continue
		}
		if !strings.Contains(words[2], "master") {
			return nil, errors.New(words[1] + " is a replica by now")
		}
		s := &shard{id: words[0], epoch: words[6]}
		return s, s.parseSlots(words[8:])
	}
	return nil, errors.New("a node of the cluster does not say which slots it holds")
}

// parseSlots reads slots, ranges of them, and those on the move in brackets.
func (s *shard) parseSlots(words []string) error {
	for _, word := range words {
		if strings.HasPrefix(word, "[") {
			if strings.Contains(word, "-<-") {
				s.importing += word
			}
			continue
		}
		low, high, isRange := strings.Cut(word, "-")
		if !isRange {
			high = low
		}
		from, err := strconv.Atoi(low)
		to, errTo := strconv.Atoi(high)
		if err = errors.Join(err, errTo); err != nil || from < 0 || to >= clusterSlots {
			return errors.New("a node of the cluster says that it holds slots " + word)
		}
		s.slots = append(s.slots, [2]int{from, to})
	}
	return nil
}

// shard returns the primary with an id, or nil.
func (t *topology) shard(id string) *shard {
	for _, s := range t.shards {
		if s.id == id {
			return s
		}
	}
	return nil
}

// moved returns the primaries that hold slots which were another's in an earlier topology,
// or another's in between, or those of a primary that failed.
func (t *topology) moved(before *topology, failed map[string]bool) map[*shard]bool {
	moved := map[*shard]bool{}
	for slot, now := range t.owner {
		was := before.owner[slot]
		if now.id != was.id || now.epoch != was.epoch || failed[was.id] {
			moved[now] = true
		}
	}
	return moved
}
