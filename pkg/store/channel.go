package store

import "strings"

// subscriptions is what a subscriber asked for, as the server is to be asked for it.
type subscriptions struct {
	client   *Client
	options  SubscribeOptions
	base     string   // what all channels begin with, colon included
	wanted   []string // as Redis globs over the event
	requests []string // as users write channels: what the server is asked for
}

// subscriptions checks what is asked for and works out channels and patterns.
func (c *Client) subscriptions(o SubscribeOptions) (*subscriptions, error) {
	s := &subscriptions{client: c, options: o}
	if len(o.Channels) == 0 {
		return nil, invalid(CodeKeyRequired, "no channel is given")
	}
	for _, channel := range o.Channels {
		if channel == "" {
			return nil, invalid(CodeKeyRequired, "the channel is empty")
		}
		s.wanted = append(s.wanted, eventGlob(channel))
	}
	s.requests = apart(o.Channels)
	return s, s.place()
}

// eventGlob makes a channel as a user writes it a Redis glob. Only * means something in
// it, any characters.
func eventGlob(channel string) string {
	literal := strings.Split(channel, "*")
	for i, part := range literal {
		literal[i] = EscapeGlob(part)
	}
	return strings.Join(literal, "*")
}

// apart returns channels that together match what the given ones do, no event by two of
// them: a server sends a message once for each that matches, except for the embedded one,
// which then picks any. What another one covers is left out. Where two only overlap, all
// events are asked for, and those that nobody wants are dropped here.
func apart(channels []string) []string {
	var kept []string
	for i, channel := range channels {
		covered := false
		for j, other := range channels {
			// Of two that mean the same, the first stays.
			covered = covered || i != j && covers(other, channel) && (j < i || !covers(channel, other))
		}
		if !covered {
			kept = append(kept, channel)
		}
	}
	for i, channel := range kept {
		for _, other := range kept[:i] {
			if overlap(channel, other) {
				return []string{"*"}
			}
		}
	}
	return kept
}

// covers reports whether a channel matches all that another one does. The * of the other
// counts as a character, which only a * matches.
func covers(channel, other string) bool { return MatchGlob(eventGlob(channel), other) }

// overlap reports whether there is an event that both channels match.
func overlap(a, b string) bool {
	// row[j] says whether the parts of a and b up to i and j can be the same text.
	row := make([]bool, len(b)+1)
	row[0] = true
	for j := range len(b) {
		row[j+1] = row[j] && b[j] == '*'
	}
	for i := range len(a) {
		next := make([]bool, len(b)+1)
		next[0] = row[0] && a[i] == '*'
		for j := range len(b) {
			if a[i] == '*' || b[j] == '*' {
				next[j+1] = row[j+1] || next[j]
			} else {
				next[j+1] = row[j] && a[i] == b[j]
			}
		}
		row = next
	}
	return row[len(b)]
}

// place finds what all channels begin with.
func (s *subscriptions) place() (err error) {
	c := s.client
	switch {
	case s.options.AllServices:
		s.base = c.prefix + ":"
		return nil
	case c.service == "":
		return invalid(CodeServiceRequired, "no service is given")
	case s.options.Recursive:
		s.base = buildBase(c.prefix, c.service, c.chain) + ":"
		return nil
	}
	s.base, err = c.base()
	s.base += ":"
	return err
}

// deep reports whether the scope of a channel has to be read from the channel.
func (s *subscriptions) deep() bool { return s.options.Recursive || s.options.AllServices }

// request is what the server is asked for.
func (s *subscriptions) request() ListenRequest {
	r := ListenRequest{Probe: s.options.Probe}
	events := string(NamespaceEvents) + ":"
	for _, channel := range s.requests {
		switch {
		case s.deep():
			r.Patterns = append(r.Patterns, EscapeGlob(s.base)+"*"+events+eventGlob(channel))
		case wildcard(channel):
			r.Patterns = append(r.Patterns, EscapeGlob(s.base)+events+eventGlob(channel))
		default:
			r.Channels = append(r.Channels, s.base+events+channel)
		}
	}
	return r
}

// origin is where the events of one channel come from.
type origin struct {
	event   string
	service string  // where several services were asked for
	scopes  []Scope // where child scopes were asked for
	// head is the beginning of the JSON of each of its events, up to the envelope.
	head   []byte
	wanted bool
}

// origin finds out about a channel that a message arrived on. The literal prefix is
// checked again: embedded servers are known to get escaped patterns wrong, and no other
// tenant's event may ever show.
func (s *subscriptions) origin(channel string) *origin {
	rest, ok := strings.CutPrefix(channel, s.base)
	if !ok {
		return &origin{}
	}
	a, ok := s.read(channel, rest)
	if !ok {
		return &origin{}
	}
	for _, glob := range s.wanted {
		a.wanted = a.wanted || MatchGlob(glob, a.event)
	}
	a.head = a.appendHead(nil)
	return a
}

// read takes a channel apart.
func (s *subscriptions) read(channel, rest string) (*origin, bool) {
	if !s.deep() {
		event, ok := strings.CutPrefix(rest, string(NamespaceEvents)+":")
		return &origin{event: event}, ok
	}
	key, ok := s.parse(channel)
	a := &origin{event: key.Key, scopes: key.Scopes}
	if s.options.AllServices {
		a.service = key.Service
	}
	return a, ok
}

// parse reads service and scopes from a channel.
func (s *subscriptions) parse(channel string) (Key, bool) {
	c := s.client
	if s.options.AllServices {
		return ParseAnyChannel(channel, c.prefix)
	}
	if len(c.declared) > 0 {
		whole, ok := ParseChannel(channel, c.prefix, c.service, c.declared)
		if ok && !whole.below(c.prefix, s.base) {
			return Key{}, false
		}
	}
	known := Key{Service: c.service, Scopes: c.chain, RedisKey: channel}
	return parseChannelRest(known, channel[len(s.base):], c.declared)
}

// wildcard reports whether a channel as a user writes it is a pattern.
func wildcard(channel string) bool { return strings.Contains(channel, "*") }

// ParseChannel is [ParseKey] for the channel of an event.
func ParseChannel(channel, prefix, service string, declared []ScopeDefinition) (Key, bool) {
	rest, ok := strings.CutPrefix(channel, prefix+":"+service+":")
	if !ok {
		return Key{}, false
	}
	return parseChannelRest(Key{Service: service, RedisKey: channel}, rest, declared)
}

// ParseAnyChannel is [ParseAnyKey] for the channel of an event.
func ParseAnyChannel(channel, prefix string) (Key, bool) {
	return parseAny(channel, prefix, parseChannelRest)
}

// parseChannelRest is parseRest for a channel: only one namespace can end its scopes.
func parseChannelRest(key Key, rest string, declared []ScopeDefinition) (Key, bool) {
	return parseParts(key, reading{
		parts: strings.Split(rest, ":"), namespaces: []Namespace{NamespaceEvents},
		declared: declared,
	})
}
