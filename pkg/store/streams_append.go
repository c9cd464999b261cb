package store

import (
	"context"
	"io"
	"iter"
	"log/slog"
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
	LastID  string `json:"lastId,omitzero"`  // "" where none was
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
	if err != nil {
		return AppendReport{}, named(err, op, stream)
	}
	seen := s.observe(ctx, "stream.append", stream)
	report, err := s.appendAll(ctx, key, rows, o)
	err = recode(err, CodeStreamAppendFailed)
	seen.end(ctx, err, slog.Int("ctx.stream.count", report.Written))
	return report, named(err, op, stream)
}

func (s Streams) appendAll(ctx context.Context, key string, rows iter.Seq2[Row, error],
	o AppendOptions,
) (AppendReport, error) {
	l, err := s.open(ctx, key)
	if err != nil {
		return AppendReport{}, err
	}
	defer l.close()
	l.unwatch() // answers to what was sent are waited for, whatever becomes of ctx
	a := newAppender(s, l, key, o)
	err = a.run(ctx, rows)
	a.report.LastID = string(a.last)
	return a.report, err
}
