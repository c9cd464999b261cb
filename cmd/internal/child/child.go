// Package child runs a command for one of ours: in a process group of its own, with
// our secrets taken out of its environment, and with its exit status as shells have it.
package child

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// groupPoll is how often a process group that was told to end is looked at.
const groupPoll = 20 * time.Millisecond

// inputDelay is how long input that nobody reads is held for what a command has left
// behind, once the command itself has ended.
const inputDelay = time.Second

// Command is what to run.
type Command struct {
	Path string   // of the program, as LookPath found it
	Args []string // the first one is the program's name
	Env  []string // see Environment
	// In is what the command reads; nil for the input of the tool, which may be a
	// terminal.
	In []byte
}

// Child is a running command.
type Child struct {
	cmd      *exec.Cmd
	terminal int // the descriptor of the terminal it reads from, or -1
	ended    chan struct{}
}

// Start starts a command in a process group of its own. It writes where the tool does.
func Start(t *cli.Tool, command Command) (*Child, error) {
	c := &Child{cmd: exec.Command(command.Path), terminal: -1, ended: make(chan struct{})}
	c.cmd.Args, c.cmd.Env = command.Args, command.Env
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = t.In, t.Out, t.Err
	if command.In != nil {
		c.cmd.Stdin, c.cmd.WaitDelay = bytes.NewReader(command.In), inputDelay
	} else if in, isFile := t.In.(*os.File); isFile && t.InTerminal {
		c.terminal = int(in.Fd())
	}
	c.ownGroup()
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // the status says it all
	}()
	return c, nil
}

// Ended is closed when the command has ended.
func (c *Child) Ended() <-chan struct{} { return c.ended }

// Status returns the exit status of a command that has ended, as a shell reports it:
// 128+N where signal N ended it.
func (c *Child) Status() int {
	state := c.cmd.ProcessState
	if code := state.ExitCode(); code >= 0 {
		return code
	}
	return 128 + terminatedBy(state)
}

// End ends the whole group: politely, and after the grace by force.
func (c *Child) End(grace time.Duration) {
	c.Signal(syscall.SIGTERM)
	force := time.After(grace)
	for ended := c.Ended(); ended != nil || c.groupLives(); {
		select {
		case <-ended:
			ended = nil
		case <-force:
			c.Signal(os.Kill)
			if ended != nil {
				<-ended
			}
			return
		case <-time.After(groupPoll):
		}
	}
}
