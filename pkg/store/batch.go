package store

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"
)

// Rows travel in chunks: large enough that round trips do not count, small enough
// that neither side holds much of the data at a time.
const (
	chunkRows  = 1000
	chunkBytes = 1 << 20
)

// Batch works on many key-value entries of one scope. Nothing about a batch is
// atomic; every key is accounted for. It is a plain value, safe for concurrent use.
// Make one with [Client.Batch].
type Batch struct{ client *Client }

// Row is one entry to be written.
type Row struct {
	Line  int           // where it comes from, counted from 1; 0 where that means nothing
	Key   string        // without prefix and scopes
	Value Value         // what to store
	TTL   time.Duration // whole seconds; 0 for the batch's own
}

// BatchOptions are the ways to write a batch.
type BatchOptions struct {
	TTL      time.Duration // for rows without one; 0 stores without expiry
	IfAbsent bool          // leave keys alone that exist
	DryRun   bool          // check everything, write nothing
	// OnError receives each row that failed as it becomes known, in the order of
	// the rows. It is called from the goroutine that called Set or Remove.
	OnError func(RowError)
	// OnProgress receives the number of rows dealt with so far, now and then.
	OnProgress func(rows int)
}

// RowError says why a row was not written.
type RowError struct {
	Line int    `json:"line,omitzero"` // as in the Row
	Key  string `json:"key"`           // "" where the line gave none
	Err  error  `json:"-"`             // why
}

// Error returns the reason.
func (e RowError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e RowError) Unwrap() error { return e.Err }

// Report counts what became of the rows of a batch. Written, Unchanged, Failed and
// Unknown add up to the rows that were read.
type Report struct {
	Written   int `json:"written"`
	Unchanged int `json:"unchanged,omitzero"` // present already, or nothing to remove
	Failed    int `json:"failed"`
	Unknown   int `json:"unknown,omitzero"` // sent, but the answer was lost
}

