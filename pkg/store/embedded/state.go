package embedded

import (
	"cmp"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"
)

// entry is what the server holds under one key, as far as a snapshot keeps it.
type entry struct {
	db       int
	key      string
	kind     string
	ttl      time.Duration // 0 for none
	text     string
	items    []string  // of a list or set; names and values of a hash; members of a sorted set
	scores   []float64 // of a sorted set
	fieldTTL map[string]time.Duration
	messages []message
	groups   []group
}

type message struct {
	id     string
	fields []string
}

type group struct {
	name, lastID string
	consumers    []string
	pending      []pending
}

// pending is a message that was delivered and not acknowledged.
type pending struct {
	id, consumer string
	deliveries   int
	delivered    time.Time
}

// state is all data at one moment.
type state struct {
	at      time.Time
	entries []entry
	lost    int // keys of a kind that cannot be kept
}

// capture returns all data at one moment. It is collected under the lock of miniredis, so
// that it holds no half of a transaction; as there is no function for that which does not
// lock again, the fields themselves are read. Texts are shared, not copied. A release of
// miniredis that names its fields differently makes it panic, and the tests fail.
func (s *Server) capture() state {
	s.mini.Lock()
	defer s.mini.Unlock()
	now := state{at: time.Now()}
	dbs := reflect.ValueOf(s.mini).Elem().FieldByName("dbs")
	for databases := dbs.MapRange(); databases.Next(); {
		db := reader{databases.Value().Elem(), int(databases.Key().Int())}
		for keys := db.FieldByName("keys").MapRange(); keys.Next(); {
			if e, kept := db.entry(keys.Key(), keys.Value().String()); kept {
				now.entries = append(now.entries, e)
			} else {
				now.lost++
			}
		}
	}
	slices.SortFunc(now.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.db, b.db), cmp.Compare(a.key, b.key))
	})
	return now
}

// Keys returns how many keys there are, in all databases.
func (s *Server) Keys() int {
	now := s.capture()
	return len(now.entries) + now.lost
}

// reader reads the fields of a database of miniredis.
type reader struct {
	reflect.Value
	number int
}

// entry returns what the database has under a key. The kinds are named as TYPE does.
func (r reader) entry(key reflect.Value, kind string) (entry, bool) {
	e := entry{db: r.number, key: key.String(), kind: kind}
	if ttl := r.FieldByName("ttl").MapIndex(key); ttl.IsValid() {
		e.ttl = max(time.Duration(ttl.Int()), 1)
	}
	under := func(field string) reflect.Value { return r.FieldByName(field).MapIndex(key) }
	switch kind {
	case "string":
		e.text = under("stringKeys").String()
	case "hash":
		e.items = pairs(under("hashKeys"))
		e.fieldTTL = durations(under("hashTTLs"))
	case "list":
		e.items = texts(under("listKeys"))
	case "set":
		e.items = slices.Sorted(maps.Keys(toMap(under("setKeys"))))
	case "zset":
		scores := toMap(under("sortedsetKeys"))
		for _, member := range slices.Sorted(maps.Keys(scores)) {
			e.items = append(e.items, member)
			e.scores = append(e.scores, scores[member].Float())
		}
	case "stream":
		e.stream(under("streamKeys").Elem())
	default: // a HyperLogLog: what it is made of leads to no command that makes one
		return entry{}, false
	}
	return e, true
}

// stream reads the messages and groups of a stream.
func (e *entry) stream(v reflect.Value) {
	messages := v.FieldByName("entries")
	for i := range messages.Len() {
		m := messages.Index(i)
		e.messages = append(e.messages,
			message{m.FieldByName("ID").String(), texts(m.FieldByName("Values"))})
	}
	groups := toMap(v.FieldByName("groups"))
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		e.groups = append(e.groups, readGroup(name, groups[name].Elem()))
	}
}

func readGroup(name string, v reflect.Value) group {
	g := group{name: name, lastID: v.FieldByName("lastID").String()}
	g.consumers = slices.Sorted(maps.Keys(toMap(v.FieldByName("consumers"))))
	waiting := v.FieldByName("pending")
	for i := range waiting.Len() {
		p := waiting.Index(i)
		// The time has fields that nobody may read; a pointer to it does.
		delivered := p.FieldByName("lastDelivery")
		at := reflect.NewAt(delivered.Type(), delivered.Addr().UnsafePointer()).Elem()
		when, _ := at.Interface().(time.Time)
		g.pending = append(g.pending, pending{
			id: p.FieldByName("id").String(), consumer: p.FieldByName("consumer").String(),
			deliveries: int(p.FieldByName("deliveryCount").Int()), delivered: when,
		})
	}
	return g
}

// toMap returns a map with texts for keys; an empty one for none.
func toMap(v reflect.Value) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	if !v.IsValid() {
		return all
	}
	for m := v.MapRange(); m.Next(); {
		all[m.Key().String()] = m.Value()
	}
	return all
}

func pairs(v reflect.Value) []string {
	fields := toMap(v)
	all := make([]string, 0, 2*len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		all = append(all, name, fields[name].String())
	}
	return all
}

func durations(v reflect.Value) map[string]time.Duration {
	all := map[string]time.Duration{}
	for name, ttl := range toMap(v) {
		all[name] = max(time.Duration(ttl.Int()), 1)
	}
	return all
}

func texts(v reflect.Value) []string {
	all := make([]string, v.Len())
	for i := range all {
		all[i] = v.Index(i).String()
	}
	return all
}

// expiry returns a TTL as the time at which it ends, in milliseconds since 1970, or 0 for
// none. It never ends early: what is left of a millisecond counts as one.
func (s state) expiry(ttl time.Duration) int64 {
	if ttl == 0 {
		return 0
	}
	now := s.at.UnixMilli()
	left := (int64(ttl) + int64(time.Millisecond) - 1) / int64(time.Millisecond)
	if left > math.MaxInt64-now {
		return math.MaxInt64
	}
	return now + left
}
