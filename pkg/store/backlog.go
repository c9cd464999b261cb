package store

import (
	"sync"
	"time"
)

// messageCost is what a message takes in memory beside its bytes, roughly.
const messageCost = 128

// parcel is what came in one piece: messages, or a notice.
type parcel struct {
	messages []receivedMessage
	received time.Time
	size     int
	notice   *Notice
}

// receivedMessage is a message and where it comes from.
type receivedMessage struct {
	from    *origin
	payload []byte
}

// backlog is what has arrived and was not yielded yet. Its size is bounded: what arrives
// when it is full is dropped and counted.
type backlog struct {
	some  chan struct{} // holds a token when something was added
	limit int

	mu      sync.Mutex
	parcels []parcel
	size    int // of the parcels and of the one in the reader's hands
	held    int
	drop    *Gap // what is being dropped now
	err     error
	ended   bool
}

func newBacklog(limit int) *backlog {
	if limit <= 0 {
		limit = DefaultBacklog
	}
	return &backlog{some: make(chan struct{}, 1), limit: limit}
}

// add takes messages, or drops them. Events before certain have all arrived.
func (b *backlog) add(p parcel, certain func() time.Time) {
	for _, m := range p.messages {
		p.size += len(m.payload) + messageCost
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full(p.size) {
		if b.drop == nil {
			b.drop = &Gap{From: certain(), Reason: "events were taken too slowly, the backlog is full"}
		}
		b.drop.Dropped += len(p.messages)
		return
	}
	b.settle(p.received)
	b.size += p.size
	b.parcels = append(b.parcels, p)
	signal(b.some)
}

// full reports whether there is no room. Once events are dropped, half of the backlog must
// be free before the next are taken, or every second one would be behind a gap.
func (b *backlog) full(size int) bool {
	if b.size == 0 {
		return false
	}
	if b.drop != nil {
		return b.size > b.limit/2
	}
	return b.size+size > b.limit
}

// settle ends a gap of dropped events.
func (b *backlog) settle(at time.Time) {
	if b.drop == nil {
		return
	}
	b.drop.To = at
	b.parcels = append(b.parcels, parcel{notice: &Notice{Gap: b.drop}})
	b.drop = nil
	signal(b.some)
}

// note adds a notice; there is always room for it.
func (b *backlog) note(n Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(time.Now())
	b.parcels = append(b.parcels, parcel{notice: &n})
	signal(b.some)
}

// end adds the last thing that take returns.
func (b *backlog) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(time.Now())
	b.err, b.ended = err, true
	signal(b.some)
}

// take returns the next parcel, if there is one. The one taken before is done with.
func (b *backlog) take() (p parcel, some bool, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.size -= b.held
	b.held = 0
	if len(b.parcels) == 0 {
		b.parcels = nil
		return p, false, b.ended
	}
	p = b.parcels[0]
	b.parcels[0] = parcel{}
	b.parcels = b.parcels[1:]
	b.held = p.size
	return p, true, false
}
