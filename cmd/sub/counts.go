package sub

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

const (
	// manyChannels is how many channels are counted one by one.
	manyChannels = 1000
	// shownChannels is how many of them the summary names, the busiest first.
	shownChannels = 10
)

// counts is what the summary says.
type counts struct {
	start    time.Time
	events   int
	channels map[string]*int
	last     *int // the count of the channel named lastName
	lastName string
	gaps     int
	deaf     time.Duration
	dropped  int
	// Of --exec.
	failed, skipped int
}

func newCounts(now time.Time) counts {
	return counts{start: now, channels: map[string]*int{}}
}

// event counts an event.
func (c *counts) event(channel string) {
	c.events++
	if c.last == nil || channel != c.lastName {
		if c.channels[channel] == nil && len(c.channels) < manyChannels {
			c.channels[channel] = new(int)
		}
		c.last, c.lastName = c.channels[channel], channel
	}
	if c.last != nil {
		*c.last++
	}
}

func (c *counts) gap(g *store.Gap) {
	c.gaps++
	c.deaf += g.Duration()
	c.dropped += g.Dropped
}

// end says what was received and turns the end into an exit code.
func (l *tail) end(err error) error {
	gone := cli.ReaderGone(err)
	if _, refused := errors.AsType[*store.Error](err); !gone && !refused {
		l.tool.Notef("%s", l.counts.summary(l.tool.Now()))
	}
	_, stopped := errors.AsType[cli.Interrupted](err)
	switch {
	case gone, stopped, err != nil && !errors.Is(err, errOver):
		return err
	case l.counts.failed > 0:
		return &cli.Partial{
			Reason: fmt.Sprintf("sub: the command failed for %d of %d events",
				l.counts.failed, l.counts.events),
			Code: store.CodeOperationFailed,
		}
	case l.counts.events == 0 && errors.Is(err, errOver):
		return &cli.No{Reason: fmt.Sprintf("sub: no event in %s", l.span)}
	}
	return nil
}

// summary says how much came, from which channels, and what was missed.
func (c *counts) summary(now time.Time) string {
	span := max(now.Sub(c.start), time.Millisecond)
	var b strings.Builder
	fmt.Fprintf(&b, "received %d events in %s s (%s/s), %d gaps", c.events, seconds(span),
		rate(c.events, span), c.gaps)
	if c.gaps > 0 {
		fmt.Fprintf(&b, " (%s s)", seconds(c.deaf))
	}
	if c.dropped > 0 {
		fmt.Fprintf(&b, ", %d dropped", c.dropped)
	}
	if c.skipped > 0 {
		fmt.Fprintf(&b, ", %d not given to the command", c.skipped)
	}
	c.busiest(&b, span)
	return b.String()
}

// busiest adds a line for each of the busiest channels.
func (c *counts) busiest(b *strings.Builder, span time.Duration) {
	names := slices.SortedFunc(maps.Keys(c.channels), func(x, y string) int {
		return cmp.Or(cmp.Compare(*c.channels[y], *c.channels[x]), cmp.Compare(x, y))
	})
	others := c.events
	for _, name := range names[:min(len(names), shownChannels)] {
		n := *c.channels[name]
		others -= n
		fmt.Fprintf(b, "; %s %d (%s/s)", name, n, rate(n, span))
	}
	if others > 0 {
		fmt.Fprintf(b, "; others %d (%s/s)", others, rate(others, span))
	}
}

func rate(n int, span time.Duration) string {
	return strconv.FormatFloat(float64(n)/span.Seconds(), 'f', 1, 64)
}

// seconds returns a duration in seconds, to the millisecond.
func seconds(d time.Duration) string {
	text := strconv.FormatFloat(d.Seconds(), 'f', 3, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
