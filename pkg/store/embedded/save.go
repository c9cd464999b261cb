package embedded

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"maps"
	"slices"
)

// Saved says what a snapshot holds.
type Saved struct {
	Keys int // how many it has
	// Lost is how many keys could not be kept: HyperLogLogs.
	Lost int
	// Changes is what Changes returned before the data was looked at.
	Changes uint64
}

// Save writes all data, as they are at one moment. Clients wait while it is collected, not
// while it is written.
//
// Kept are strings, hashes, lists, sets, sorted sets and streams with their groups,
// consumers and pending messages, of all databases, and TTLs as the times at which they
// end. Not kept are HyperLogLogs, scripts, subscriptions, and how long a consumer was
// idle.
func (s *Server) Save(w io.Writer) (Saved, error) {
	saved := Saved{Changes: s.Changes()}
	now := s.capture()
	saved.Keys, saved.Lost = len(now.entries), now.lost
	out := newWriter(w)
	out.line(header{formatName, formatVersion, now.at.UTC()})
	for _, e := range now.entries {
		now.write(out, e)
	}
	return saved, out.finish()
}

// writer writes lines and remembers what the trailer says about them.
type writer struct {
	out   *bufio.Writer
	sum   hash.Hash
	lines int
	text  bytes.Buffer
	err   error
}

func newWriter(w io.Writer) *writer {
	sum := sha256.New()
	return &writer{out: bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10), sum: sum}
}

// line writes a line. After an error it does nothing.
func (w *writer) line(v any) {
	if w.err != nil {
		return
	}
	w.text.Reset()
	encoder := json.NewEncoder(&w.text)
	encoder.SetEscapeHTML(false)
	if w.err = encoder.Encode(v); w.err != nil {
		return
	}
	w.lines++
	_, w.err = w.out.Write(w.text.Bytes())
}

// finish writes the trailer.
func (w *writer) finish() error {
	if w.err == nil {
		w.err = w.out.Flush() // into the sum
	}
	w.line(trailer{End: true, Lines: w.lines, SHA256: hex.EncodeToString(w.sum.Sum(nil))})
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

// write writes the records of a key.
func (s state) write(out *writer, e entry) {
	key := binary(e.key)
	r := record{DB: e.db, Key: &key, Type: e.kind, Expires: s.expiry(e.ttl)}
	switch e.kind {
	case "string":
		r.Value = binary(e.text)
		out.line(r)
	case "stream":
		s.writeStream(out, r, e)
	default:
		s.writeItems(out, r, e)
	}
}

// writeItems writes the members of a key, some to a line.
func (s state) writeItems(out *writer, r record, e entry) {
	for begin := 0; begin < len(e.items); begin += maxItems {
		end := min(begin+maxItems, len(e.items))
		r.Items, r.Scores = binaries(e.items[begin:end]), nil
		for i := begin; i < end && e.scores != nil; i++ {
			r.Scores = append(r.Scores, score(e.scores[i]))
		}
		out.line(r)
	}
	r.Items, r.Scores = nil, nil
	for names := range slices.Chunk(slices.Sorted(maps.Keys(e.fieldTTL)), maxItems) {
		r.Fields, r.FieldExpires = binaries(names), nil
		for _, name := range names {
			r.FieldExpires = append(r.FieldExpires, s.expiry(e.fieldTTL[name]))
		}
		out.line(r)
	}
}

// writeStream writes the messages of a stream, its groups, and what is pending there. A
// stream without any of it has a record all the same: it exists.
func (s state) writeStream(out *writer, r record, e entry) {
	if len(e.messages)+len(e.groups) == 0 {
		out.line(r)
	}
	for _, m := range e.messages {
		r := r
		r.ID, r.Items = m.id, binaries(m.fields)
		out.line(r)
	}
	for _, g := range e.groups {
		name := binary(g.name)
		r := r
		r.Group, r.LastID, r.Consumers = &name, g.lastID, binaries(g.consumers)
		out.line(r)
		r.LastID, r.Consumers = "", nil
		for _, p := range g.pending {
			consumer := binary(p.consumer)
			r := r
			r.ID, r.Consumer, r.Deliveries = p.id, &consumer, p.deliveries
			r.Delivered = p.delivered.UnixMilli()
			out.line(r)
		}
	}
}
