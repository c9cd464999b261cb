package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
)

// PublishAll publishes the values of rows as events of one name, in their order and in
// pipelines. What has come is sent without waiting for more. A row error of the sequence
// (see [ReadPayloads]), a payload that breaks its schema, and a refusal by the server
// concern only that row; the rest goes on. The error is for what ended it early: the
// sequence broke, ctx ended, or the connection was lost. The report is right in any case.
func (e Events) PublishAll(ctx context.Context, event string, rows iter.Seq2[Row, error],
	o PublishOptions,
) (PublishReport, error) {
	p, err := e.publisher(event, o)
	if err != nil {
		return PublishReport{}, named(err, "pub", event)
	}
	prepared := paced(ctx, p.prepare(rows), o.Rate)
	chunks := gather(ctx, prepared, func(r preparedEvent) int { return len(r.message.Payload) })
	for chunk, err := range chunks {
		if err == nil {
			err = p.send(ctx, chunk)
		}
		if err != nil {
			return p.report, named(err, "pub", event)
		}
	}
	return p.report, nil
}

// ReadPayloads reads payloads from NDJSON: each line is one JSON value, whatever it is.
// Empty lines are skipped, and the last line needs no newline. A line that is not JSON is
// yielded as a [RowError] and reading goes on; a failure to read is yielded once, last.
func ReadPayloads(r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var s textScan
		for line, err := range lines(r) {
			if err != nil {
				yield(Row{}, err)
				return
			}
			row := Row{Line: line.number}
			if s.scan(line.text) {
				row.Value = appendCompact(make([]byte, 0, len(line.text)), line.text)
			} else if row.Value, err = ParseValue(line.text); err != nil {
				err = RowError{Line: line.number, Err: err}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// preparedEvent is a row with its message, or with what is wrong with it.
type preparedEvent struct {
	line    int
	message ChannelMessage
	err     error
}

// prepare makes the message of each row. An error that concerns one row becomes part of
// it; any other ends the sequence.
func (p *publisher) prepare(rows iter.Seq2[Row, error]) iter.Seq2[preparedEvent, error] {
	return func(yield func(preparedEvent, error) bool) {
		for row, err := range rows {
			one := preparedEvent{line: row.Line}
			if bad, ok := errors.AsType[RowError](err); ok {
				one.line, one.err = bad.Line, bad.Err
			} else if err != nil {
				yield(preparedEvent{}, err)
				return
			} else if row.Value, one.err = p.client.serialize(row.Value); one.err == nil {
				one.message, one.err = p.message(row.Value)
			}
			if !yield(one, nil) {
				return
			}
		}
	}
}

// send publishes one chunk and accounts for its rows. Its error is a lost connection or
// the end of ctx, after which nothing more is sent.
func (p *publisher) send(ctx context.Context, rows []preparedEvent) error {
	p.messages = p.messages[:0]
	for i := range rows {
		if rows[i].err == nil {
			p.messages = append(p.messages, rows[i].message)
		}
	}
	results, lost := p.exchange(ctx)
	if lost != nil && len(results) == 0 && len(p.messages) > 0 {
		return lost
	}
	next := 0
	for i := range rows {
		result := Result{Err: rows[i].err}
		if rows[i].err == nil {
			result = results[next]
			next++
		}
		p.account(rows[i].line, result)
	}
	if p.options.OnProgress != nil {
		p.options.OnProgress(p.report.Published + p.report.Failed + p.report.Unknown)
	}
	return lost
}

// exchange sends the messages and returns what ended the connection, if anything did.
func (p *publisher) exchange(ctx context.Context) ([]Result, error) {
	if err := context.Cause(ctx); err != nil || len(p.messages) == 0 {
		return nil, err
	}
	seen := p.client.observe(ctx, "events", "events.publish",
		slog.String("ctx.events.channel", p.event))
	results := p.adapter.Publish(ctx, p.messages)
	var lost error
	for _, r := range results {
		if r.Err != nil && !errors.Is(r.Err, ErrRefused) {
			lost = r.Err
		}
	}
	seen.end(ctx, lost)
	return results, lost
}

// account files what became of one row.
func (p *publisher) account(line int, r Result) {
	switch {
	case errors.Is(r.Err, ErrOutcomeUnknown):
		p.report.Unknown++
	case r.Err != nil:
		p.report.Failed++
	default:
		p.report.Published++
		p.report.Receivers += r.Number
	}
	if r.Err != nil && p.options.OnError != nil {
		p.options.OnError(RowError{Line: line, Err: recode(r.Err, CodePublishFailed)})
	}
}