// Get reads entries in the order asked for, repeated keys included, a chunk of keys
// at a time (MGET). A missing key is an Entry that is not Found; a key of another
// Redis type is an Entry with Err. A failure of keys or of the connection is yielded
// once, last.
func (b Batch) Get(ctx context.Context, keys iter.Seq2[string, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		base, err := b.client.base()
		if err != nil {
			yield(Entry{}, named(err, "batch get", ""))
			return
		}
		for names, err := range ahead(ctx, chunks(keys, func(string) int { return 0 })) {
			var entries []Entry
			if err == nil {
				entries, err = b.read(ctx, base, names)
			}
			if err != nil {
				yield(Entry{}, named(err, "batch get", ""))
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// read reads one chunk.
func (b Batch) read(ctx context.Context, base string, names []string) ([]Entry, error) {
	full := make([]string, len(names))
	for i, name := range names {
		full[i] = base + ":" + string(NamespaceKV) + ":" + name
	}
	seen := b.client.observe(ctx, "batch", "batch.get", slog.Int("ctx.batch.count", len(names)))
	records, err := b.client.adapter.Read(ctx, full, FieldValue)
	entries := make([]Entry, len(records))
	found := 0
	for i, r := range records {
		entries[i] = entry(names[i], r, FieldValue)
		entries[i].Err = named(r.Err, "batch get", names[i])
		if r.Found && r.Err == nil && string(r.Value) != "null" {
			found++
		}
	}
	seen.end(ctx, err, slog.Int("ctx.batch.found", found))
	return entries, err
}

// Set writes rows in their order, in pipelines. A row error of the sequence (see
// [ReadRows]) and a refusal by the server concern only that row; the rest goes on.
// The error is for what ended the batch early: the sequence broke, ctx ended, or
// the connection was lost. Report is right in any case: rows behind the end count
// as neither written nor failed.
func (b Batch) Set(ctx context.Context, rows iter.Seq2[Row, error], o BatchOptions,
) (Report, error) {
	build := func(base string, r Row) (Op, error) {
		value, err := b.client.serialize(r.Value)
		op := Op{Verb: OpSet, Key: base + r.Key, Value: value, TTL: r.TTL}
		if op.TTL == 0 {
			op.TTL = o.TTL
		}
		if o.IfAbsent {
			op.Condition = IfAbsent
		}
		if err == nil && op.TTL != 0 {
			err = CheckTTL(op.TTL)
		}
		return op, err
	}
	return b.run(ctx, "set", rows, o, build)
}

// Remove deletes keys (DEL, one for each, in pipelines). It accounts for them as
// [Batch.Set] does; Unchanged counts keys that did not exist.
func (b Batch) Remove(ctx context.Context, keys iter.Seq2[Row, error], o BatchOptions,
) (Report, error) {
	build := func(base string, r Row) (Op, error) {
		return Op{Verb: OpRemove, Key: base + r.Key}, nil
	}
	return b.run(ctx, "remove", keys, o, build)
}

// run sends rows chunk by chunk while the next chunk is being read.
func (b Batch) run(ctx context.Context, verb string, rows iter.Seq2[Row, error],
	o BatchOptions, build func(base string, r Row) (Op, error),
) (Report, error) {
	base, err := b.client.base()
	if err == nil && !o.DryRun {
		err = b.client.writable()
	}
	if err != nil {
		return Report{}, named(err, "batch "+verb, "")
	}
	base += ":" + string(NamespaceKV) + ":"
	w := &batchWriter{client: b.client, verb: verb, options: o}
	prepared := chunks(prepare(rows, base, build), func(p preparedRow) int {
		return len(p.op.Key) + len(p.op.Value)
	})
	for chunk, err := range ahead(ctx, prepared) {
		if err == nil {
			err = w.chunk(ctx, chunk)
		}
		if err != nil {
			return w.report, named(err, "batch "+verb, "")
		}
	}
	return w.report, nil
}

// preparedRow is a row with its op, or with what is wrong with it.
type preparedRow struct {
	row Row
	op  Op
	err error
}

// prepare builds the op of each row. An error that concerns one row becomes part of
// it; any other ends the sequence.
func prepare(rows iter.Seq2[Row, error], base string, build func(string, Row) (Op, error),
) iter.Seq2[preparedRow, error] {
	return func(yield func(preparedRow, error) bool) {
		for row, err := range rows {
			p := preparedRow{row: row}
			if bad, ok := errors.AsType[RowError](err); ok {
				p.row.Line, p.row.Key, p.err = bad.Line, bad.Key, bad.Err
			} else if err != nil {
				yield(preparedRow{}, err)
				return
			} else {
				p.op, p.err = build(base, row)
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// batchWriter sends chunks and keeps the account.
type batchWriter struct {
	client  *Client
	verb    string
	options BatchOptions
	report  Report
	ops     []Op
}

// chunk sends one chunk. Its error is a lost connection or the end of ctx, after
// which nothing more is sent.
func (w *batchWriter) chunk(ctx context.Context, rows []preparedRow) error {
	w.ops = w.ops[:0]
	for i := range rows {
		if rows[i].err == nil {
			w.ops = append(w.ops, rows[i].op)
		}
	}
	results, err := w.send(ctx)
	if err != nil && len(results) < len(w.ops) {
		return err
	}
	next := 0
	for i := range rows {
		result := Result{Err: rows[i].err}
		if rows[i].err == nil {
			result = results[next]
			next++
		}
		w.account(rows[i].row, result)
	}
	if w.options.OnProgress != nil {
		r := w.report
		w.options.OnProgress(r.Written + r.Unchanged + r.Failed + r.Unknown)
	}
	return err
}

// send writes the ops and returns what ended the connection, if anything did.
func (w *batchWriter) send(ctx context.Context) ([]Result, error) {
	if len(w.ops) == 0 {
		return nil, context.Cause(ctx)
	}
	if w.options.DryRun {
		return w.rehearse(ctx)
	}
	seen := w.client.observe(ctx, "batch", "batch."+w.verb,
		slog.Int("ctx.batch.count", len(w.ops)))
	results := w.client.adapter.Write(ctx, w.ops)
	var lost error
	for _, r := range results {
		if r.Err != nil && !errors.Is(r.Err, ErrRefused) {
			lost = r.Err
		}
	}
	seen.end(ctx, lost)
	return results, lost
}

// rehearse says what the ops would do. It asks the server only where that depends on
// which keys exist.
func (w *batchWriter) rehearse(ctx context.Context) ([]Result, error) {
	results := make([]Result, len(w.ops))
	names := make([]string, len(w.ops))
	for i := range w.ops {
		names[i], results[i].Changed = w.ops[i].Key, true
	}
	if w.verb == "set" && !w.options.IfAbsent {
		return results, context.Cause(ctx)
	}
	records, err := w.client.adapter.Read(ctx, names, 0)
	for i, r := range records {
		results[i] = Result{Changed: r.Found == (w.verb == "remove"), Err: r.Err}
	}
	return results, err
}

// account files what became of one row.
func (w *batchWriter) account(row Row, r Result) {
	switch {
	case errors.Is(r.Err, ErrOutcomeUnknown):
		w.report.Unknown++
	case r.Err != nil:
		w.report.Failed++
	case r.Changed:
		w.report.Written++
	default:
		w.report.Unchanged++
	}
	if r.Err != nil && w.options.OnError != nil {
		err := recode(r.Err, CodeBatchFailed)
		w.options.OnError(RowError{Line: row.Line, Key: row.Key, Err: err})
	}
}
