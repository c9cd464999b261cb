package store

import (
	"bytes"
	"context"
	"iter"
	"log/slog"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// DefaultBacklog is how many bytes of events wait for a slow reader before the next
	// ones are dropped: 64 MiB.
	DefaultBacklog = 64 << 20
	// DefaultProbe is how long a server may be silent before it is asked whether it is
	// still there.
	DefaultProbe = 10 * time.Second
)

// SubscribeOptions say what to listen to, and how.
type SubscribeOptions struct {
	// Channels are names of events, at least one. In them * stands for any characters,
	// and nothing else means anything but itself.
	Channels    []string
	Recursive   bool // those of child scopes too
	AllServices bool // those of all services of the prefix, with their scopes

	// Probe is how long the server may be silent before it is asked for a sign of life;
	// when none comes for as long again, the connection counts as lost. 0 for
	// DefaultProbe.
	Probe time.Duration
	// MaxWait is how long to go on trying to reconnect; 0 for ever.
	MaxWait time.Duration
	// Backlog is how many bytes of events may wait until the loop takes them; 0 for
	// DefaultBacklog. An event that is larger is taken when none waits.
	Backlog int
	// Validate judges what arrives by the type in its envelope, also where the client's
	// ValidationOptions do not ask for it.
	Validate bool
	// OnIdle is called, from the goroutine of the loop, when everything that arrived was
	// yielded and the loop is about to wait: a good moment to flush. Its error ends the
	// sequence.
	OnIdle func() error
}

// Notice is one thing a subscription has to say. Exactly one of its fields is set.
type Notice struct {
	// Subscribed is the first notice: the server has confirmed all subscriptions.
	Subscribed *Subscribed
	// Event is an event that arrived.
	Event *Event
	// Gap says that events may have been missed. It stands before the events that came
	// after it.
	Gap *Gap
}

// Subscribed is a subscription that the server has confirmed.
type Subscribed struct {
	At time.Time // when the server confirmed it
	// Channels and Patterns are what the server was asked for, as it knows them.
	Channels, Patterns []string
}

// Gap is a time in which events may have been missed. What was published outside of it
// was not.
type Gap struct {
	// From is when the last question was asked that the server answered behind all it had
	// to send, so it may lie before the connection broke, by a second or, on a server that
	// is slow to answer, more.
	From time.Time
	// To is when the server confirmed the subscriptions again, or when there was room
	// for events again, or the end of the subscription.
	To     time.Time
	Reason string // in words
	// Dropped is how many events arrived but were thrown away, because the loop took
	// them too slowly and the backlog was full; 0 where the connection was lost.
	Dropped int
}

// Duration returns how long the gap lasted.
func (g *Gap) Duration() time.Duration { return g.To.Sub(g.From) }

// MarshalJSON returns {"from":…,"to":…,"seconds":…,"reason":…}, and dropped where it is
// not zero.
func (g *Gap) MarshalJSON() ([]byte, error) {
	dst := []byte(`{"from":"` + Timestamp(g.From) + `","to":"` + Timestamp(g.To) + `","seconds":`)
	dst = appendSeconds(dst, g.Duration())
	dst, err := jsontext.AppendQuote(append(dst, `,"reason":`...), g.Reason)
	if g.Dropped > 0 {
		dst = strconv.AppendInt(append(dst, `,"dropped":`...), int64(g.Dropped), 10)
	}
	return append(dst, '}'), err
}

// JSONSchema describes what [Gap.MarshalJSON] returns.
func (*Gap) JSONSchema() string {
	return `{"type":"object","properties":{"from":{"type":"string","format":"date-time"},` +
		`"to":{"type":"string","format":"date-time"},"seconds":{"type":"number"},` +
		`"reason":{"type":"string"},"dropped":{"type":"integer","minimum":1}},` +
		`"required":["from","to","seconds","reason"]}`
}

// Subscribe listens to events (SUBSCRIBE and PSUBSCRIBE on a connection of its own) until
// the loop is left or ctx ends. The first notice says that the server has confirmed
// everything. An event that several of the channels match is yielded once. Of channels
// that overlap, the server is asked for one that covers them all, which may be "*".
//
// When the connection is lost, it is made again and the next notice is a Gap. What the
// server refuses for good (NOPERM, a wrong password) ends the sequence, as does a first
// connection that fails, and one that cannot be made again within MaxWait.
//
// The sequence ends with one error, last, behind everything that had arrived by then. When
// ctx ends, that is its cause; a Gap stands before it where the subscription was deaf.
func (e Events) Subscribe(ctx context.Context, o SubscribeOptions) iter.Seq2[Notice, error] {
	return func(yield func(Notice, error) bool) {
		s, err := e.client.subscriptions(o)
		if err != nil {
			yield(Notice{}, named(err, "sub", ""))
			return
		}
		e.observed(ctx, s, yield)
	}
}

// observed tells telemetry about each of the channels.
func (e Events) observed(ctx context.Context, s *subscriptions, yield func(Notice, error) bool) {
	var begun, ended []*operation
	observe := func(name string) (all []*operation) {
		for _, channel := range s.options.Channels {
			all = append(all, e.client.observe(ctx, "events", name,
				slog.String("ctx.events.channel", channel),
				slog.Bool("ctx.events.wildcard", wildcard(channel))))
		}
		return all
	}
	end := func(all []*operation, err error) {
		for _, o := range all {
			o.end(ctx, err)
		}
	}
	begun = observe("events.subscribe")
	l, err := e.client.listen(ctx, s)
	end(begun, err)
	if err != nil {
		yield(Notice{}, named(err, "sub", ""))
		return
	}
	var failed error // a subscription that ends by itself is an end that failed
	defer func() { end(ended, failed) }()
	defer func() { ended = observe("events.unsubscribe") }()
	defer l.stop()
	l.deliver(func(n Notice, err error) bool {
		if ctx.Err() == nil {
			failed = err
		}
		return yield(n, err)
	})
}

// appendSeconds appends a duration in seconds, with up to three digits of a fraction.
func appendSeconds(dst []byte, d time.Duration) []byte {
	dst = strconv.AppendFloat(dst, d.Seconds(), 'f', 3, 64)
	return bytes.TrimSuffix(bytes.TrimRight(dst, "0"), []byte("."))
}
