package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// The exit codes. `store help exit-codes` and the README print the same table.
const (
	exitDone        = 0
	exitNo          = 1
	exitUsage       = 2
	exitRefused     = 3
	exitUnreachable = 4
	exitPartial     = 5
	exitUnknown     = 6
	exitInterrupted = 130
	exitTerminated  = 143
)

// exitCode is the only place where an error becomes an exit code.
func exitCode(err error) int {
	signal, stopped := errors.AsType[cli.Interrupted](err)
	exit, ownCode := errors.AsType[*cli.Exit](err)
	switch {
	case ownCode:
		return exit.Code
	case err == nil, cli.ReaderGone(err):
		return exitDone
	case stopped && signal.Signal == syscall.SIGTERM:
		return exitTerminated
	case stopped:
		return exitInterrupted
	case is[*cli.No](err):
		return exitNo
	case errors.Is(err, store.ErrOutcomeUnknown):
		return exitUnknown
	case is[*cli.Partial](err), errors.Is(err, store.ErrIncomplete):
		return exitPartial
	case is[*cli.UsageError](err), is[*render.FilterError](err), errors.Is(err, store.ErrInvalid):
		return exitUsage
	case errors.Is(err, store.ErrUnreachable):
		return exitUnreachable
	}
	return exitRefused
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// report tells the user about an error and returns the exit code. An interruption
// and a reader that went away need no words.
func report(t *cli.Tool, args []string, err error) int {
	code := exitCode(err)
	switch {
	case code == exitDone, is[cli.Interrupted](err), is[*cli.Exit](err) && err.Error() == "":
	case code == exitNo && (err.Error() == "" || t.Quiet || wantsJSON(t, args)):
	case wantsJSON(t, args):
		writeJSON(t, err, code)
	default:
		writeText(t, err)
	}
	return code
}

// wantsJSON reports whether errors are to be JSON. The flags may be what is wrong,
// so the arguments themselves count as well.
func wantsJSON(t *cli.Tool, args []string) bool {
	if t.Format() == render.JSON || t.Format() == render.JSONL {
		return true
	}
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	line := strings.Join(args, " ") + " "
	if strings.HasPrefix(t.Getenv("STORE_OUTPUT"), "json") {
		return true
	}
	for _, form := range []string{
		"--json ", "-o json", "-ojson", "--output json", "--output=json", "--jq ", "--jq=",
	} {
		if strings.Contains(line, form) {
			return true
		}
	}
	return false
}

// writeText writes one line for a person, one for each way in which a payload breaks its
// schema, and a last one where a next step is known.
func writeText(t *cli.Tool, err error) {
	fmt.Fprintf(t.Err, "store: %s\n", t.Legible(err.Error()))
	for _, v := range details(err) {
		fmt.Fprintf(t.Err, "  %s\n", t.Legible(v.String()))
	}
	if hint := hint(err); hint != "" {
		fmt.Fprintf(t.Err, "hint: %s\n", t.Legible(hint))
	}
}

// failureDocument is the JSON form of an error.
type failureDocument struct {
	Error failure `json:"error"`
}

type failure struct {
	Code    store.Code        `json:"code"`
	Message string            `json:"message"`
	Hint    string            `json:"hint,omitzero"`
	Details []store.Violation `json:"details,omitzero"`
	Exit    int               `json:"exit"`
}

// writeJSON writes the same as one JSON object.
func writeJSON(t *cli.Tool, err error, exit int) {
	message := strings.ToValidUTF8(err.Error(), "\ufffd")
	d := failureDocument{failure{code(err), message, hint(err), details(err), exit}}
	printer, err := render.New(t.Err, render.Options{Format: render.JSONL, Terminal: t.ErrTerminal})
	if err == nil {
		err = render.One(printer, d, render.View[failureDocument]{})
	}
	if err == nil {
		_ = printer.Flush() // Should stderr be closed, there is nobody left to tell.
	}
}

// code returns the name of an error for scripts.
func code(err error) store.Code {
	if e, ok := errors.AsType[*store.Error](err); ok {
		return e.Code
	}
	if partial, ok := errors.AsType[*cli.Partial](err); ok {
		return cmp.Or(partial.Code, store.CodeBatchFailed)
	}
	if exitCode(err) == exitUsage {
		return cli.CodeUsage
	}
	return store.CodeOperationFailed
}

// details returns what a schema said of a payload, where that is why err happened.
func details(err error) []store.Violation {
	if e, ok := errors.AsType[*store.Error](err); ok {
		return e.Details
	}
	return nil
}
