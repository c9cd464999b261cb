package store

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
)

// Group is a consumer group of a stream: its consumers share the messages, and a
// message is pending from when a consumer is given it until it is acknowledged. Make
// one with [Streams.Group]. It is a plain value, safe for concurrent use.
type Group struct {
	streams      Streams
	stream, name string
}

// Group returns a consumer group of a stream. It need not exist; see [Group.Ensure].
func (s Streams) Group(stream, group string) Group { return Group{s, stream, group} }

// GroupInfo is what the server tells about a group.
type GroupInfo struct {
	Name          string `json:"name"`            // as it is given to Streams.Group
	Consumers     int64  `json:"consumers"`       // how many it has
	Pending       int64  `json:"pending"`         // messages given out, not acknowledged
	LastDelivered string `json:"lastDeliveredId"` // the id of the newest message given out
	// EntriesRead is how many entries of the stream the group has been given; nil
	// where the server does not know.
	EntriesRead *int64 `json:"entriesRead"`
	Lag         Lag    `json:"lag"` // entries not given out yet
}

// Groups returns the groups of a stream (XINFO GROUPS). A missing stream has none; found
// tells.
func (s Streams) Groups(ctx context.Context, stream string) (_ []GroupInfo, found bool, _ error) {
	const op = "stream group list"
	key, err := s.key(stream)
	var groups []GroupInfo
	if err == nil {
		groups, err = s.groups(ctx, key)
	}
	if missing(err) {
		return []GroupInfo{}, false, nil
	}
	return groups, err == nil, named(recode(err, CodeStreamReadFailed), op, stream)
}

