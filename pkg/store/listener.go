package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// manyOrigins bounds how many channels are remembered.
	manyOrigins = 10_000
	// eventSlab is how many events are allocated at once.
	eventSlab = 64
)

// listener keeps a subscription alive: one goroutine reads what arrives and connects
// again, the loop of the caller takes it from the backlog.
type listener struct {
	client  *Client
	subs    *subscriptions
	adapter EventAdapter
	options SubscribeOptions
	backlog *backlog
	cancel  context.CancelCauseFunc
	done    chan struct{} // closed when the goroutine has ended

	// The goroutine's own.
	origins  map[string]*origin
	last     *origin // of the channel named lastName
	lastName string
}

// listen makes the first connection. Any failure of it is one.
func (c *Client) listen(ctx context.Context, s *subscriptions) (*listener, error) {
	adapter, err := c.eventAdapter()
	if err != nil {
		return nil, err
	}
	if s.options.Probe <= 0 {
		s.options.Probe = DefaultProbe
	}
	l := &listener{
		client: c, subs: s, adapter: adapter, options: s.options,
		backlog: newBacklog(s.options.Backlog), done: make(chan struct{}),
		origins: map[string]*origin{},
	}
	feed, err := l.adapter.Listen(ctx, s.request())
	if err != nil {
		return nil, recode(err, CodeSubscribeFailed)
	}
	request := s.request()
	l.backlog.note(Notice{Subscribed: &Subscribed{
		At: time.Now(), Channels: request.Channels, Patterns: request.Patterns,
	}})
	ctx, l.cancel = context.WithCancelCause(ctx)
	go l.run(ctx, feed)
	return l, nil
}

// stop ends the goroutine and waits for it.
func (l *listener) stop() {
	l.cancel(nil)
	<-l.done
}

// run reads one connection after the other.
func (l *listener) run(ctx context.Context, feed Feed) {
	defer close(l.done)
	for {
		lost := l.read(ctx, feed)
		gap := Gap{From: feed.Certain(), Reason: lossOf(lost)}
		if err := context.Cause(ctx); err != nil && isCut(lost) {
			l.backlog.end(err)
			return
		}
		next, err := l.again(ctx, lost)
		gap.To = time.Now()
		if err != nil {
			gap.Reason += "; not connected again"
		}
		l.backlog.note(Notice{Gap: &gap})
		if err != nil {
			l.backlog.end(err)
			return
		}
		feed = next
	}
}

// errCut is a connection that we closed ourselves.
var errCut = errors.New("closed by us")

func isCut(err error) bool { return errors.Is(err, errCut) }

// read takes what arrives until the connection ends, and says why it did.
func (l *listener) read(ctx context.Context, feed Feed) error {
	stop := context.AfterFunc(ctx, func() { feed.Close() })
	for {
		messages, err := feed.Next()
		if err != nil {
			if !stop() {
				return errCut
			}
			feed.Close()
			return err
		}
		p := parcel{messages: make([]receivedMessage, 0, len(messages)), received: time.Now()}
		for i := range messages {
			if a := l.origin(messages[i].Channel); a.wanted {
				p.messages = append(p.messages, receivedMessage{a, messages[i].Payload})
			}
		}
		if len(p.messages) > 0 {
			l.backlog.add(p, feed.Certain)
		}
	}
}

// origin finds out about a channel, once.
func (l *listener) origin(channel string) *origin {
	if l.last != nil && channel == l.lastName {
		return l.last
	}
	a, known := l.origins[channel]
	if !known {
		if len(l.origins) >= manyOrigins {
			clear(l.origins)
		}
		a = l.subs.origin(channel)
		l.origins[channel] = a
	}
	l.last, l.lastName = a, channel
	return a
}

// again connects again, as often as it takes.
func (l *listener) again(ctx context.Context, lost error) (Feed, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if l.options.MaxWait > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, l.options.MaxWait, errMaxWait)
		defer cancel()
	}
	since := time.Now()
	for delay := firstPause; ; delay = min(2*delay, longestPause(time.Since(since))) {
		wait := delay/2 + rand.N(delay/2)
		select {
		case <-ctx.Done():
			return nil, l.gaveUp(context.Cause(ctx), lost)
		case <-time.After(wait):
		}
		feed, err := l.adapter.Listen(ctx, l.subs.request())
		switch {
		case err == nil:
			return feed, nil
		case ctx.Err() != nil:
			return nil, l.gaveUp(context.Cause(ctx), lost)
		case isFinal(err):
			return nil, named(recode(err, CodeSubscribeFailed), "sub", "")
		}
		lost = err
	}
}

// errMaxWait is the cause of a context that ended with MaxWait.
var errMaxWait = errors.New("waited too long")

// gaveUp is the error of a subscription that ended while it was not connected.
func (l *listener) gaveUp(cause, last error) error {
	if !errors.Is(cause, errMaxWait) {
		return cause
	}
	return &Error{
		Kind: ErrUnreachable, Code: CodeConnectionFailed, Op: "sub", Err: last,
		Reason: "the connection was lost and could not be made again within " +
			l.options.MaxWait.String() + ": " + lossOf(last),
	}
}

// lossOf says in a few words why a connection was lost.
func lossOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return strings.TrimPrefix(e.Reason, "cannot reach the server: ")
	}
	return plain(err)
}

// isFinal reports whether trying again would not help: the server has answered, and it
// will not change its mind by itself. An adapter that is not ours says so by the kind of
// its error.
func isFinal(err error) bool {
	answer, ok := errors.AsType[redis.Error](err)
	if !ok {
		return errors.Is(err, ErrInvalid) || errors.Is(err, ErrRefused)
	}
	for _, passing := range []string{
		"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "ERR max number of clients",
	} {
		if strings.HasPrefix(answer.Error(), passing) {
			return false
		}
	}
	return true
}
