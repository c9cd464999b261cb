package store

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"
)

// streamID is the id of an entry: the time it was added, in milliseconds, and a number
// that tells entries of one millisecond apart.
type streamID struct{ ms, seq uint64 }

// String returns the id as Redis writes it.
func (id streamID) String() string {
	return strconv.FormatUint(id.ms, 10) + "-" + strconv.FormatUint(id.seq, 10)
}

func maxStreamID() streamID { return streamID{math.MaxUint64, math.MaxUint64} }

// next returns the id behind this one; ok is false where there is none.
func (id streamID) next() (_ streamID, ok bool) {
	switch {
	case id.seq < math.MaxUint64:
		return streamID{id.ms, id.seq + 1}, true
	case id.ms < math.MaxUint64:
		return streamID{id.ms + 1, 0}, true
	}
	return id, false
}

// previous returns the id before this one; ok is false where there is none.
func (id streamID) previous() (_ streamID, ok bool) {
	switch {
	case id.seq > 0:
		return streamID{id.ms, id.seq - 1}, true
	case id.ms > 0:
		return streamID{id.ms - 1, math.MaxUint64}, true
	}
	return id, false
}

// less reports whether id comes before other.
func (id streamID) less(other streamID) bool {
	return id.ms < other.ms || id.ms == other.ms && id.seq < other.seq
}

// parseStreamID reads an id. Where it has no second part, seq stands in.
func parseStreamID(text string, seq uint64) (streamID, error) {
	first, second, both := strings.Cut(text, "-")
	id := streamID{seq: seq}
	var err error
	if id.ms, err = parseDigits(first); err == nil && both {
		id.seq, err = parseDigits(second)
	}
	if err != nil {
		return streamID{}, invalid(CodeStreamIDInvalid, "%q is not the id of an entry, "+
			"such as 1764000000000-0", text)
	}
	return id, nil
}

// parseDigits reads digits and nothing else: no sign.
func parseDigits(text string) (uint64, error) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseUint(text, 10, 64)
}

// CheckStreamID refuses what is not the whole id of an entry, as CodeStreamIDInvalid.
func CheckStreamID(id string) error {
	_, err := parseStreamID(id, 0)
	if err == nil && !strings.Contains(id, "-") {
		err = invalid(CodeStreamIDInvalid, "%q is only a part of an id, such as %s-0", id, id)
	}
	return err
}

// edge is a side of a range.
type edge uint8

const (
	lowEdge edge = iota
	highEdge
)

// bound reads one end of a range: an id, part of one, "-" or "+", any id behind "(" for
// the one next to it, an RFC 3339 time, or a duration before now such as -15m. Now is
// the server's time, as ids are made of it.
func (s Streams) bound(ctx context.Context, text string, side edge) (streamID, error) {
	seq := uint64(0)
	if side == highEdge {
		seq = math.MaxUint64
	}
	switch text {
	case "-":
		return streamID{}, nil
	case "+":
		return maxStreamID(), nil
	}
	if rest, exclusive := strings.CutPrefix(text, "("); exclusive {
		return beside(rest, side, seq)
	}
	if ms, ok, err := s.moment(ctx, text); ok || err != nil {
		return streamID{ms, seq}, err
	}
	id, err := parseStreamID(text, seq)
	if err != nil {
		err = invalid(CodeStreamIDInvalid, "%q is neither an id (1764000000000-0, -, +), "+
			"nor a time (2026-01-02T15:04:05Z, -15m)", text)
	}
	return id, err
}

// beside returns the id next to one that does not belong to the range.
func beside(text string, side edge, seq uint64) (streamID, error) {
	id, err := parseStreamID(text, seq)
	if err != nil {
		return id, err
	}
	ok := false
	if side == lowEdge {
		id, ok = id.next()
	} else {
		id, ok = id.previous()
	}
	if !ok {
		return id, invalid(CodeStreamIDInvalid, "there is no id beside %q", text)
	}
	return id, nil
}

// moment reads a time, in milliseconds. ok is false where text is none.
func (s Streams) moment(ctx context.Context, text string) (ms uint64, ok bool, err error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return uint64(max(at.UnixMilli(), 0)), true, nil
	}
	ago, isAgo := strings.CutPrefix(text, "-")
	if !isAgo {
		return 0, false, nil
	}
	d, err := parseDuration(ago)
	if err != nil || d < 0 {
		return 0, false, nil //nolint:nilerr // then it is no duration
	}
	now, err := s.now(ctx)
	if err != nil {
		return 0, false, err
	}
	return uint64(max(now.Add(-d).UnixMilli(), 0)), true, nil
}

// now returns the server's time.
func (s Streams) now(ctx context.Context) (time.Time, error) {
	answer, err := s.read(ctx, 0, "time")
	if err != nil {
		return time.Time{}, err
	}
	parts := list(answer)
	if len(parts) != 2 {
		return time.Time{}, strange("TIME")
	}
	seconds, err := strconv.ParseInt(text(parts[0]), 10, 64)
	if err != nil {
		return time.Time{}, strange("TIME")
	}
	micros, err := strconv.ParseInt(text(parts[1]), 10, 64)
	if err != nil {
		return time.Time{}, strange("TIME")
	}
	return time.Unix(seconds, micros*1000), nil
}

// startAfter reads where a group begins: "$", an id that was dealt with already, or a
// time from which on everything is to come.
func (s Streams) startAfter(ctx context.Context, text string) (string, error) {
	if text == "$" || text == "" {
		return text, nil
	}
	ms, isTime, err := s.moment(ctx, text)
	if err != nil {
		return "", err
	}
	if isTime {
		id, _ := streamID{ms, 0}.previous()
		return id.String(), nil
	}
	id, err := parseStreamID(text, 0)
	if err != nil {
		return "", invalid(CodeStreamIDInvalid, "%q is neither an id (0, $, 1764000000000-0), "+
			"nor a time (2026-01-02T15:04:05Z, -15m)", text)
	}
	if !strings.Contains(text, "-") {
		return text, nil // as it is: the library writes 0
	}
	return id.String(), nil
}
