package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// Confirm asks before something is destroyed. With yes it does not ask; without a
// terminal to ask on it refuses. The answer "no" is an error as well.
func (t *Tool) Confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	if !t.InTerminal || !t.ErrTerminal {
		return &UsageError{
			Reason: "this needs a confirmation, and there is no terminal to ask on",
			Hint:   "look first with --dry-run, then add --yes",
		}
	}
	fmt.Fprintf(t.Err, "%s [y/N] ", t.Legible(question))
	answer, _ := bufio.NewReader(t.waiting(t.In)).ReadString('\n')
	if t.life.Err() != nil {
		fmt.Fprintln(t.Err)
		return context.Cause(t.life)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &No{Reason: "nothing was done"}
}
