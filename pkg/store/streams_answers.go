package store

import (
	"errors"
	"strings"
)

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
