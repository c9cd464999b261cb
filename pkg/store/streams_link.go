package store

import (
	"context"
	"errors"
	"strings"
	"time"
)

// link is a connection to the server that holds a stream. It ends with the context it
// was opened with, also in the middle of a command that blocks.
type link struct {
	*wire
	ctx     context.Context
	timeout time.Duration
	unwatch func() bool
}

// open connects to the server that holds a key.
func (s Streams) open(ctx context.Context, key string) (*link, error) {
	a, err := s.client.streamAdapter()
	if err != nil {
		return nil, err
	}
	conn, err := a.StreamDial(ctx, key)
	if err != nil {
		return nil, err
	}
	return &link{
		wire: newWire(conn), ctx: ctx, timeout: s.client.timeout,
		unwatch: context.AfterFunc(ctx, func() { conn.Close() }),
	}, nil
}

// again connects to the server that holds a stream now, in place of another. It takes a
// moment for all servers to agree on that. After an error the old connection is returned.
func (s Streams) again(ctx context.Context, old *link, key string) (*link, error) {
	select {
	case <-ctx.Done():
		return old, context.Cause(ctx)
	case <-time.After(firstPause):
	}
	fresh, err := s.open(ctx, key)
	if err != nil {
		return old, err
	}
	old.close()
	return fresh, nil
}

// close ends the connection.
func (l *link) close() {
	l.unwatch()
	l.conn.Close()
}

// ask sends a command whose answer may take block longer than others.
func (l *link) ask(block time.Duration, args ...string) error {
	l.command(args...)
	err := l.conn.SetDeadline(time.Now().Add(l.timeout + block))
	if err == nil {
		err = l.flush()
	}
	return err
}

// lost classifies what went wrong with a read: nothing was changed.
func (l *link) lost(err error) error {
	switch {
	case err == nil:
		return nil
	case l.ctx.Err() != nil:
		return context.Cause(l.ctx)
	case isReply(err):
		return refusal(CodeStreamReadFailed, err)
	}
	return unreachable(err)
}

// lostWrite classifies what went wrong with a command that changes something.
func (l *link) lostWrite(err error) error {
	switch {
	case err == nil:
		return nil
	case isReply(err):
		return refusal(CodeStreamReadFailed, err)
	case l.ctx.Err() != nil:
		return context.Cause(l.ctx)
	}
	return answerLost(err)
}

// passing reports whether a server refused only for the moment, or because another one
// is in charge now: another connection may do better.
func passing(err error) bool {
	return refused(err) && isPassing(err)
}

// curable reports whether a connection may be had again after err: everything but wrong
// credentials and what a server refuses for good.
func curable(err error) bool {
	if passing(err) || errors.Is(err, ErrOutcomeUnknown) {
		return true
	}
	return errors.Is(err, ErrUnreachable) && !isReply(err)
}

// redirected reports whether another server of a cluster holds the stream now.
func redirected(err error) bool {
	return refused(err) &&
		(strings.HasPrefix(reasonOf(err), "MOVED ") || strings.HasPrefix(reasonOf(err), "ASK "))
}
