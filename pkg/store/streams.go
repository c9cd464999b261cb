package store

import (
	"context"
	"iter"
	"log/slog"
	"strconv"
	"time"
)

// Streams appends to the streams of one scope and reads them. Make one with
// [Client.Streams]; [Streams.Group] reads on behalf of a consumer group.
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
	seen.end(ctx, err)
	return text(answer), named(recode(err, CodeStreamAppendFailed), op, stream)
}

// StreamInfo is what the server tells about a stream. What it does not tell is left
// out of the JSON.
type StreamInfo struct {
	Stream        string `json:"stream"`
	Found         bool   `json:"found"`
	Length        int64  `json:"length"`
	FirstID       string `json:"firstId,omitzero"` // of the entries there are
	LastID        string `json:"lastId,omitzero"`
	LastGenerated string `json:"lastGeneratedId,omitzero"` // also of an entry that was deleted
	MaxDeleted    string `json:"maxDeletedId,omitzero"`
	Added         *int64 `json:"entriesAdded,omitzero"` // ever; since Redis 7.0

	Groups []GroupInfo `json:"groups"`
}

// Info returns what the server tells about a stream (XINFO STREAM, XINFO GROUPS). A
// missing stream is an Info that is not Found.
func (s Streams) Info(ctx context.Context, stream string) (StreamInfo, error) {
	const op = "stream info"
	key, err := s.key(stream)
	if err != nil {
		return StreamInfo{}, named(err, op, stream)
	}
	info, err := s.info(ctx, key)
	info.Stream = stream
	return info, named(recode(err, CodeStreamReadFailed), op, stream)
}

// info asks about a whole key.
func (s Streams) info(ctx context.Context, key string) (StreamInfo, error) {
	answer, err := s.read(ctx, 2, "xinfo", "stream", key)
	if missing(err) {
		return StreamInfo{Groups: []GroupInfo{}}, nil
	}
	if err != nil {
		return StreamInfo{}, err
	}
	d := dictionary(answer)
	info := StreamInfo{
		Found: true, Length: d.number("length"),
		FirstID: entryID(d["first-entry"]), LastID: entryID(d["last-entry"]),
		LastGenerated: text(d["last-generated-id"]), MaxDeleted: text(d["max-deleted-entry-id"]),
		Added: d.optional("entries-added"),
	}
	if info.Groups, err = s.groups(ctx, key); missing(err) { // deleted meanwhile
		return StreamInfo{Groups: []GroupInfo{}}, nil
	}
	return info, err
}

// StreamItem is one stream of a list.
type StreamItem struct {
	Stream string  `json:"stream"`
	Scopes []Scope `json:"scopes"`
	Length int64   `json:"length"`
	Groups int     `json:"groups"`
	// Lag is that of the group furthest behind; unknown where one is unknown, and nil
	// where there are no groups.
	Lag *Lag `json:"lag,omitzero"`
	// Err is why the server would not tell about the stream.
	Err error `json:"error,omitzero"`
}

// List lists the streams of the scope, with recursive those of child scopes too. The
// pattern is one of [Client.Scan], whose contract holds.
func (s Streams) List(ctx context.Context, pattern string, recursive bool,
) iter.Seq2[StreamItem, error] {
	items := s.client.Scan(ctx, ScanOptions{
		Pattern: pattern, Namespaces: []Namespace{NamespaceStreams}, Recursive: recursive,
	})
	return func(yield func(StreamItem, error) bool) {
		for item, err := range items {
			listed := StreamItem{Stream: item.Key.Key, Scopes: item.Scopes}
			found := true
			if err == nil {
				found, err = s.describe(ctx, item.RedisKey, &listed)
			}
			if !found && err == nil {
				continue
			}
			if !yield(listed, named(err, "stream list", "")) {
				return
			}
		}
	}
}

// describe completes a stream of a list. found is false where it went away. What the
// server refuses becomes part of it; the error is for a failed connection.
func (s Streams) describe(ctx context.Context, key string, item *StreamItem,
) (found bool, err error) {
	info, err := s.info(ctx, key)
	if err != nil {
		if refused(err) {
			item.Err = recode(err, CodeStreamReadFailed)
			return true, nil
		}
		return false, err
	}
	item.Length, item.Groups = info.Length, len(info.Groups)
	for i := range info.Groups {
		lag := info.Groups[i].Lag
		if item.Lag == nil || lag == LagUnknown || *item.Lag != LagUnknown && lag > *item.Lag {
			item.Lag = &lag
		}
	}
	return info.Found, nil
}

