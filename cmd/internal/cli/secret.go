package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/tenantstore/store/pkg/store"
)

// Secret says where a password is: env://NAME, file://PATH, or cmd://PROGRAM ARGS. It is
// never the password itself, so that a config file can be shown and shared.
type Secret string

// parts returns the kind of the reference and what it refers to.
func (s Secret) parts() (kind, what string) {
	kind, what, _ = strings.Cut(string(s), "://")
	return kind, what
}

// check refuses what is no reference. It does not repeat it: it may be a password.
func (s Secret) check() error {
	if s == "" {
		return nil
	}
	switch kind, what := s.parts(); kind {
	case "env", "file", "cmd":
		if strings.TrimSpace(what) != "" {
			return nil
		}
	}
	return Usagef("password says where the password is, as env://NAME, file://PATH or " +
		"cmd://PROGRAM ARGS; the password itself does not belong there")
}

// reveal returns the password that a reference leads to; none for an empty reference.
func (t *Tool) reveal(s Secret) (string, error) {
	switch kind, what := s.parts(); kind {
	case "env":
		if password := t.Getenv(what); password != "" {
			return password, nil
		}
		return "", Usagef("the password is said to be in %s, which is not set", what)
	case "file":
		if rest, inHome := strings.CutPrefix(what, "~/"); inHome {
			what = filepath.Join(t.Getenv("HOME"), rest)
		}
		return readPassword(what)
	case "cmd":
		return t.askProgram(strings.Fields(what))
	}
	return "", nil
}

// askProgram runs a program that prints the password as its first line. There is no
// shell: words are split at spaces. What the program says on stderr is passed on.
func (t *Tool) askProgram(command []string) (string, error) {
	program := exec.CommandContext(t.life, command[0], command[1:]...)
	program.Env, program.Stderr = t.PublicEnviron(), t.Err
	answer, err := program.Output()
	switch {
	case t.life.Err() != nil:
		return "", context.Cause(t.life)
	case err != nil:
		return "", Usagef("the program %s, which knows the password, failed: %v", command[0], err)
	}
	line, _, _ := bytes.Cut(answer, []byte("\n"))
	if line = bytes.TrimSuffix(line, []byte("\r")); len(line) == 0 {
		return "", Usagef("the program %s, which knows the password, printed none", command[0])
	}
	return string(line), nil
}

// PublicEnviron returns the environment without what holds a password of ours, for programs
// that we run.
func (t *Tool) PublicEnviron() []string {
	var env []string
	for _, variable := range t.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if !t.holdsPassword(name, value) {
			env = append(env, variable)
		}
	}
	return env
}

// holdsPassword reports whether an environment variable holds a password of ours.
func (t *Tool) holdsPassword(name, value string) bool {
	switch name {
	case "STORE_PASSWORD", "REDISCLI_AUTH", "VALKEYCLI_AUTH":
		return true
	case "STORE_URL", "REDIS_URL":
		return store.RedactURL(value) != value
	}
	return t.secret == Secret("env://"+name)
}

// password finds the password outside the URL. As with every setting, a flag comes
// before the environment, and that before what a context or a file says.
func (t *Tool) password() (string, error) {
	variable := t.passwordVariable()
	switch {
	case t.AskPassword && (variable == "" || t.given("ask-password")):
		return t.askPassword()
	case t.PasswordFile != "" && (variable == "" || t.given("password-file")):
		return readPassword(t.PasswordFile)
	case variable != "":
		return t.Getenv(variable), nil
	}
	return t.reveal(t.secret)
}

// given reports whether a flag stands on the command line.
func (t *Tool) given(flag string) bool { return strings.HasPrefix(t.Origin(flag), "flag ") }

// passwordVariable returns the environment variable that holds the password.
func (t *Tool) passwordVariable() string {
	for _, name := range []string{"STORE_PASSWORD", "REDISCLI_AUTH", "VALKEYCLI_AUTH"} {
		if t.Getenv(name) != "" {
			return name
		}
	}
	return ""
}

// PasswordOrigin says where a password outside the URL comes from, or "" where there
// is none.
func (t *Tool) PasswordOrigin() string {
	switch name := t.passwordVariable(); {
	case t.AskPassword && (name == "" || t.given("ask-password")):
		return "terminal"
	case t.PasswordFile != "" && (name == "" || t.given("password-file")):
		return "file " + t.PasswordFile
	case name != "":
		return "environment " + name
	case t.secret != "":
		return string(t.secret) + ", " + t.secretOrigin
	}
	return ""
}

func (t *Tool) askPassword() (string, error) {
	in, isFile := t.In.(*os.File)
	if !isFile || !t.InTerminal || !t.ErrTerminal {
		return "", &UsageError{
			Reason: "--ask-password needs a terminal",
			Hint:   "set STORE_PASSWORD or use --password-file",
		}
	}
	fmt.Fprint(t.Err, "password: ")
	password, err := t.readHidden(int(in.Fd()))
	fmt.Fprintln(t.Err)
	return password, err
}

// readHidden reads a line from a terminal that does not show it. When the program is
// told to stop meanwhile, the terminal shows again what is typed.
func (t *Tool) readHidden(terminal int) (string, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return "", Usagef("the password could not be read: %v", err)
	}
	type result struct {
		password []byte
		err      error
	}
	done := make(chan result, 1)
	go func() {
		password, err := term.ReadPassword(terminal)
		done <- result{password, err}
	}()
	select {
	case <-t.life.Done():
		return "", errors.Join(context.Cause(t.life), term.Restore(terminal, before))
	case r := <-done:
		if r.err != nil {
			return "", Usagef("the password could not be read: %v", r.err)
		}
		return string(r.password), nil
	}
}

// readPassword returns the first line of a file.
func readPassword(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", Usagef("password file: %v", err)
	}
	defer file.Close()
	return passwordFrom(file, path)
}

func passwordFrom(in io.Reader, path string) (string, error) {
	lines := bufio.NewScanner(in)
	if !lines.Scan() || lines.Text() == "" {
		return "", Usagef("password file %s: the first line is empty", path)
	}
	return lines.Text(), nil
}

// SecretLine returns the first line of a file that holds a secret, or of standard input
// for "-".
func (t *Tool) SecretLine(path string) (string, error) {
	if path != "-" {
		return readPassword(path)
	}
	line, err := passwordFrom(t.waiting(t.In), "-")
	if t.life.Err() != nil {
		return "", context.Cause(t.life)
	}
	return line, err
}
