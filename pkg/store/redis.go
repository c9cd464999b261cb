package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisAdapter speaks to Redis and Valkey, alone, in a cluster or behind Sentinel.
type redisAdapter struct {
	client  redis.UniversalClient
	cluster bool
	timeout time.Duration
	link    *connector
	// connected is set once a connection finished its handshake. Before that no
	// command can have been sent.
	connected atomic.Bool
	placed    atomic.Bool // the driver was asked where a key is
	native    native
}

func newRedisAdapter(c *connector) *redisAdapter {
	a := &redisAdapter{cluster: c.mode == cluster, timeout: c.timeout, link: c}
	c.dialed = func() { a.connected.Store(true) }
	a.client = c.client()
	if client, ok := a.client.(*redis.ClusterClient); ok {
		c.missed = func() { client.ReloadState(context.Background()) }
	}
	return a
}

// Close ends all connections.
func (a *redisAdapter) Close() error { return a.client.Close() }

// Scan returns one page of SCAN.
func (a *redisAdapter) Scan(ctx context.Context, page PageRequest) (Page, error) {
	cursor, err := strconv.ParseUint(page.Cursor, 10, 64)
	if err != nil {
		return Page{}, invalid(CodeScanFailed, "cursor %q is not a number", page.Cursor)
	}
	if a.cluster {
		return a.scanCluster(ctx, cursor, page)
	}
	if cursor == 0 && a.link.mode == standalone {
		return a.scanFirst(ctx, page)
	}
	return a.scanServer(ctx, a.client, cursor, page)
}

// scanFirst returns the first page of a server, and asks in the same round trip whether it
// is a node of a cluster: the keys of that one would look like all there are.
func (a *redisAdapter) scanFirst(ctx context.Context, page PageRequest) (Page, error) {
	var about *redis.Cmd
	var answer *redis.ScanCmd
	err := a.await(ctx, func(ctx context.Context) error {
		pipe := a.client.Pipeline()
		about = pipe.Do(ctx, "hello", "3")
		answer = pipe.Scan(ctx, 0, page.Pattern, int64(page.Count))
		if err := execute(ctx, pipe); err != nil && !isReply(err) {
			return err
		}
		return answer.Err()
	})
	if err != nil {
		return Page{}, a.readError(CodeScanFailed, err)
	}
	if server, ok := about.Val().(map[any]any); ok && server["mode"] == "cluster" {
		return Page{}, errOneNode()
	}
	keys, next := answer.Val()
	return Page{Keys: keys, Cursor: strconv.FormatUint(next, 10)}, nil
}

// scanServer returns one page of one server.
func (a *redisAdapter) scanServer(ctx context.Context, server redis.Cmdable, cursor uint64,
	page PageRequest,
) (Page, error) {
	answer, next, err := a.scanPage(ctx, server, cursor, page)
	answer.Cursor = strconv.FormatUint(next, 10)
	return answer, err
}

// scanPage returns the keys of one page of one server, and the cursor of the next.
func (a *redisAdapter) scanPage(ctx context.Context, server redis.Cmdable, cursor uint64,
	page PageRequest,
) (Page, uint64, error) {
	var keys []string
	var next uint64
	run := a.await
	if a.cluster {
		run = a.once // no other server has the same pages
	}
	err := run(ctx, func(ctx context.Context) (err error) {
		keys, next, err = server.Scan(ctx, cursor, page.Pattern, int64(page.Count)).Result()
		return err
	})
	if err != nil {
		return Page{}, 0, a.readError(CodeScanFailed, err)
	}
	return Page{Keys: keys}, next, nil
}

// await runs a read on whichever server is in charge, as often as it takes to find that.
func (a *redisAdapter) await(ctx context.Context, read func(context.Context) error) error {
	return a.once(ctx, func(ctx context.Context) error { return a.insist(ctx, read) })
}

