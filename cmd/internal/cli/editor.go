package cli

import (
	"context"
	"os/exec"
	"strings"
)

// RunEditor opens a file in the user's editor and waits for it. $VISUAL and $EDITOR
// may hold arguments; they are split at spaces and not given to a shell.
func (t *Tool) RunEditor(ctx context.Context, path string) error {
	command := strings.Fields(t.Getenv("VISUAL"))
	if len(command) == 0 {
		command = strings.Fields(t.Getenv("EDITOR"))
	}
	if len(command) == 0 {
		command = []string{"vi"}
	}
	editor := exec.CommandContext(ctx, command[0], append(command[1:], path)...)
	editor.Env = t.PublicEnviron()
	editor.Stdin, editor.Stdout, editor.Stderr = t.In, t.Out, t.Err
	if !t.OutTerminal {
		editor.Stdout = t.Err // stdout is for the answer
	}
	err := editor.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return Usagef("the editor %s failed: %v; nothing was written", command[0], err)
	}
	return nil
}
