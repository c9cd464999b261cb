package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// failoverPause is the longest pause between two looks whether another server has taken
// over. Who waits for that wants to know at once.
const failoverPause = 400 * time.Millisecond

// passes reports whether another server is bound to take over from the one that failed or
// refused, and nothing of what was sent to it was carried out.
func (a *redisAdapter) passes(err error) bool {
	if err == nil || a.link.mode != cluster && a.link.mode != sentinel {
		return false
	}
	if isReply(err) {
		return isPassing(err)
	}
	failed, dialing := errors.AsType[*dialError](err)
	if !dialing {
		return false
	}
	if a.link.mode == cluster {
		return a.connected.Load() // some node has answered
	}
	return !slices.Contains(a.link.addrs, failed.addr) // Sentinel has, or we would not know where
}

// isPassing reports whether a server refused only for the moment, or because another one
// is in charge now: another attempt, or another connection, may do better.
func isPassing(err error) bool {
	reason := reasonOf(err)
	if answer, ok := errors.AsType[redis.Error](err); ok {
		reason = answer.Error()
	}
	for _, passing := range []string{
		"MOVED ", "ASK ", "LOADING", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "READONLY",
	} {
		if strings.HasPrefix(reason, passing) {
			return true
		}
	}
	return false
}

// paused waits, and reports whether there is time left.
func paused(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// noSentinel reports whether no Sentinel said which server is the primary. The driver has
// no name for that.
func (a *redisAdapter) noSentinel(err error) bool {
	return a.link.mode == sentinel && strings.Contains(err.Error(), "redis: all sentinels specified")
}

// unreachable is the error of what has reached no server.
func (a *redisAdapter) unreachable(err error) *Error {
	e := unreachable(err)
	_, dialing := errors.AsType[*dialError](err)
	if !dialing && !isLate(err) && a.connected.Load() {
		e.Reason = "the connection broke: " + plain(err)
	}
	// All Sentinels were asked; the driver joins their answers.
	if a.link.mode == sentinel && errors.Is(err, redis.Nil) {
		e.Reason = "Sentinel knows no primary called " + strconv.Quote(a.link.master)
	}
	return e
}
