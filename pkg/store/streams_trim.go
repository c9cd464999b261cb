package store

import (
	"context"
	"strconv"
)

// Trimmed says what a trim did, or would do.
type Trimmed struct {
	Stream  string `json:"stream"`          // as the caller gave it
	Removed int64  `json:"removed"`         // entries
	DryRun  bool   `json:"dryRun,omitzero"` // nothing was removed, only counted
	// Orphaned names the groups whose pending entries lost what they hold.
	Orphaned []string `json:"orphaned,omitzero"`
}

// TrimOptions choose what a trim keeps: MaxLen entries, or those from MinID on, which
// is an id or a time as [RangeOptions] take them.
type TrimOptions struct {
	MaxLen      *int64
	MinID       string
	Approximate bool // the server may keep some more
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
