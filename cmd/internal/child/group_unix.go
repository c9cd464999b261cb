//go:build unix

package child

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownGroup puts the command into a process group of its own, so that signals reach
// all it starts. Where it reads from a terminal, its group must be in the foreground,
// as long as ours is: a job in the background does not take the terminal away.
func (c *Child) ownGroup() {
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	front, err := unix.IoctlGetInt(c.terminal, unix.TIOCGPGRP)
	if err != nil || front != unix.Getpgrp() {
		c.terminal = -1
	}
	if c.terminal >= 0 {
		c.cmd.SysProcAttr.Foreground, c.cmd.SysProcAttr.Ctty = true, c.terminal
	}
}

// Signal sends a signal to the group. A group that is gone needs none.
func (c *Child) Signal(s os.Signal) {
	if number, ok := s.(syscall.Signal); ok {
		_ = syscall.Kill(-c.cmd.Process.Pid, number)
	}
}

// groupLives reports whether any process of the group is left.
func (c *Child) groupLives() bool { return syscall.Kill(-c.cmd.Process.Pid, 0) == nil }

// RestoreTerminal takes the terminal back into our own group: a script that goes on
// after us could not read from it otherwise.
func (c *Child) RestoreTerminal() {
	if c.terminal < 0 {
		return
	}
	// We are in the background now; asking for the terminal would stop us.
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	_ = unix.IoctlSetPointerInt(c.terminal, unix.TIOCSPGRP, unix.Getpgrp())
}

// terminatedBy returns the number of the signal that ended the command.
func terminatedBy(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return int(status.Signal())
	}
	return 0
}
