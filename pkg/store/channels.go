package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ChannelAdapter is what an [EventAdapter] also offers where its server tells who listens
// to what.
type ChannelAdapter interface {
	// Channels returns the channels with subscribers that match a pattern, in no order and
	// perhaps more than once. A server with more than most channels in all is not asked for
	// them: it looks at every one, and serves nobody meanwhile.
	Channels(ctx context.Context, pattern string, most int) ([]string, error)
}

// Channels returns the events of the client's scope, child scopes not included, that begin
// with a text and that somebody listens to by name (PUBSUB CHANNELS), in no order. The
// server does not tell who listens to patterns, such as user:*. Where it has more than
// most channels in all, whosever they are, it is not asked, and the error is
// ErrRefused; as it is where the user may not ask (INFO, PUBSUB).
func (e Events) Channels(ctx context.Context, beginning string, most int) ([]string, error) {
	const op = "channels"
	c := e.client
	base, err := c.base()
	if err != nil {
		return nil, named(err, op, "")
	}
	adapter, ok := c.adapter.(ChannelAdapter)
	if !ok {
		return nil, named(invalid(CodeConfigurationInvalid, "the adapter cannot list channels"), op, "")
	}
	base += ":" + string(NamespaceEvents) + ":"
	channels, err := adapter.Channels(ctx, EscapeGlob(base+beginning)+"*", most)
	if err != nil {
		return nil, named(err, op, "")
	}
	seen, events := map[string]bool{}, []string{}
	for _, channel := range channels {
		// The prefix is checked again, as in what a subscriber gets.
		event, ours := strings.CutPrefix(channel, base)
		if ours && strings.HasPrefix(event, beginning) && !seen[event] {
			seen[event] = true
			events = append(events, event)
		}
	}
	return events, nil
}

// Channels lists channels. Each node of a cluster knows only its own subscribers.
func (a *redisAdapter) Channels(ctx context.Context, pattern string, most int) ([]string, error) {
	var found []string
	err := a.await(ctx, func(ctx context.Context) error {
		nodes := []redis.Cmdable{a.client}
		if a.cluster {
			primaries, err := a.primaries(ctx)
			if err != nil {
				return err
			}
			nodes = nodes[:0]
			for _, primary := range primaries {
				nodes = append(nodes, primary)
			}
		}
		for _, node := range nodes {
			channels, err := channelsOf(ctx, node, pattern, most)
			if err != nil {
				return err
			}
			found = append(found, channels...)
		}
		return nil
	})
	if err == nil || errors.Is(err, ErrRefused) {
		return found, err
	}
	return nil, a.readError(CodeOperationFailed, err)
}

// channelsOf lists the channels of one node, if they are not too many.
func channelsOf(ctx context.Context, node redis.Cmdable, pattern string, most int) ([]string, error) {
	statistics, err := node.Info(ctx, "stats").Result()
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(statistics, "\npubsub_channels:") // the embedded server has none
	number, _, _ := strings.Cut(rest, "\r")
	if n, err := strconv.Atoi(number); err == nil && n > most {
		return nil, &Error{
			Kind: ErrRefused, Code: CodeOperationFailed,
			Reason: fmt.Sprintf("the server has %d channels, more than %d", n, most),
		}
	}
	return node.PubSubChannels(ctx, pattern).Result()
}
