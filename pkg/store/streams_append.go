package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Rows of AppendAll are sent as soon as there are so many bytes, or after so long.
const (
	sendBytes = 32 << 10
	sendDelay = time.Millisecond
	// holdBytes is how much waits to be sent before reading of rows is held up.
	holdBytes = 1 << 20
	// unanswered is how many packets may be on their way.
	unanswered = 64
)

// AppendReport says what became of the rows of an AppendAll.
type AppendReport struct {
	Report
	FirstID string `json:"firstId,omitzero"` // of the messages written
	LastID  string `json:"lastId,omitzero"`
}

// ReadMessages reads messages, one a line: JSON, or with asText any text, which becomes
// a JSON string. Empty lines are skipped, and the last line needs no newline. A line
// that is no message is yielded as a [RowError] and reading goes on; a failure to read
// is yielded once, last.
func ReadMessages(r io.Reader, asText bool) iter.Seq2[Row, error] {
	parse := ParseValue
	if asText {
		parse = func(text []byte) (Value, error) { return StringValue(string(text)) }
	}
	return func(yield func(Row, error) bool) {
		for line, err := range lines(r) {
			row := Row{Line: line.number}
			if err == nil {
				if row.Value, err = parse(line.text); err != nil {
					err = RowError{Line: line.number, Err: err}
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// AppendAll adds messages in their order (XADD, pipelined on one connection). Nothing
// is sent twice. A row error of the sequence (see [ReadMessages]) and a refusal by the
// server concern only that row, unless the server would refuse all the others too. The
// error is for what ended the work early: the sequence broke, ctx ended, the connection
// was lost, or the server refused. Report is right in any case: rows behind the end
// count as neither written nor failed.
func (s Streams) AppendAll(ctx context.Context, stream string, rows iter.Seq2[Row, error],
	o AppendOptions,
) (AppendReport, error) {
	const op = "stream append"
	key, err := s.key(stream)
	if err == nil {
		err = o.check()
	}
	if err == nil {
		err = s.client.writable()
	}
	var l *link
	if err == nil {
		l, err = s.open(ctx, key)
	}
	if err != nil {
		return AppendReport{}, named(err, op, stream)
	}
	defer l.close()
	l.unwatch() // answers to what was sent are waited for, whatever becomes of ctx
	seen := s.observe(ctx, "stream.append", stream)
	a := newAppender(s, l, key, o)
	err = a.run(ctx, rows)
	a.report.LastID = string(a.last)
	seen.end(ctx, err, slog.Int("ctx.stream.count", a.report.Written))
	return a.report, named(recode(err, CodeStreamAppendFailed), op, stream)
}

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
	}
}

// take returns what waits.
func (a *appender) take() (p packet, ended bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, a.waiting = a.waiting, packet{}
	a.room.Broadcast()
	return p, a.ended
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

// answer reads the answer to one row. A connection that fails is lost for all.
func (a *appender) answer(lost *error) error {
	if a.link.in.Buffered() == 0 {
		if err := a.link.patience(a.link.timeout); err != nil {
			*lost = answerLost(err)
			return *lost
		}
	}
	id, err := a.link.bulk()
	switch {
	case isReply(err):
		return refusal(CodeStreamAppendFailed, err)
	case err != nil:
		*lost = answerLost(err)
		return *lost
	}
	if a.report.FirstID == "" {
		a.report.FirstID = string(id)
	}
	a.last = id
	return nil
}

// account files what became of one row.
func (a *appender) account(line int, err error) {
	switch {
	case err == nil:
		a.report.Written++
		return
	case errors.Is(err, ErrOutcomeUnknown):
		a.report.Unknown++
	default:
		a.report.Failed++
	}
	if a.options.OnError != nil && !hopeless(err) { // that one is told once, in the end
		a.options.OnError(RowError{Line: line, Err: err})
	}
}

func (a *appender) progress() {
	if a.options.OnProgress != nil {
		r := a.report
		a.options.OnProgress(r.Written + r.Failed + r.Unknown)
	}
}

// hopeless reports whether the server would refuse all other rows as well.
func hopeless(err error) bool {
	if err == nil || !refused(err) {
		return false
	}
	for _, reason := range []string{"WRONGTYPE", "NOPERM", "READONLY", "MOVED ", "ASK ", "NOAUTH"} {
		if strings.HasPrefix(reasonOf(err), reason) {
			return true
		}
	}
	return false
}
