package pub

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// maxErrors is how many errors the JSON report holds. The rest is counted, and all are on
// stderr in text form.
const maxErrors = 1000

// report is the JSON form of what became of many events.
type report struct {
	Channel string `json:"channel"`
	store.PublishReport
	Errors  []lineError `json:"errors"`
	Omitted int         `json:"errorsOmitted,omitzero"`
}

// lineError is the JSON form of one event that was not published.
type lineError struct {
	Line    int               `json:"line"`
	Code    store.Code        `json:"code"`
	Message string            `json:"message"`
	Details []store.Violation `json:"details,omitzero"`
}

// outcome shows events as they fail and, at the end, sums up.
type outcome struct {
	tool     *cli.Tool
	progress *cli.Progress
	report   report
	invalid  int // events that do not fit the schema and were to be published all the same
}

func newOutcome(t *cli.Tool, channel string) *outcome {
	return &outcome{
		tool: t, progress: t.NewProgress("published"),
		report: report{Channel: channel, Errors: []lineError{}},
	}
}

// failed takes note of an event that was not published. Where the report is not JSON it
// is told at once: the report has room for only so many.
func (o *outcome) failed(e store.RowError) {
	line := lineError{Line: e.Line, Code: store.CodePublishFailed, Message: e.Error()}
	if failure, ok := errors.AsType[*store.Error](e); ok {
		line.Code, line.Details = failure.Code, failure.Details
	}
	if len(o.report.Errors) < maxErrors {
		o.report.Errors = append(o.report.Errors, line)
	} else {
		o.report.Omitted++
	}
	if cli.IsJSON(o.tool) && o.report.Omitted == 0 {
		return
	}
	o.progress.Done()
	o.say("store: pub: line %d: %v", e.Line, e.Err)
	for _, v := range line.Details {
		o.say("  %s", v)
	}
}

func (o *outcome) say(format string, args ...any) {
	fmt.Fprintln(o.tool.Err, o.tool.Legible(fmt.Sprintf(format, args...)))
}

// finish prints the report and turns it into an exit code.
func (o *outcome) finish(counts store.PublishReport, err error) error {
	o.progress.Done()
	o.report.PublishReport = counts
	if o.invalid > 0 {
		o.tool.Notef("store: pub: %d did not fit the schema; that is no error here (throw: false)", o.invalid)
	}
	text := func(r report) string { return strconv.Itoa(r.Published) }
	printed := cli.Print(o.tool, o.report, render.View[report]{Text: text})
	switch {
	case printed != nil:
		return printed
	case err != nil:
		return o.ended(err)
	case counts.Failed > 0:
		return &cli.Partial{Reason: "pub: " + o.summary(), Code: store.CodePublishFailed}
	case !cli.IsJSON(o.tool):
		o.tool.Notef("%s", o.summary())
	}
	return nil
}

// ended is the error of a run that did not reach its end. Once something was published it
// is no longer true that nothing was done.
func (o *outcome) ended(err error) error {
	if o.report.Published > 0 && errors.Is(err, store.ErrUnreachable) {
		return &cli.Partial{
			Reason: fmt.Sprintf("%v; %s; the lines behind were not sent", err, o.summary()),
			Code:   store.CodePublishFailed,
		}
	}
	return mayHaveArrived(err)
}

// summary says how many events went which way.
func (o *outcome) summary() string {
	r := o.report
	text := fmt.Sprintf("published %d, failed %d", r.Published, r.Failed)
	if r.Unknown > 0 {
		text += fmt.Sprintf(", unknown %d", r.Unknown)
	}
	return text
}
