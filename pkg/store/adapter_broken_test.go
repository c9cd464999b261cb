package store_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// broken is an adapter that refuses everything, in words that repeat what they were asked.
type broken struct{}

func (broken) refuse(keys ...string) error {
	var reason strings.Builder
	reason.WriteString("ERR nothing works")
	for _, key := range keys {
		reason.WriteString(" '" + key + "'")
	}
	return &store.Error{Kind: store.ErrRefused, Code: store.CodeOperationFailed, Reason: reason.String()}
}

func (b broken) Read(_ context.Context, keys []string, _ store.Fields) ([]store.Record, error) {
	return nil, b.refuse(keys...)
}

func (b broken) Write(_ context.Context, ops []store.Op) []store.Result {
	results := make([]store.Result, len(ops))
	for i, op := range ops {
		results[i].Err = &store.Error{
			Kind: store.ErrUnreachable, Code: store.CodeConnectionFailed,
			Reason: b.refuse(op.Key, string(op.Value)).Error(),
		}
	}
	return results
}

func (b broken) Scan(_ context.Context, page store.PageRequest) (store.Page, error) {
	return store.Page{}, b.refuse(page.Pattern)
}

func (b broken) Publish(_ context.Context, messages []store.ChannelMessage) []store.Result {
	results := make([]store.Result, len(messages))
	for i, m := range messages {
		results[i].Err = b.refuse(m.Channel, string(m.Payload))
	}
	return results
}

func (b broken) Listen(context.Context, store.ListenRequest) (store.Feed, error) {
	return nil, b.refuse()
}

// deaf is broken, but for its first subscription, which ends at once.
type deaf struct {
	broken
	listened bool
}

func (d *deaf) Listen(ctx context.Context, r store.ListenRequest) (store.Feed, error) {
	if d.listened {
		return nil, d.refuse()
	}
	d.listened = true
	return silent{}, nil
}

type silent struct{}

func (silent) Next() ([]store.ChannelMessage, error) { return nil, net.ErrClosed }
func (silent) Certain() time.Time                    { return time.Now() }
func (silent) Close() error                          { return nil }

func (b broken) StreamDo(_ context.Context, c store.StreamCommand) (any, error) {
	key, _ := c.Args[c.Key].(string)
	return nil, b.refuse(key)
}

func (broken) StreamDial(context.Context, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	return ours, errors.Join(theirs.Close())
}

func (broken) StreamTogether(context.Context, string, string) (bool, error) { return true, nil }

func (broken) Close() error { return nil }