func (s Streams) groups(ctx context.Context, key string) ([]GroupInfo, error) {
	answer, err := s.read(ctx, 2, "xinfo", "groups", key)
	if err != nil {
		return nil, err
	}
	groups := []GroupInfo{}
	for _, element := range list(answer) {
		d := dictionary(element)
		g := GroupInfo{
			Name: text(d["name"]), Consumers: d.number("consumers"), Pending: d.number("pending"),
			LastDelivered: text(d["last-delivered-id"]), EntriesRead: d.optional("entries-read"),
			Lag: LagUnknown,
		}
		if lag, ok := known(d["lag"]); ok && lag >= 0 {
			g.Lag = Lag(lag)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// Info returns what the server tells about the group (XINFO GROUPS). A group that does not
// exist is refused, as by the other methods: ErrRefused with CodeStreamReadFailed and a
// Reason that begins with NOGROUP.
func (g Group) Info(ctx context.Context) (GroupInfo, error) {
	const op = "stream group"
	key, err := g.key()
	if err != nil {
		return GroupInfo{}, named(err, op, g.stream)
	}
	groups, err := g.streams.groups(ctx, key)
	if err == nil {
		for _, info := range groups {
			if info.Name == g.name {
				return info, nil
			}
		}
		err = g.unknown(nil)
	}
	return GroupInfo{}, named(g.failed(err, CodeStreamReadFailed), op, g.stream)
}

// Ensure creates the group, and the stream with it, if it does not exist, and reports
// whether it did (XGROUP CREATE MKSTREAM). An existing group stays as it is. The group
// begins behind start: "" and "0" for the first message, "$" for what is appended from
// now on, an id for what comes after it, or a time as [RangeOptions] take it for what
// was appended since.
func (g Group) Ensure(ctx context.Context, start string) (created bool, err error) {
	const op = "stream group ensure"
	key, err := g.key()
	if err == nil && start == "" {
		start = "0"
	}
	if err == nil {
		start, err = g.streams.startAfter(ctx, start)
	}
	if err != nil {
		return false, named(err, op, g.stream)
	}
	seen := g.observe(ctx, "stream.group", "")
	_, err = g.streams.write(ctx, 2,
		words("xgroup", "CREATE", key, g.name, start, "MKSTREAM")...)
	exists := refused(err) && strings.Contains(reasonOf(err), "BUSYGROUP")
	if exists {
		err = nil
	}
	err = recode(err, CodeStreamGroupFailed)
	seen.end(ctx, err)
	return err == nil && !exists, named(err, op, g.stream)
}

// SetID makes the group go on behind an id, as [Group.Ensure] takes it (XGROUP SETID).
// What is pending stays so. It returns the id that was set, or "$".
func (g Group) SetID(ctx context.Context, id string) (set string, err error) {
	const op = "stream group set-id"
	key, err := g.key()
	if err == nil && id == "" {
		err = invalid(CodeStreamIDInvalid, "no id is given")
	}
	if err == nil {
		set, err = g.streams.startAfter(ctx, id)
	}
	if err != nil {
		return "", named(err, op, g.stream)
	}
	_, err = g.streams.write(ctx, 2, words("xgroup", "SETID", key, g.name, set)...)
	return set, named(g.failed(err, CodeStreamGroupFailed), op, g.stream)
}

// Remove deletes the group with all it knows about pending messages, and reports whether
// it existed (XGROUP DESTROY).
func (g Group) Remove(ctx context.Context) (bool, error) {
	const op = "stream group remove"
	key, err := g.key()
	if err != nil {
		return false, named(err, op, g.stream)
	}
	answer, err := g.streams.write(ctx, 2, words("xgroup", "DESTROY", key, g.name)...)
	if g.isUnknown(err) {
		return false, nil
	}
	return integer(answer) > 0, named(recode(err, CodeStreamGroupFailed), op, g.stream)
}

// Ack acknowledges messages and returns how many of them were pending (XACK). It does no
// harm to do it twice. What is no whole id is CodeStreamIDInvalid, as are no ids at all.
func (g Group) Ack(ctx context.Context, ids ...string) (int64, error) {
	const op = "stream ack"
	key, err := g.key()
	if err == nil {
		err = checkIDs(ids)
	}
	if err != nil {
		return 0, named(err, op, g.stream)
	}
	seen := g.observe(ctx, "stream.ack", "", slog.Int("ctx.stream.count", len(ids)))
	answer, err := g.streams.write(ctx, 1,
		words(append([]string{"xack", key, g.name}, ids...)...)...)
	err = recode(err, CodeStreamAckFailed)
	seen.end(ctx, err)
	return integer(answer), named(err, op, g.stream)
}

// key returns the whole key of the stream. Both names must be given.
func (g Group) key() (string, error) {
	key, err := g.streams.key(g.stream)
	if err == nil && g.name == "" {
		err = invalid(CodeStreamGroupRequired, "no group is named")
	}
	return key, err
}

// consumerKey is key for what needs a consumer.
func (g Group) consumerKey(consumer string) (string, error) {
	key, err := g.key()
	if err == nil && consumer == "" {
		err = invalid(CodeStreamConsumerRequired, "no consumer is named")
	}
	return key, err
}

// observe reports that an operation of the group begins.
func (g Group) observe(ctx context.Context, name, consumer string, attrs ...slog.Attr,
) *operation {
	attrs = append([]slog.Attr{
		slog.String("ctx.stream.group", g.name), slog.String("ctx.stream.consumer", consumer),
	}, attrs...)
	return g.streams.observe(ctx, name, g.stream, attrs...)
}

// failed gives a refusal its code, and one name to all the ways in which servers say
// that there is no such group.
func (g Group) failed(err error, code Code) error {
	if g.isUnknown(err) {
		return g.unknown(err)
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ErrRefused &&
		e.Code == CodeStreamReadFailed {
		renamed := *e
		renamed.Code = code
		return &renamed
	}
	return recode(err, code)
}

// isUnknown reports whether a refusal is for want of the group or its stream. A consumer
// that waits when its stream is deleted hears UNBLOCKED from Redis 7.0, and NOGROUP
// from later servers.
func (g Group) isUnknown(err error) bool {
	if !refused(err) {
		return false
	}
	reason := reasonOf(err)
	return strings.HasPrefix(reason, "NOGROUP") || strings.HasPrefix(reason, "UNBLOCKED") ||
		strings.HasPrefix(reason, "ERR no such key") ||
		strings.HasPrefix(reason, "ERR The XGROUP subcommand requires the key to exist")
}

func (g Group) unknown(cause error) error {
	return &Error{
		Kind: ErrRefused, Code: CodeStreamReadFailed, Err: cause,
		Reason: "NOGROUP the stream has no group " + strconv.Quote(g.name),
	}
}
