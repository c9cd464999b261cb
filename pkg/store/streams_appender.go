package store

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"
)

// appender sends rows and keeps the account. Three goroutines work side by side: one
// takes rows from the sequence, one sends them, and the caller's reads the answers.
type appender struct {
	link    *link
	streams Streams
	options AppendOptions
	head    []byte // what each command begins with
	report  AppendReport
	last    []byte // the id of the last message written

	mu      sync.Mutex
	room    *sync.Cond // there is room for more rows, or no use for them
	waiting packet     // what has not been sent yet
	spare   []byte     // room of a packet that was sent, for the next one
	ended   bool       // no rows follow
	failure error      // what ended the sequence

	some chan struct{} // something waits
	full chan struct{} // enough waits to be sent at once
	stop chan struct{} // closed when nothing more is to be sent
	sent chan packet   // what was sent, in order
}

// packet is a number of rows that are sent together.
type packet struct {
	bytes []byte
	rows  []sentRow
}

// sentRow is a row whose answer is awaited, or what is wrong with it.
type sentRow struct {
	line int
	err  error
}

func newAppender(s Streams, l *link, key string, o AppendOptions) *appender {
	before := append(o.before(key), "data")
	head := appendHeader(nil, '*', len(before)+1)
	for _, arg := range before {
		head = appendBulk(head, arg)
	}
	a := &appender{
		link: l, streams: s, options: o, head: head,
		some: make(chan struct{}, 1), full: make(chan struct{}, 1),
		stop: make(chan struct{}), sent: make(chan packet, unanswered),
	}
	a.room = sync.NewCond(&a.mu)
	return a
}

// run does it all and returns what ended it early.
func (a *appender) run(ctx context.Context, rows iter.Seq2[Row, error]) error {
	go a.collect(rows)
	go a.send()
	stop := sync.OnceFunc(func() {
		close(a.stop)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.room.Broadcast()
	})
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	var lost, fatal error
	for p := range a.sent {
		for _, row := range p.rows {
			err := row.err
			if err == nil && lost == nil {
				err = a.answer(&lost)
			} else if err == nil {
				err = lost
			}
			if a.account(row.line, err); hopeless(err) {
				fatal = err
			}
			if lost != nil || fatal != nil {
				stop()
			}
		}
		a.progress()
	}
	return a.outcome(ctx, lost, fatal)
}

// outcome says why the work ended before its end.
func (a *appender) outcome(ctx context.Context, lost, fatal error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case lost != nil:
		return lost
	case fatal != nil:
		return fatal
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return a.failure
}

// collect takes rows from the sequence.
func (a *appender) collect(rows iter.Seq2[Row, error]) {
	for row, err := range rows {
		bad, ok := errors.AsType[RowError](err)
		if err != nil && !ok {
			a.end(err)
			return
		}
		if ok {
			row.Line, err = bad.Line, bad.Err
		}
		if !a.add(row, err) {
			return
		}
	}
	a.end(nil)
}

// add has a row wait to be sent. It reports false where nothing is sent any more.
func (a *appender) add(row Row, bad error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.waiting.bytes) > holdBytes && !a.stopped() {
		a.room.Wait()
	}
	if a.stopped() {
		return false
	}
	p := &a.waiting
	if bad == nil {
		p.bytes = appendBulk(append(p.bytes, a.head...), []byte(row.Value))
	}
	p.rows = append(p.rows, sentRow{row.Line, bad})
	if len(p.rows) == 1 {
		wake(a.some)
	}
	if len(p.bytes) >= sendBytes {
		wake(a.full)
	}
	return true
}

func (a *appender) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended, a.failure = true, err
	wake(a.some)
	wake(a.full)
}

func (a *appender) stopped() bool {
	select {
	case <-a.stop:
		return true
	default:
		return false
	}
}

// wake leaves word in a channel that holds one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// send sends what waits, in packets that grow with the traffic.
func (a *appender) send() {
	defer close(a.sent)
	delay := time.NewTimer(sendDelay)
	defer delay.Stop()
	for {
		select {
		case <-a.stop:
			return
		case <-a.some:
		}
		delay.Reset(sendDelay)
		select {
		case <-a.stop:
			return
		case <-a.full:
		case <-delay.C:
		}
		p, ended := a.take()
		if len(p.rows) > 0 && !a.transmit(p) || ended {
			return
		}
		a.reuse(p.bytes)
	}
}

// take returns what waits.
func (a *appender) take() (p packet, ended bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// To let the next packet grow from nothing costs an eighth of the whole work.
	p, a.waiting = a.waiting, packet{bytes: a.spare, rows: make([]sentRow, 0, len(a.waiting.rows))}
	a.spare = nil
	a.room.Broadcast()
	return p, a.ended
}

// reuse keeps the room of what was sent, unless it is that of an uncommonly large value.
func (a *appender) reuse(room []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if cap(room) <= 2*holdBytes {
		a.spare = room[:0]
	}
}

// transmit sends a packet. It is announced first: its answers may have to be read before
// the server takes the rest.
func (a *appender) transmit(p packet) bool {
	select {
	case a.sent <- packet{rows: p.rows}:
	case <-a.stop:
		return false
	}
	err := a.link.conn.SetWriteDeadline(time.Now().Add(a.link.timeout))
	if err == nil {
		_, err = a.link.conn.Write(p.bytes)
	}
	return err == nil // where it is not, there will be no answers
}
