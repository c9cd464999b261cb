package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func TestExitCode(t *testing.T) {
	ofKind := func(kind store.Kind) error { return &store.Error{Kind: kind, Op: "kv get"} }
	for _, test := range []struct {
		name string
		err  error
		want int
	}{
		{"nothing wrong", nil, 0},
		{"reader gone", syscall.EPIPE, 0},
		{"reader gone, as the system says it", &os.PathError{Op: "write", Err: syscall.EPIPE}, 0},
		{"reader of our own gone", io.ErrClosedPipe, 0},
		{"server gone in the middle of a write", &store.Error{
			Kind: store.ErrOutcomeUnknown, Err: &net.OpError{Op: "write", Err: syscall.EPIPE},
		}, 6},
		{"server gone before anything was sent", &store.Error{
			Kind: store.ErrUnreachable, Err: &net.OpError{Op: "write", Err: syscall.EPIPE},
		}, 4},
		{"embedded server gone", &store.Error{Kind: store.ErrUnreachable, Err: io.ErrClosedPipe}, 4},
		{"server gone, among others", &cli.Partial{Cause: &store.Error{
			Kind: store.ErrUnreachable, Err: &net.OpError{Op: "write", Err: syscall.EPIPE},
		}}, 5},
		{"the answer is no", &cli.No{Reason: "not found"}, 1},
		{"the answer is no, without a word", &cli.No{}, 1},
		{"command line", cli.Usagef("unknown flag"), 2},
		{"command line, wrapped", fmt.Errorf("kv set: %w", cli.Usagef("empty")), 2},
		{"invalid request", ofKind(store.ErrInvalid), 2},
		{"invalid request with a hint", &cli.HintError{Err: ofKind(store.ErrInvalid), Hint: "h"}, 2},
		{"jq", &render.FilterError{Expression: ".", Err: errors.New("bad")}, 2},
		{"refused", ofKind(store.ErrRefused), 3},
		{"output full", &os.PathError{Op: "write", Err: syscall.ENOSPC}, 3},
		{"anything else", errors.New("else"), 3},
		{"unreachable", ofKind(store.ErrUnreachable), 4},
		{"partial", &cli.Partial{Reason: "written 1, failed 1"}, 5},
		{"outcome unknown", ofKind(store.ErrOutcomeUnknown), 6},
		{"outcome unknown, among others", errors.Join(ofKind(store.ErrRefused), ofKind(store.ErrOutcomeUnknown)), 6},
		{"Ctrl-C", cli.Interrupted{Signal: os.Interrupt}, 130},
		{"Ctrl-C, wrapped", fmt.Errorf("scan: %w", cli.Interrupted{Signal: os.Interrupt}), 130},
		{"SIGTERM", cli.Interrupted{Signal: syscall.SIGTERM}, 143},
		{"Ctrl-C while a write was lost", errors.Join(ofKind(store.ErrOutcomeUnknown), cli.Interrupted{Signal: os.Interrupt}), 130},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%s: exit code %d, want %d", test.name, got, test.want)
		}
	}
}

// TestViolationsAreNamed shows what a schema has to say, before the hint.
func TestViolationsAreNamed(t *testing.T) {
	var out bytes.Buffer
	tool := cli.New(t.Context(), cli.Env{Err: &out, ErrTerminal: true})
	writeText(tool, &store.Error{
		Kind: store.ErrInvalid, Code: store.CodeSchemaValidation, Op: "pub", Key: "a", Reason: "no",
		Details: []store.Violation{{Path: "/id", Message: "is no \x1b number"}, {Message: "is empty"}},
	})
	want := `store: pub "a": no
  /id: is no \x1b number
  payload: is empty
hint: --no-validate publishes it all the same
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}
