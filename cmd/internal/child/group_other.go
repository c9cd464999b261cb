//go:build !unix

package child

import "os"

// Elsewhere there are no process groups to signal; the command itself is ended.

func (*Child) ownGroup() {}

// Signal ends the command, whatever the signal.
func (c *Child) Signal(os.Signal) { _ = c.cmd.Process.Kill() }

func (*Child) groupLives() bool { return false }

// RestoreTerminal does nothing: the terminal was never given away.
func (*Child) RestoreTerminal() {}

func terminatedBy(*os.ProcessState) int { return 0 }
