package store

import (
	"context"
	"log/slog"
	"strconv"
	"time"
)

// Streams appends to the streams of one scope and reads them. It is a plain value, safe for
// concurrent use. Make one with [Client.Streams]; [Streams.Group] reads on behalf of a
// consumer group.
type Streams struct{ client *Client }

// AppendOptions are the ways to append. The zero value lets the stream grow.
type AppendOptions struct {
	// MaxLen keeps only so many entries, the newest; nil keeps all. 0 empties the
	// stream, the new entry included.
	MaxLen *int64
	// Approximate lets the server keep some more where that is cheaper for it.
	Approximate bool
	// OnError receives each row of AppendAll that failed, in the order of the rows.
	// It is called from the goroutine that called AppendAll.
	OnError func(RowError)
	// OnProgress receives the number of rows dealt with so far, now and then.
	OnProgress func(rows int)
}

// check refuses options that cannot work.
func (o AppendOptions) check() error {
	switch {
	case o.MaxLen != nil && *o.MaxLen < 0:
		return invalid(CodeStreamAppendFailed, "a length is not negative, as %d is", *o.MaxLen)
	case o.MaxLen == nil && o.Approximate:
		return invalid(CodeStreamAppendFailed, "approximate says how to keep a maximum length, "+
			"and none is given")
	}
	return nil
}

// before returns what stands between XADD and the id.
func (o AppendOptions) before(key string) []string {
	args := []string{"xadd", key}
	if o.MaxLen == nil {
		return append(args, "*")
	}
	args = append(args, "MAXLEN")
	if o.Approximate {
		args = append(args, "~")
	}
	return append(args, strconv.FormatInt(*o.MaxLen, 10), "*")
}

// Append adds a message to a stream and returns its id (XADD, with the one field
// "data"). A [Value] is stored byte for byte, any other v as the serializer writes it.
func (s Streams) Append(ctx context.Context, stream string, v any, o AppendOptions,
) (id string, err error) {
	const op = "stream append"
	key, err := s.key(stream)
	if err == nil {
		err = o.check()
	}
	var value Value
	if err == nil {
		value, err = s.client.serialize(v)
	}
	if err != nil {
		return "", named(err, op, stream)
	}
	args := words(o.before(key)...)
	args = append(args, "data", []byte(value))
	seen := s.observe(ctx, "stream.append", stream, slog.Int("ctx.stream.count", 1))
	answer, err := s.write(ctx, 1, args...)
	err = recode(err, CodeStreamAppendFailed)
	seen.end(ctx, err)
	return text(answer), named(err, op, stream)
}

// key returns the whole key of a stream.
func (s Streams) key(stream string) (string, error) {
	if stream == "" {
		return "", invalid(CodeStreamNameRequired, "the stream has no name")
	}
	return s.client.key(NamespaceStreams, stream)
}

// read sends a command that changes nothing. key is where in args the key stands.
func (s Streams) read(ctx context.Context, key int, args ...string) (any, error) {
	a, err := s.client.streamAdapter()
	if err != nil {
		return nil, err
	}
	return a.StreamDo(ctx, StreamCommand{Args: words(args...), Key: key})
}

// write sends a command that changes something, once.
func (s Streams) write(ctx context.Context, key int, args ...any) (any, error) {
	if err := s.client.writable(); err != nil {
		return nil, err
	}
	a, err := s.client.streamAdapter()
	if err != nil {
		return nil, err
	}
	return a.StreamDo(ctx, StreamCommand{Args: args, Key: key, Write: true})
}

// observe reports that an operation on a stream begins.
func (s Streams) observe(ctx context.Context, name, stream string, attrs ...slog.Attr,
) *operation {
	attrs = append([]slog.Attr{slog.String("ctx.stream.name", stream)}, attrs...)
	return s.client.observe(ctx, "stream", name, attrs...)
}

// milliseconds spells a duration for a command, rounded up.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Millisecond-1)/time.Millisecond), 10)
}
