package store

import (
	"context"
	"fmt"
	"strings"
)

// Limits are what a group is checked against; nil is not checked.
type Limits struct {
	MaxLag     *int64   // entries
	MaxPending *int64   // messages
	MaxIdle    *Seconds // of a pending message, since it was last given to a consumer
}

// Health is the state of a group, and what is wrong with it.
type Health struct {
	Stream    string `json:"stream"`    // as the caller gave it
	Group     string `json:"group"`     // as the caller gave it
	OK        bool   `json:"ok"`        // there are no Problems
	Lag       Lag    `json:"lag"`       // entries not given out yet
	Pending   int64  `json:"pending"`   // messages given out, not acknowledged
	Consumers int64  `json:"consumers"` // how many the group has
	// Stuck is a pending message that has been idle for too long; nil where there is
	// none or that was not checked.
	Stuck    *PendingEntry `json:"stuck,omitzero"`
	Problems []string      `json:"problems"` // each limit that is passed, in words
}

// Check compares the state of the group with limits (XINFO GROUPS, and XPENDING for
// MaxIdle). An unknown lag is over any limit: nobody knows that it is not. A limit that is
// passed is no error; Health tells.
func (g Group) Check(ctx context.Context, limits Limits) (Health, error) {
	const op = "stream check"
	h := Health{Stream: g.stream, Group: g.name, Problems: []string{}}
	info, err := g.Info(ctx)
	if err != nil {
		return h, named(err, op, g.stream)
	}
	h.Lag, h.Pending, h.Consumers = info.Lag, info.Pending, info.Consumers
	if max := limits.MaxLag; max != nil && h.Lag == LagUnknown {
		h.problem("lag unknown")
	} else if max != nil && int64(h.Lag) > *max {
		h.problem("lag %d > %d", h.Lag, *max)
	}
	if max := limits.MaxPending; max != nil && h.Pending > *max {
		h.problem("pending %d > %d", h.Pending, *max)
	}
	if limits.MaxIdle != nil && h.Pending > 0 {
		if err := g.stuck(ctx, &h, *limits.MaxIdle); err != nil {
			return h, named(err, op, g.stream)
		}
	}
	h.OK = len(h.Problems) == 0
	return h, nil
}

// stuck looks for a message that has been idle for longer than it may.
func (g Group) stuck(ctx context.Context, h *Health, limit Seconds) error {
	o := PendingOptions{Idle: limit.Duration() + 1, Count: 1}
	for e, err := range g.PendingEntries(ctx, o) {
		if err != nil {
			return err
		}
		h.Stuck = &e
		h.problem("idle %s > %s (%s of %s)", e.Idle.Duration(), limit.Duration(), e.ID, e.Consumer)
	}
	return nil
}

func (h *Health) problem(format string, args ...any) {
	h.Problems = append(h.Problems, strings.TrimSpace(fmt.Sprintf(format, args...)))
}