// once runs a read under the time limit and returns as soon as ctx ends. The
// driver does not give up a read when its context is cancelled, only at a
// deadline; the abandoned read ends there.
func (a *redisAdapter) once(ctx context.Context, read func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, a.timeout)
	done := make(chan error, 1)
	go func() {
		defer cancel()
		done <- read(limited)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// insist repeats a read for as long as another server is bound to take over from the one
// that failed.
func (a *redisAdapter) insist(ctx context.Context, read func(context.Context) error) error {
	err := read(ctx)
	for pause := firstPause; a.passes(err) && paused(ctx, pause); pause = min(2*pause, failoverPause) {
		// What there was no time for says less than what went wrong before.
		if again := read(ctx); again == nil || ctx.Err() == nil && !isLate(again) {
			err = again
		}
	}
	return err
}

// readError classifies what went wrong with a read: it changed nothing.
func (a *redisAdapter) readError(code Code, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case isReply(err):
		return refusal(code, err)
	}
	return a.unreachable(err)
}

// writeError classifies what went wrong with a write. Only where no command can
// have left this machine is it certain that nothing was changed.
func (a *redisAdapter) writeError(err error) error {
	_, dialing := errors.AsType[*dialError](err)
	switch {
	case isReply(err):
		return refusal(CodeOperationFailed, err)
	case dialing || !a.connected.Load() || a.noSentinel(err):
		return a.unreachable(err)
	}
	return answerLost(err)
}

// answerLost is the end of a write that was sent.
func answerLost(err error) *Error {
	return &Error{
		Kind: ErrOutcomeUnknown, Code: CodeOutcomeUnknown, Err: err,
		Reason: "the write was sent but its answer was lost (" + plain(err) +
			"); it may or may not have happened, and was not repeated",
	}
}

// execute sends a pipeline. Where the connection could not be set up, as with a wrong
// password, the driver returns the error and leaves the commands without one, as if
// they had been answered; then they all get it.
func execute(ctx context.Context, pipe redis.Pipeliner) error {
	cmds, err := pipe.Exec(ctx)
	if err == nil {
		return nil
	}
	for _, cmd := range cmds {
		if cmd.Err() != nil {
			return err
		}
	}
	for _, cmd := range cmds {
		cmd.SetErr(err)
	}
	return &handshakeError{err}
}

// handshakeError marks an answer of the server that belongs to no command.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// isReply reports whether err is an answer of the server, and not redis.Nil. The
// driver wraps redis.Nil into errors of its own, so only == tells.
func isReply(err error) bool {
	if err == redis.Nil { //nolint:errorlint // see above
		return false
	}
	_, ok := errors.AsType[redis.Error](err)
	return ok && !errors.Is(err, redis.Nil)
}

// refusal turns the server's answer into an error. Failed logins count as not
// having reached the server.
func refusal(code Code, err error) *Error {
	reason := reply(err)
	for _, login := range []string{
		"WRONGPASS", "NOAUTH", "ERR invalid password",
		"ERR AUTH", "ERR Client sent AUTH",
	} {
		if strings.HasPrefix(reason, login) {
			return &Error{Kind: ErrUnreachable, Code: CodeConnectionFailed, Reason: reason, Err: err}
		}
	}
	return &Error{Kind: ErrRefused, Code: code, Reason: reason, Err: err}
}

// reply returns the server's own words, without the arguments that it repeats
// when it does not know a command.
func reply(err error) string {
	answer, _ := errors.AsType[redis.Error](err)
	text, _, _ := strings.Cut(answer.Error(), ", with args beginning with")
	return text
}

func unreachable(err error) *Error {
	if last, ok := errors.AsType[*lastWords](err); ok {
		return &Error{Kind: ErrUnreachable, Code: CodeConnectionFailed, Reason: last.text, Err: err}
	}
	return &Error{
		Kind: ErrUnreachable, Code: CodeConnectionFailed, Err: err,
		Reason: "cannot reach the server: " + plain(err),
	}
}

// isLate reports whether an answer did not come in time.
func isLate(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

// plain says in a few words what a network error means.
func plain(err error) string {
	_, greeting := errors.AsType[*handshakeFailure](err)
	late := isLate(err)
	switch {
	case late && greeting:
		return "no answer to the TLS handshake in time"
	case late:
		return "no answer in time"
	case strings.HasSuffix(err.Error(), "EOF"):
		return "the server closed the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the server reset the connection" // whichever call it was that found out
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
