package store

import "hash/maphash"

// recentSets is the number of sets of a [recent]: 131,072 keys in 2 MiB.
const recentSets = 1 << 15

// recent remembers the last keys of a scan, to find repetitions. When a server
// shrinks its table during a scan, the keys it repeats are those of neighbouring
// buckets, which it visits one after the other, so a window is enough.
//
// Keys are kept as 128-bit hashes: of that width no two keys of a scan ever share
// one, and no key is dropped by mistake. Each set is one cache line and forgets its
// oldest key for a new one; a key 8,192 keys back is forgotten once in 10,000 times.
// Two maps with exact windows cost a third of the whole scan's processor time; this
// costs a tenth.
type recent struct {
	seeds [2]maphash.Seed
	sets  [][4][2]uint64
}

func newRecent() *recent {
	return &recent{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		sets:  make([][4][2]uint64, recentSets),
	}
}

// hash returns what a key is known by.
func (r *recent) hash(key string) [2]uint64 {
	return [2]uint64{maphash.String(r.seeds[0], key), maphash.String(r.seeds[1], key)}
}

// againHash reports whether a key was among the last ones, and remembers it.
func (r *recent) againHash(h [2]uint64) bool {
	set := &r.sets[h[0]%recentSets]
	for _, known := range set {
		if known == h {
			return true
		}
	}
	copy(set[1:], set[:3])
	set[0] = h
	return false
}
