package store

import (
	"context"
	"time"
)

// A page is to hold the server for less than maxHeld: other clients wait meanwhile.
const (
	maxHeld      = 5 * time.Millisecond
	probeCount   = 100 // keys of a page that hardly holds the server
	probes       = 2   // of them; the first may have to connect
	pacedPerTick = 10  // pages a second, at least, where the rate is limited
)

// scanPace decides how large the next page of a scan is and when it may be asked for.
type scanPace struct {
	fixed   int // the page size that was asked for; 0 adapts
	rate    int // keys a second; 0 for no limit
	count   int // size of the next page but for the probes
	pages   int
	latency time.Duration // of a page that takes no time; the best seen
	due     time.Time
}

func newScanPace(o ScanOptions) *scanPace {
	return &scanPace{fixed: max(o.Count, 0), rate: o.MaxRate, count: DefaultScanCount}
}

// shardPace returns the pace for one of several primaries, which share the rate.
func (s *scanner) shardPace(shards int) *scanPace {
	p := newScanPace(s.options)
	if p.rate > 0 {
		p.rate = max(p.rate/min(shards, scansAtOnce), 1)
	}
	return p
}

// next returns how many keys the server should look at for the next page.
func (p *scanPace) next() int {
	count := p.count
	switch {
	case p.fixed > 0:
		return p.fixed
	case p.pages < probes:
		count = probeCount
	}
	if p.rate > 0 {
		count = min(count, max(p.rate/pacedPerTick, 1))
	}
	return count
}

// wait waits until a page may be asked for.
func (p *scanPace) wait(ctx context.Context) error {
	pause := time.Until(p.due)
	if p.rate == 0 || pause <= 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause):
		return nil
	}
}

// took takes note of a page of so many keys that was asked for at a time and is here now.
// What a page takes beyond the quickest one is time that the server was held. Too much
// of it makes the next page smaller at once; they grow again slowly.
func (p *scanPace) took(asked time.Time, keys int) {
	elapsed := time.Since(asked)
	if p.rate > 0 {
		examined := max(p.next(), keys) // a server may give more than it was asked for
		p.due = asked.Add(time.Duration(examined) * time.Second / time.Duration(p.rate))
	}
	if p.pages++; p.pages == 1 {
		p.latency = elapsed
	}
	p.latency = min(p.latency, elapsed)
	switch held := elapsed - p.latency; {
	case held > maxHeld:
		p.count = max(p.count/2, probeCount)
	case held < maxHeld/2:
		p.count = min(p.count+p.count/4, DefaultScanCount)
	}
}

// hardlyWaited is how long reading an answer may take that was there before.
const hardlyWaited = 100 * time.Microsecond

// answered takes note of a page that was asked for at a time, while the one before it was
// still being read, and that was then waited for. Where it was there already, nobody knows
// how long the server took for it; it was no longer than it seems.
func (p *scanPace) answered(asked time.Time, waited time.Duration) {
	if elapsed := time.Since(asked); waited < hardlyWaited && elapsed-p.latency > maxHeld/2 && p.pages > 0 {
		p.pages++
		return
	}
	p.took(asked, 0)
}

// pacedPage asks for a page when it is its turn.
func (s *scanner) pacedPage(ctx context.Context, pace *scanPace, cursor string) (Page, error) {
	if err := pace.wait(ctx); err != nil {
		return Page{}, err
	}
	asked := time.Now()
	page, err := s.list(ctx, cursor, pace.next())
	pace.took(asked, len(page.Keys))
	return page, err
}
