package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// Confirm asks before something is destroyed. With yes it does not ask; without a
// terminal to ask on it refuses. The answer "no" is an error as well. In a protected
// context yes is not enough: the name of the context has to be given.
func (t *Tool) Confirm(yes bool, question string) error {
	if t.Protected {
		return t.confirmName(question)
	}
	if yes {
		return nil
	}
	if !t.asks() {
		return &UsageError{
			Reason: "this needs a confirmation, and there is no terminal to ask on",
			Hint:   "look first with --dry-run, then add --yes",
		}
	}
	answer, err := t.ask(question + " [y/N] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return nil
	}
	return &No{Reason: "nothing was done"}
}

// confirmName wants the name of the protected context, from --confirm or typed.
func (t *Tool) confirmName(question string) error {
	hint := "add --confirm " + t.active
	switch {
	case t.ConfirmName == t.active:
		return nil
	case t.ConfirmName != "":
		return &UsageError{
			Reason: fmt.Sprintf("--confirm says %q, but the context is %q", t.ConfirmName, t.active),
			Hint:   hint,
		}
	case !t.asks():
		return &UsageError{
			Reason: fmt.Sprintf("the context %q is protected: this needs its name", t.active),
			Hint:   hint,
		}
	}
	answer, err := t.ask(fmt.Sprintf("%s\nThe context %q is protected; type its name to go on: ",
		question, t.active))
	if err != nil || answer == t.active {
		return err
	}
	return &No{Reason: "nothing was done"}
}

// asks reports whether there is somebody to ask.
func (t *Tool) asks() bool { return t.InTerminal && t.ErrTerminal }

// ask shows a question and returns the line that is typed.
func (t *Tool) ask(question string) (string, error) {
	for line := range strings.Lines(question) {
		text, whole := strings.CutSuffix(line, "\n")
		fmt.Fprint(t.Err, t.Legible(text))
		if whole {
			fmt.Fprintln(t.Err)
		}
	}
	answer, _ := bufio.NewReader(t.waiting(t.In)).ReadString('\n')
	if t.life.Err() != nil {
		fmt.Fprintln(t.Err)
		return "", context.Cause(t.life)
	}
	return strings.TrimSpace(answer), nil
}
