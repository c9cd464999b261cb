package store

import (
	"context"
	"iter"
)

// StreamInfo is what the server tells about a stream. What it does not tell is left
// out of the JSON.
type StreamInfo struct {
	Stream        string `json:"stream"`                   // as the caller gave it
	Found         bool   `json:"found"`                    // the stream exists
	Length        int64  `json:"length"`                   // entries
	FirstID       string `json:"firstId,omitzero"`         // of the entries there are
	LastID        string `json:"lastId,omitzero"`          // the newest
	LastGenerated string `json:"lastGeneratedId,omitzero"` // also of an entry that was deleted
	MaxDeleted    string `json:"maxDeletedId,omitzero"`    // the highest id deleted; since Redis 7.0
	Added         *int64 `json:"entriesAdded,omitzero"`    // ever; since Redis 7.0

	Groups []GroupInfo `json:"groups"` // never nil
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
	Stream string  `json:"stream"` // without prefix and scopes
	Scopes []Scope `json:"scopes"` // from the outermost inwards
	Length int64   `json:"length"` // entries
	Groups int     `json:"groups"` // how many it has
	// Lag is that of the group furthest behind; unknown where one is unknown, and nil
	// where there are no groups.
	Lag *Lag `json:"lag,omitzero"`
	// Err is why the server would not tell about the stream.
	Err error `json:"error,omitzero"`
}

// List lists the streams of the scope, with recursive those of child scopes too (SCAN, then
// XINFO STREAM and XINFO GROUPS of each). The pattern is one of [Client.Scan], whose contract
// holds.
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
