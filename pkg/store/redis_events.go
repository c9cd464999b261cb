package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Publish sends messages in one pipeline. A cluster passes a message on to all its nodes,
// so any of them would do; each channel keeps to one, or its messages could overtake each
// other.
func (a *redisAdapter) Publish(ctx context.Context, messages []ChannelMessage) []Result {
	results := make([]Result, len(messages))
	if err := ctx.Err(); err != nil {
		fail(results, context.Cause(ctx))
		return results
	}
	sending, cancel := a.sending(ctx)
	defer cancel()
	requests := make([]request, len(messages))
	var channel any // as it travels; each would be allocated
	for i := range messages {
		if channel != any(messages[i].Channel) {
			channel = messages[i].Channel
		}
		cmd := redis.NewCmd(sending, "publish", channel, messages[i].Payload)
		cmd.SetFirstKeyPos(1)
		requests[i] = request{cmd: onceCmd{cmd}, verb: OpAdd, first: i, past: i + 1}
	}
	a.send(sending, requests)
	for i, r := range requests {
		results[i] = a.result(r)
	}
	return results
}

// Listen opens a connection beside those of the driver, whose own subscriptions drop
// messages when they are read too slowly and do not say when they were lost.
func (a *redisAdapter) Listen(ctx context.Context, request ListenRequest) (Feed, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	var feed *redisFeed
	err := a.insist(ctx, func(ctx context.Context) (err error) {
		feed, err = a.listenOnce(ctx, request)
		return err
	})
	if err != nil {
		return nil, a.listenError(ctx, err)
	}
	go feed.watch()
	return feed, nil
}

// listenOnce opens a connection to the first server that can be reached.
func (a *redisAdapter) listenOnce(ctx context.Context, request ListenRequest) (*redisFeed, error) {
	addrs, err := a.listenAddrs(ctx)
	if err != nil {
		return nil, err
	}
	for _, addr := range addrs {
		var conn net.Conn
		if conn, err = a.link.dial(ctx, a.link.network, addr); err != nil {
			continue
		}
		feed := newRedisFeed(conn, request.Probe)
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		err = feed.open(a.link, request)
		if !stop() || err != nil {
			conn.Close()
			return nil, cmp.Or(err, context.Cause(ctx))
		}
		return feed, nil
	}
	return nil, err
}

// listenError classifies what went wrong. When the time is over it was that, whatever the
// closed connection says.
func (a *redisAdapter) listenError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if errors.Is(err, ErrInvalid) {
		return err
	}
	return a.readError(CodeSubscribeFailed, err)
}

// listenAddrs returns where to listen, the first that can be reached.
func (a *redisAdapter) listenAddrs(ctx context.Context) ([]string, error) {
	switch a.link.mode {
	case memory:
		return []string{"memory"}, nil
	case sentinel:
		return a.primaryAddr(ctx)
	case cluster:
		return a.nodeAddrs(ctx)
	}
	return a.link.addrs, nil
}

// nodeAddrs returns nodes of the cluster in no order: all get every message. Those of the
// URL come first; the others serve when all of these are gone.
func (a *redisAdapter) nodeAddrs(ctx context.Context) ([]string, error) {
	addrs := slices.Clone(a.link.addrs)
	rand.Shuffle(len(addrs), func(i, j int) { addrs[i], addrs[j] = addrs[j], addrs[i] })
	primaries, err := a.primaries(ctx)
	if err != nil {
		return addrs, nil // perhaps one of the URL can be reached all the same
	}
	for _, p := range primaries {
		if addr := p.Options().Addr; !slices.Contains(addrs, addr) {
			addrs = append(addrs, addr)
		}
	}
	return addrs, nil
}

// primaryAddr asks one Sentinel after the other.
func (a *redisAdapter) primaryAddr(ctx context.Context) (found []string, err error) {
	c := a.link
	for _, addr := range c.addrs {
		guard := redis.NewSentinelClient(&redis.Options{
			Addr: addr, Dialer: c.dial, MaxRetries: neverRetry, DialerRetries: 1,
			Username: c.sentinelUsername, Password: c.sentinelPassword,
			DialTimeout: c.timeout, ReadTimeout: c.timeout, ContextTimeoutEnabled: true,
			DisableIdentity: true, MaintNotificationsConfig: quietMaintenance(),
		})
		var place []string
		place, err = guard.GetMasterAddrByName(ctx, c.master).Result()
		guard.Close()
		switch {
		case err == nil && len(place) == 2:
			return []string{net.JoinHostPort(place[0], place[1])}, nil
		}
	}
	return nil, err
}

// open logs in, subscribes, and waits for all confirmations.
func (f *redisFeed) open(c *connector, request ListenRequest) error {
	var out bytes.Buffer
	if c.password != "" {
		login := []string{"AUTH", c.username, c.password}
		if c.username == "" {
			login = []string{"AUTH", c.password}
		}
		writeCommand(&out, login...)
		f.logins = 1
	}
	for name, channels := range map[string][]string{
		"SUBSCRIBE": request.Channels, "PSUBSCRIBE": request.Patterns,
	} {
		if len(channels) > 0 {
			writeCommand(&out, append([]string{name}, channels...)...)
			f.unconfirmed += len(channels)
		}
	}
	f.certain = time.Now() // what is published before does not concern us
	if _, err := f.conn.Write(out.Bytes()); err != nil {
		return err
	}
	for f.unconfirmed > 0 {
		if err := f.fill(); err != nil {
			return err
		}
		if err := f.parse(); err != nil {
			return err
		}
	}
	return nil
}

// writeCommand writes a command as servers read it.
func writeCommand(out *bytes.Buffer, words ...string) {
	line := func(mark byte, n int) {
		out.WriteByte(mark)
		out.WriteString(strconv.Itoa(n))
		out.WriteString("\r\n")
	}
	line('*', len(words))
	for _, word := range words {
		line('$', len(word))
		out.WriteString(word)
		out.WriteString("\r\n")
	}
}
