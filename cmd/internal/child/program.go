package child

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// Exit codes of commands that could not be run, as shells have them.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// LookPath finds a program for the command op of ours.
func LookPath(op, name string) (string, error) {
	path, err := exec.LookPath(name)
	return path, CannotRun(op, err)
}

// CannotRun gives an error of the program itself the exit code that shells use. It
// returns nil for nil.
func CannotRun(op string, err error) error {
	code := exitNotExecutable
	switch {
	case err == nil:
		return nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		code = exitNotFound
	}
	return &cli.Exit{Code: code, Err: fmt.Errorf("%s: %w", op, err)}
}

// Environment returns what a command sees: our environment without our passwords, and
// what is added, as NAME=VALUE.
func Environment(t *cli.Tool, added ...string) []string {
	return append(t.PublicEnviron(), added...)
}
