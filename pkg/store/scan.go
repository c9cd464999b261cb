package store

import (
	"context"
	"iter"
	"slices"
	"strings"
)

// DefaultScanCount is how many keys the server looks at for one page, or fewer where that
// takes too long. A page of this size holds a server for 2 ms or so. Redis' default of 10
// costs hundreds of times the round trips, 1,000 a sixth more time in all; beyond, little
// is won and other clients begin to wait.
const DefaultScanCount = 2500

// ScanOptions choose what a scan lists.
type ScanOptions struct {
	// Pattern is a Redis glob over the part of the key behind the namespace; ""
	// stands for "*". Everything else in the key is matched literally, whatever
	// characters identifiers hold.
	Pattern string
	// Namespaces to list; none for NamespaceKV alone.
	Namespaces  []Namespace
	Recursive   bool   // child scopes too
	AllServices bool   // all services of the prefix, with their scopes
	Want        Fields // what to read about each key besides its name
	Limit       int    // stop after so many keys; 0 for no limit
	// Count is the page size, a hint to the server. With 0 it is up to DefaultScanCount,
	// and less where a page would hold the server for longer than 5 ms.
	Count int
	// MaxRate is how many keys a second the server may be made to look at, those that
	// the pattern does not match included; 0 for no limit.
	MaxRate int
}

// Item is one key of a scan with what was asked about it.
type Item struct {
	Key    `json:",inline"`
	Value  *Value `json:"value,omitzero"`  // with FieldValue
	TTL    *TTL   `json:"ttl,omitzero"`    // with FieldTTL
	Memory *int64 `json:"memory,omitzero"` // bytes, an estimate
	Type   string `json:"type,omitzero"`   // with FieldType, as Redis names it
	// Err is why the server would not tell something about the key.
	Err error `json:"error,omitzero"`
}

// ScanPage is one page of a scan.
type ScanPage struct {
	Cursor string `json:"cursor"` // "0" after the last page
	Keys   []Item `json:"keys"`   // in no order
}

// Scan lists keys in no order (SCAN). Keys that exist from beginning to end are
// listed; those that come or go meanwhile may be. The server may report a key
// twice when its table shrinks; it does so within a few buckets, and repetitions
// within some 10,000 keys are removed. On a cluster all primaries are scanned at the same
// time; slots that move meanwhile are scanned again, and the failure is ErrIncomplete where
// that is not possible. A failure is yielded once, last; when ctx ends the sequence ends
// with its cause.
func (c *Client) Scan(ctx context.Context, o ScanOptions) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		s, err := c.scanner(o)
		if err != nil {
			yield(Item{}, err)
			return
		}
		listed := 0
		s.seen = &seenKeys{recent: newRecent()}
		for page, err := range ahead(ctx, s.pages(ctx)) {
			if err != nil {
				yield(Item{}, err)
				return
			}
			for _, item := range page {
				if s.seen.again(item.RedisKey) {
					continue
				}
				if listed++; !yield(item, nil) || listed == o.Limit {
					return
				}
			}
		}
	}
}

// ScanPage lists one page of a scan, to go on from where an earlier one ended.
// Cursor "0" begins, and "0" as the next one ends; others are the server's, to be handed
// back as they are (CodeScanFailed otherwise). A cursor means something only to the process
// that gave it: another one, after a restart or a failover, takes it and leaves keys out.
// A page may be empty although more follow.
// Limit and MaxRate are not used, and keys are not checked for repetitions across pages.
func (c *Client) ScanPage(ctx context.Context, cursor string, o ScanOptions) (ScanPage, error) {
	s, err := c.scanner(o)
	if err != nil {
		return ScanPage{}, err
	}
	count := o.Count
	if count <= 0 {
		count = DefaultScanCount
	}
	page, err := s.list(ctx, cursor, count)
	if err != nil {
		return ScanPage{}, err
	}
	items, err := s.read(ctx, s.choose(page.Keys))
	return ScanPage{Cursor: page.Cursor, Keys: items}, err
}

// scanner is one scan.
type scanner struct {
	client  *Client
	options ScanOptions
	request PageRequest
	base    string // what all keys begin with, colon included
	key     func(redisKey string) (Key, bool)
	scopes  []Scope   // of every key of a scan that is not recursive
	seen    *seenKeys // nil for a single page
}

// scanner checks the options and works out what to ask the server for.
func (c *Client) scanner(o ScanOptions) (*scanner, error) {
	s := &scanner{client: c, options: o}
	if len(o.Namespaces) == 0 {
		s.options.Namespaces = []Namespace{NamespaceKV}
	}
	if o.Pattern == "" {
		s.options.Pattern = "*"
	}
	if err := s.place(); err != nil {
		return nil, named(err, "scan", "")
	}
	s.request = PageRequest{Pattern: s.pattern()}
	return s, nil
}

