package batch

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// maxErrors is how many row errors the JSON report holds. The rest is counted, and
// all are on stderr in text form.
const maxErrors = 1000

// report is the JSON form of a batch.
type report struct {
	store.Report
	DryRun  bool       `json:"dryRun,omitzero"`
	Errors  []rowError `json:"errors"`
	Omitted int        `json:"errorsOmitted,omitzero"`
}

// rowError is the JSON form of one row that failed.
type rowError struct {
	Line    int        `json:"line,omitzero"`
	Key     string     `json:"key,omitzero"`
	Code    store.Code `json:"code"`
	Message string     `json:"message"`
}

// add keeps a row error, or counts it where there are too many.
func (r *report) add(e store.RowError) {
	if len(r.Errors) == maxErrors {
		r.Omitted++
		return
	}
	row := rowError{Line: e.Line, Key: e.Key, Code: store.CodeBatchFailed, Message: e.Error()}
	if failure, ok := errors.AsType[*store.Error](e); ok {
		row.Code = failure.Code
	} else if _, ok := errors.AsType[*cli.UsageError](e); ok {
		row.Code = cli.CodeUsage
	}
	r.Errors = append(r.Errors, row)
}

// outcome shows rows as they fail and, at the end, sums up.
type outcome struct {
	tool     *cli.Tool
	op       string
	done     string // the verb of the summary: written, removed
	progress *cli.Progress
	report   report
	first    error // of the rows that failed
}

func newOutcome(t *cli.Tool, op, done string, dryRun bool) *outcome {
	return &outcome{
		tool: t, op: op, done: done, progress: t.NewProgress(done),
		report: report{Errors: []rowError{}, DryRun: dryRun},
	}
}

// failed takes note of a row that failed. Where the report is not JSON it is told
// at once: the report has room for only so many.
func (o *outcome) failed(e store.RowError) {
	o.report.add(e)
	o.first = cmp.Or(o.first, e.Err)
	if cli.IsJSON(o.tool) && o.report.Omitted == 0 {
		return
	}
	o.progress.Done()
	place := fmt.Sprintf("%q", e.Key)
	if e.Line > 0 {
		place = fmt.Sprintf("line %d", e.Line)
		if e.Key != "" {
			place += fmt.Sprintf(" (%q)", e.Key)
		}
	}
	text := fmt.Sprintf("store: %s: %s: %v", o.op, place, e.Err)
	fmt.Fprintln(o.tool.Err, o.tool.Legible(text))
}

// finish prints the report and turns it into an exit code.
func (o *outcome) finish(counts store.Report, err error) error {
	if err := o.print(counts); err != nil {
		return err
	}
	switch {
	case err != nil:
		return o.ended(err)
	case counts.Failed > 0:
		return &cli.Partial{Reason: o.op + ": " + o.summary(), Cause: o.first}
	}
	return nil
}

// print prints the report, and the summary on stderr where it is not JSON.
func (o *outcome) print(counts store.Report) error {
	o.progress.Done()
	o.report.Report = counts
	text := func(r report) string { return strconv.Itoa(r.Written) }
	if err := cli.Print(o.tool, o.report, render.View[report]{Text: text}); err != nil {
		return err
	}
	if !cli.IsJSON(o.tool) && counts.Failed == 0 {
		o.tool.Notef("%s", o.summary())
	}
	return nil
}

// ended is the error of a batch that did not reach its end. Once something was
// written it is no longer true that nothing was changed.
func (o *outcome) ended(err error) error {
	changed := o.report.Written > 0 && !o.report.DryRun
	if changed && errors.Is(err, store.ErrUnreachable) {
		return &cli.Partial{Reason: fmt.Sprintf("%v; the rows behind were not sent", err)}
	}
	return err
}

// summary says how many rows went which way.
func (o *outcome) summary() string {
	r := o.report
	text := fmt.Sprintf("%s %d, failed %d", o.done, r.Written, r.Failed)
	if r.DryRun {
		text = fmt.Sprintf("would be %s %d, failed %d", o.done, r.Written, r.Failed)
	}
	if r.Unchanged > 0 {
		text += fmt.Sprintf(", unchanged %d", r.Unchanged)
	}
	if r.Unknown > 0 {
		text += fmt.Sprintf(", unknown %d", r.Unknown)
	}
	return text
}
