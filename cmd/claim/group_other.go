//go:build !unix

package claim

import "os"

// Elsewhere there are no process groups to signal; the command itself is ended.

func (*child) ownGroup() {}

func (c *child) signal(os.Signal) { _ = c.cmd.Process.Kill() }

func (*child) groupLives() bool { return false }

func (*child) restoreTerminal() {}

func terminatedBy(*os.ProcessState) int { return 0 }