// Trimmed says what a trim did, or would do.
type Trimmed struct {
	Stream  string `json:"stream"`
	Removed int64  `json:"removed"`
	DryRun  bool   `json:"dryRun,omitzero"`
	// Orphaned names the groups whose pending entries lost what they hold.
	Orphaned []string `json:"orphaned,omitzero"`
}

// TrimOptions choose what a trim keeps: MaxLen entries, or those from MinID on, which
// is an id or a time as [RangeOptions] take them.
type TrimOptions struct {
	MaxLen      *int64
	MinID       string
	Approximate bool
	DryRun      bool // count, remove nothing; an exact count also where Approximate is set
}

// Trim removes the oldest entries of a stream (XTRIM). Entries that are pending lose
// what they hold but stay pending; the groups concerned are named.
func (s Streams) Trim(ctx context.Context, stream string, o TrimOptions) (Trimmed, error) {
	const op = "stream trim"
	result := Trimmed{Stream: stream, DryRun: o.DryRun}
	key, err := s.key(stream)
	if err == nil && (o.MaxLen == nil) == (o.MinID == "") {
		err = invalid(CodeStreamReadFailed, "give a maximum length or a lowest id")
	}
	if err == nil && o.MaxLen != nil {
		err = AppendOptions{MaxLen: o.MaxLen}.check()
	}
	if err == nil && !o.DryRun {
		err = s.client.writable()
	}
	var least streamID
	if err == nil && o.MinID != "" {
		least, err = s.bound(ctx, o.MinID, lowEdge)
	}
	switch {
	case err != nil:
	case o.DryRun:
		result.Removed, err = s.wouldTrim(ctx, stream, key, o.MaxLen, least)
	default:
		result.Removed, err = s.trim(ctx, key, o, least)
		if err == nil && result.Removed > 0 {
			result.Orphaned, err = s.orphaned(ctx, key)
		}
	}
	return result, named(recode(err, CodeStreamReadFailed), op, stream)
}

func (s Streams) trim(ctx context.Context, key string, o TrimOptions, least streamID,
) (int64, error) {
	args := []string{"xtrim", key, "MINID"}
	limit := least.String()
	if o.MaxLen != nil {
		args[2], limit = "MAXLEN", strconv.FormatInt(*o.MaxLen, 10)
	}
	if o.Approximate {
		args = append(args, "~")
	}
	answer, err := s.write(ctx, 1, words(append(args, limit)...)...)
	return integer(answer), err
}

// wouldTrim counts what an exact trim would remove.
func (s Streams) wouldTrim(ctx context.Context, stream, key string, maxLen *int64,
	least streamID,
) (removed int64, err error) {
	if maxLen != nil {
		answer, err := s.read(ctx, 1, "xlen", key)
		return max(integer(answer)-*maxLen, 0), err
	}
	below, ok := least.previous()
	if !ok {
		return 0, nil
	}
	for _, err := range s.Range(ctx, stream, RangeOptions{End: below.String()}) {
		if err != nil {
			return 0, err
		}
		removed++
	}
	return removed, nil
}

// orphaned returns the groups with pending entries before the first one there is.
func (s Streams) orphaned(ctx context.Context, key string) ([]string, error) {
	info, err := s.info(ctx, key)
	if err != nil || !info.Found {
		return nil, err
	}
	first := maxStreamID()
	if info.FirstID != "" {
		if first, err = parseStreamID(info.FirstID, 0); err != nil {
			return nil, err
		}
	} else if info.Length > 0 {
		return nil, nil // the embedded server does not say where the stream begins
	}
	var names []string
	for _, g := range info.Groups {
		if g.Pending == 0 {
			continue
		}
		summary, err := s.pendingSummary(ctx, key, g.Name)
		if err != nil {
			return names, err
		}
		if low, err := parseStreamID(summary.LowestID, 0); err == nil && low.less(first) {
			names = append(names, g.Name)
		}
	}
	return names, nil
}

// Remove deletes entries and returns how many there were (XDEL). Where they are
// pending, they stay so, without what they held.
func (s Streams) Remove(ctx context.Context, stream string, ids ...string) (int64, error) {
	const op = "stream remove"
	key, err := s.key(stream)
	if err == nil {
		err = checkIDs(ids)
	}
	if err != nil {
		return 0, named(err, op, stream)
	}
	answer, err := s.write(ctx, 1, words(append([]string{"xdel", key}, ids...)...)...)
	return integer(answer), named(recode(err, CodeDeleteFailed), op, stream)
}

// checkIDs refuses what is no list of ids.
func checkIDs(ids []string) error {
	if len(ids) == 0 {
		return invalid(CodeStreamIDInvalid, "no id is given")
	}
	for _, id := range ids {
		if err := CheckStreamID(id); err != nil {
			return err
		}
	}
	return nil
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
