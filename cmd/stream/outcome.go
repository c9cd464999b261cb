package stream

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// maxErrors is how many line errors the JSON report holds. The rest is counted, and
// told on stderr.
const maxErrors = 1000

// report is the JSON form of many appends.
type report struct {
	Stream string `json:"stream"`
	store.AppendReport
	Errors  []lineError `json:"errors"`
	Omitted int         `json:"errorsOmitted,omitzero"`
}

// lineError is the JSON form of one line that failed.
type lineError struct {
	Line    int        `json:"line"`
	Code    store.Code `json:"code"`
	Message string     `json:"message"`
}

// outcome shows lines as they fail and, at the end, sums up.
type outcome struct {
	tool     *cli.Tool
	progress *cli.Progress
	report   report
}

func newOutcome(t *cli.Tool, stream string) *outcome {
	return &outcome{
		tool: t, progress: t.NewProgress("appended"),
		report: report{Stream: stream, Errors: []lineError{}},
	}
}

// failed takes note of a line that failed. Where the report is not JSON it is told at
// once: the report has room for only so many.
func (o *outcome) failed(e store.RowError) {
	if len(o.report.Errors) < maxErrors {
		o.report.Errors = append(o.report.Errors, newLineError(e))
		if cli.IsJSON(o.tool) {
			return
		}
	} else {
		o.report.Omitted++
	}
	o.progress.Done()
	text := fmt.Sprintf("store: stream append: line %d: %v", e.Line, e.Err)
	fmt.Fprintln(o.tool.Err, o.tool.Legible(text))
}

func newLineError(e store.RowError) lineError {
	line := lineError{Line: e.Line, Code: store.CodeStreamAppendFailed, Message: e.Error()}
	if failure, ok := errors.AsType[*store.Error](e); ok {
		line.Code = failure.Code
	}
	return line
}

// finish prints the report and turns it into an exit code.
func (o *outcome) finish(counts store.AppendReport, err error) error {
	o.progress.Done()
	o.report.AppendReport = counts
	text := func(r report) string { return strconv.Itoa(r.Written) }
	if err := cli.Print(o.tool, o.report, render.View[report]{Text: text}); err != nil {
		return err
	}
	switch {
	case err != nil:
		return o.ended(err)
	case counts.Failed > 0:
		return &cli.Partial{Reason: "stream append: " + o.summary()}
	}
	return nil
}

// ended is the error of work that did not reach its end. Once something was written it
// is no longer true that nothing was changed.
func (o *outcome) ended(err error) error {
	summary := o.summary() + "; the lines behind were not sent"
	switch {
	case errors.Is(err, store.ErrOutcomeUnknown):
		o.tool.Notef("store: stream append: %s", summary)
	case o.report.Written > 0 && isFailure(err):
		return &cli.Partial{Reason: fmt.Sprintf("%v; %s", err, summary)}
	case o.report.Written > 0:
		o.tool.Notef("store: stream append: %s", summary)
	}
	return err
}

// isFailure reports whether err is one of the store, and no interruption.
func isFailure(err error) bool {
	_, ok := errors.AsType[*store.Error](err)
	return ok
}

// summary says how many lines went which way.
func (o *outcome) summary() string {
	r := o.report
	text := fmt.Sprintf("written %d, failed %d", r.Written, r.Failed)
	if r.Unknown > 0 {
		text += fmt.Sprintf(", unknown %d", r.Unknown)
	}
	return text
}
