package store

import (
	"fmt"
	"strings"
	"time"
)

// setting returns a setting of the server; why says why it is not known.
func (p *probe) setting(name string) (value, why string, err error) {
	answer, err := p.ask("CONFIG", "GET", name)
	switch {
	case isReply(err):
		return "", unseen(err), nil
	case err != nil:
		return "", "", err
	}
	found, known := dictionary(answer)[name]
	if !known {
		return "", "this server has no such setting", nil
	}
	return text(found), "", nil
}

// smallBuffer is a limit for subscribers below which bursts cut them off, in bytes.
const smallBuffer = 1 << 20

// outputBuffer tells when a subscriber that reads too slowly is cut off.
func (d *Diagnosis) outputBuffer(p *probe) error {
	const name = "subscriber buffer"
	limits, why, err := p.setting("client-output-buffer-limit")
	if err != nil || why != "" {
		d.unknown(name, why, err)
		return err
	}
	_, words, _ := strings.Cut(limits, "pubsub ")
	var hard, soft, seconds int64
	if n, _ := fmt.Sscan(words, &hard, &soft, &seconds); n != 3 {
		d.unknown(name, "not understood: "+limits, nil)
		return nil
	}
	found := fmt.Sprintf("subscribers are cut off when %s wait for them, or %s for %d s",
		size(hard), size(soft), seconds)
	if soft == 0 {
		found = fmt.Sprintf("subscribers are cut off when %s wait for them", size(hard))
	}
	switch {
	case hard == 0 && soft == 0:
		d.add(name, CheckWarning, "no limit", "a slow subscriber can fill the memory of the server; "+
			"set client-output-buffer-limit pubsub")
	case hard > 0 && hard < smallBuffer:
		d.add(name, CheckWarning, found, "raise client-output-buffer-limit pubsub: a burst of events "+
			"cuts off who listens")
	default:
		d.add(name, CheckOK, found, "")
	}
	return nil
}

// unknown files a check that could not be made.
func (d *Diagnosis) unknown(name, why string, err error) {
	if err == nil {
		d.add(name, CheckUnknown, why, "")
	}
}

// wrongClock is how far a clock may be off, beyond what the way there leaves open.
const wrongClock = time.Second

// clock compares the server's clock with ours. The server looks at it somewhere between
// the question and the answer.
func (d *Diagnosis) clock(p *probe) error {
	begun := time.Now()
	answer, err := p.ask("TIME")
	ended := time.Now()
	parts := list(answer)
	switch {
	case isReply(err):
		d.unknown("clock", unseen(err), nil)
		return nil
	case err != nil:
		return err
	case len(parts) != 2:
		d.unknown("clock", "not understood", nil)
		return nil
	}
	theirs := time.Unix(integer(parts[0]), integer(parts[1])*int64(time.Microsecond))
	margin := ended.Sub(begun) / 2
	ahead := theirs.Sub(begun.Add(margin))
	d.Clock = &ClockFact{milli(ahead), milli(margin)}
	word := "ahead of"
	if ahead < 0 {
		word = "behind"
	}
	found := fmt.Sprintf("%s %s ours, ± %s", ahead.Abs().Round(time.Microsecond), word,
		margin.Round(time.Microsecond))
	if ahead.Abs() > wrongClock+margin {
		d.add("clock", CheckWarning, found, "times of streams and of events do not fit together; check NTP "+
			"on both machines")
		return nil
	}
	d.add("clock", CheckOK, found, "")
	return nil
}

// milli returns seconds with three digits more than milliseconds.
func milli(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Second)
}

// notifications tells whether the server says what happens to keys.
func (d *Diagnosis) notifications(p *probe) error {
	events, why, err := p.setting("notify-keyspace-events")
	switch {
	case err != nil || why != "":
		d.unknown("keyspace events", why, err)
		return err
	case events == "":
		d.add("keyspace events", CheckOK, "off", "")
	default:
		d.add("keyspace events", CheckOK, "on ("+events+")", "")
	}
	return nil
}

// recentSpike is how long ago a latency spike may be to be a warning.
const recentSpike = time.Hour

// events tells what the server's latency monitor has seen.
func (d *Diagnosis) events(p *probe) error {
	const name = "latency spikes"
	threshold, _, err := p.setting("latency-monitor-threshold")
	if err != nil {
		return err
	}
	answer, err := p.ask("LATENCY", "LATEST")
	switch {
	case isReply(err):
		d.unknown(name, unseen(err), nil)
		return nil
	case err != nil:
		return err
	}
	status, advice, found := CheckOK, "", []string{}
	for _, entry := range list(answer) {
		spike := list(entry)
		if len(spike) < 4 {
			continue
		}
		at := time.Unix(integer(spike[1]), 0)
		found = append(found, fmt.Sprintf("%s %d ms at %s (worst %d ms)", text(spike[0]),
			integer(spike[2]), at.UTC().Format(time.RFC3339), integer(spike[3])))
		if time.Since(at) < recentSpike {
			status, advice = CheckWarning, "see LATENCY DOCTOR and SLOWLOG GET on the server"
		}
	}
	switch {
	case len(found) > 0:
		d.add(name, status, strings.Join(found, "; "), advice)
	case threshold == "0":
		d.add(name, CheckOK, "not watched (latency-monitor-threshold 0)", "")
	default:
		d.add(name, CheckOK, "none", "")
	}
	return nil
}
