package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/tenantstore/store/pkg/store"
)

// CodeUsage is the code of mistakes on the command line.
const CodeUsage store.Code = "STORE_USAGE"

// UsageError is a mistake on the command line or in a setting.
type UsageError struct {
	Reason string
	Hint   string // what to do instead; may be empty
}

// Error returns the reason.
func (e *UsageError) Error() string { return e.Reason }

// Usagef returns a UsageError without a hint.
func Usagef(format string, args ...any) error {
	return &UsageError{Reason: fmt.Sprintf(format, args...)}
}

// HintError is an error with what to do about it. It serves where only the command
// knows.
type HintError struct {
	Err  error
	Hint string
}

// Error returns the error without the hint.
func (e *HintError) Error() string { return e.Err.Error() }

// Unwrap returns the error.
func (e *HintError) Unwrap() error { return e.Err }

// ReaderGone reports whether err is that nobody reads our output any more. A connection to
// the server breaks with the same words, which must not pass for that.
func ReaderGone(err error) bool {
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, io.ErrClosedPipe) {
		return false
	}
	_, network := errors.AsType[*net.OpError](err)
	return !network && !errors.Is(err, store.ErrUnreachable) && !errors.Is(err, store.ErrOutcomeUnknown)
}

// No is the answer "no" to a question that was answered: a missing key, a condition
// that was not met. Reason may be empty where the output says it all.
type No struct{ Reason string }

// Error returns the reason.
func (n *No) Error() string { return n.Reason }

// Partial means that part of the work was done and part failed. What was reported
// already needs no repetition: Reason is the summary.
type Partial struct {
	Reason string
	Code   store.Code // STORE_BATCH_FAILED where it is empty
	// Cause is one of the failures, for the hint; it may be nil.
	Cause error
}

// Error returns the reason.
func (p *Partial) Error() string { return p.Reason }

// Interrupted is the cause of a context that a signal ended.
type Interrupted struct{ Signal os.Signal }

// Error names the signal.
func (i Interrupted) Error() string { return i.Signal.String() }

// Exit ends the program with a code of its own, as a command that runs another one
// does. Err says why where that needs saying; otherwise it is nil.
type Exit struct {
	Code int
	Err  error
}

// Error returns why, or nothing.
func (e *Exit) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

// Unwrap returns why.
func (e *Exit) Unwrap() error { return e.Err }
