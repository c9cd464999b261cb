package store

import (
	"context"
	"time"
)

// EventAdapter is what an [Adapter] also offers where its server can publish and
// subscribe. A client whose adapter does not answers CodeConfigurationInvalid. Channels
// are whole channels, prefix included. All methods must be safe for concurrent use.
type EventAdapter interface {
	// Publish sends messages in their order and returns one result for each. Number is
	// how many subscribers received it, as far as the server knows. Like Write it sends
	// nothing twice, and once it has begun to send it sees the call through.
	Publish(ctx context.Context, messages []ChannelMessage) []Result
	// Listen opens one connection, subscribes on it, and returns when the server has
	// confirmed everything. A Kind of ErrRefused or ErrInvalid ends the subscription; after
	// any other error of a connection that was lost it is called again, after a pause.
	Listen(ctx context.Context, request ListenRequest) (Feed, error)
}

// ChannelMessage is what travels on a channel.
type ChannelMessage struct {
	Channel string // the whole channel, prefix included
	Payload []byte // the envelope, or whatever arrived
}

// ListenRequest says what to subscribe to. No channel is matched by two of its parts.
type ListenRequest struct {
	Channels []string // SUBSCRIBE
	Patterns []string // PSUBSCRIBE, as Redis globs
	// Probe is how long the server may be silent before it is asked for a sign of life;
	// it must answer within the same time.
	Probe time.Duration
}

// Feed is one connection with its subscriptions. It ends for good with its first error;
// who wants more listens again.
type Feed interface {
	// Next returns the messages that have arrived, at least one, and waits for them. They
	// are the caller's to keep. The error says how the connection ended.
	Next() ([]ChannelMessage, error)
	// Certain returns a moment, as late as is known, before which nothing was published
	// that Next has not returned: when the last question was asked that the server
	// answered behind all its messages. It may be called at any time.
	Certain() time.Time
	// Close ends the connection, and with it a Next that waits.
	Close() error
}
