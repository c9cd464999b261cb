package store

import "sync/atomic"

// mostSeen is how many keys a scan remembers exactly, in at most 32 MiB.
const mostSeen = 1 << 20

// seenKeys tells which keys a scan has listed: the last ones, and where it must go back
// to what it has listed already, all of them up to mostSeen.
type seenKeys struct {
	recent *recent
	all    *keySet // nil where the last ones are enough, or when there were too many

	tooMany atomic.Bool // also read by who asks the server
}

// again reports whether a key was listed, and remembers it.
func (s *seenKeys) again(key string) bool {
	h := s.recent.hash(key)
	again := s.recent.againHash(h)
	if s.all == nil {
		return again
	}
	again = s.all.again(h) || again
	if s.all.count > mostSeen {
		s.all = nil
		s.tooMany.Store(true)
	}
	return again
}

// exact reports whether all keys that were listed are known.
func (s *seenKeys) exact() bool { return !s.tooMany.Load() }

// keySet is a set of keys, as their hashes. No two keys of a scan share one; see recent.
type keySet struct {
	table [][2]uint64 // its size is a power of two, and at least a quarter is free
	count int
}

func newKeySet() *keySet { return &keySet{table: make([][2]uint64, 1<<10)} }

// again reports whether a hash is in the set, and adds it.
func (s *keySet) again(h [2]uint64) bool {
	if h == [2]uint64{} {
		h[0] = 1 // zero marks a free place
	}
	if 4*(s.count+1) > 3*len(s.table) {
		s.grow()
	}
	at := s.place(h)
	if s.table[at] == h {
		return true
	}
	s.table[at], s.count = h, s.count+1
	return false
}

// place returns where a hash is, or where it belongs.
func (s *keySet) place(h [2]uint64) int {
	mask := len(s.table) - 1
	at := int(h[1]) & mask
	for s.table[at] != h && s.table[at] != ([2]uint64{}) {
		at = (at + 1) & mask
	}
	return at
}

func (s *keySet) grow() {
	old := s.table
	s.table = make([][2]uint64, 2*len(old))
	for _, h := range old {
		if h != ([2]uint64{}) {
			s.table[s.place(h)] = h
		}
	}
}