// place finds what all keys begin with, and how keys are to be read.
func (s *scanner) place() error {
	c := s.client
	switch {
	case s.options.AllServices:
		s.base = c.prefix + ":"
		s.key = func(k string) (Key, bool) { return ParseAnyKey(k, c.prefix) }
		return nil
	case c.service == "":
		return invalid(CodeServiceRequired, "no service is given")
	case s.options.Recursive:
		s.base = buildBase(c.prefix, c.service, c.chain) + ":"
		s.key = s.below
		return nil
	}
	base, err := c.base()
	s.base, s.key, s.scopes = base+":", s.here, append([]Scope{}, c.chain...)
	return err
}

// here reads a key of exactly the client's scope.
func (s *scanner) here(redisKey string) (Key, bool) {
	name, key, found := strings.Cut(redisKey[len(s.base):], ":")
	return Key{
		Key: key, Namespace: Namespace(name), Service: s.client.service,
		Scopes: s.scopes, RedisKey: redisKey,
	}, found
}

// below reads a key of the client's scope or of one below it. Where scopes are
// declared, a longer identifier that only begins like ours is told apart from a child
// scope; where they are not, nothing can.
func (s *scanner) below(redisKey string) (Key, bool) {
	c := s.client
	if len(c.declared) > 0 {
		whole, ok := ParseKey(redisKey, c.prefix, c.service, c.declared)
		if ok && !whole.below(c.prefix, s.base) {
			return Key{}, false
		}
	}
	known := Key{Service: c.service, Scopes: c.chain, RedisKey: redisKey}
	return parseRest(known, redisKey[len(s.base):], c.declared)
}

// pattern returns the glob that the server matches. It may let through more than
// is wanted, never less; wanted decides.
func (s *scanner) pattern() string {
	base := EscapeGlob(s.base)
	if s.options.Recursive || s.options.AllServices {
		base += "*"
	}
	if len(s.options.Namespaces) == 1 {
		return base + string(s.options.Namespaces[0]) + ":" + s.options.Pattern
	}
	return base + "*:" + s.options.Pattern
}

// wanted reads a key that the server listed and reports whether it belongs to the
// scan. The literal prefix is checked again: embedded servers are known to get
// escaped patterns wrong, and no other tenant's key may ever show.
func (s *scanner) wanted(redisKey string) (Key, bool) {
	if !strings.HasPrefix(redisKey, s.base) {
		return Key{}, false
	}
	key, ok := s.key(redisKey)
	if !ok {
		return Key{}, false
	}
	if slices.Contains(s.options.Namespaces, key.Namespace) {
		return key, s.options.Pattern == "*" || MatchGlob(s.options.Pattern, key.Key)
	}
	return Key{}, false
}

// pages yields the pages of the scan. The server looks for the next page while the
// one before is taken apart, and that while the caller uses the one before it.
func (s *scanner) pages(ctx context.Context) iter.Seq2[[]Item, error] {
	listed := s.listAll(ctx)
	return func(yield func([]Item, error) bool) {
		for page, err := range ahead(ctx, listed) {
			var items []Item
			if err == nil {
				items, err = s.read(ctx, s.choose(page.Keys))
			}
			if !yield(items, err) || err != nil {
				return
			}
		}
	}
}

// list asks for one page.
func (s *scanner) list(ctx context.Context, cursor string, count int) (Page, error) {
	request := s.request
	request.Cursor, request.Count = cursor, count
	seen := s.client.observe(ctx, "dev", "dev.scan")
	page, err := s.client.adapter.Scan(ctx, request)
	seen.end(ctx, err)
	return page, named(err, "scan", "")
}

// choose keeps what belongs to the scan.
func (s *scanner) choose(redisKeys []string) []Key {
	keys := make([]Key, 0, len(redisKeys))
	for _, redisKey := range redisKeys {
		if key, ok := s.wanted(redisKey); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// read finds out what was asked about the keys of a page. A key that went away
// meanwhile is left out.
func (s *scanner) read(ctx context.Context, keys []Key) ([]Item, error) {
	items := make([]Item, 0, len(keys))
	if s.options.Want == 0 {
		for _, key := range keys {
			items = append(items, Item{Key: key})
		}
		return items, nil
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.RedisKey
	}
	records, err := s.client.adapter.Read(ctx, names, s.options.Want)
	for i, r := range records {
		if r.Found {
			items = append(items, s.item(keys[i], r))
		}
	}
	return items, named(err, "scan", "")
}

// item joins a key and what was found out about it. That a key holds no string
// only means that there is no value to show.
func (s *scanner) item(key Key, r Record) Item {
	item := Item{Key: key, Type: r.Type}
	want := s.options.Want
	wrongType := r.Err != nil && strings.HasPrefix(reasonOf(r.Err), "WRONGTYPE")
	if want&FieldValue != 0 && r.Value != nil {
		item.Value = &r.Value
	}
	if want&FieldTTL != 0 {
		item.TTL = &r.TTL
	}
	if want&FieldMemory != 0 {
		item.Memory = &r.Memory
	}
	if r.Err != nil && (!wrongType || key.Namespace != NamespaceStreams) {
		item.Err = r.Err
	}
	return item
}
