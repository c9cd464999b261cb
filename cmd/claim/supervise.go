package claim

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// groupPoll is how often a process group that was told to end is looked at.
const groupPoll = 20 * time.Millisecond

// signals receives what is meant for the command.
type signals chan os.Signal

// listen begins to receive. What nohup or a shell has us ignore is not for the
// command either.
func listen() signals {
	s := make(signals, 8)
	for _, number := range []os.Signal{
		os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
	} {
		if !signal.Ignored(number) {
			signal.Notify(s, number)
		}
	}
	return s
}

func (s signals) stop() { signal.Stop(s) }

// ending returns a context that the next signal ends: while the claim is waited for
// there is no command yet to pass it on to. The function stops that, and says whether
// a signal came.
func (s signals) ending(ctx context.Context) (context.Context, func() error) {
	ctx, cancel := context.WithCancelCause(ctx)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case got := <-s:
			cancel(cli.Interrupted{Signal: got})
		case <-done:
		}
	}()
	return ctx, func() error {
		close(done)
		<-ended
		interrupted := context.Cause(ctx)
		cancel(nil)
		return interrupted
	}
}

// supervise runs the command under the claim and returns its exit status. When the
// claim is lost it ends the command, and the error says so.
func (j *job) supervise(held *store.Held, signals signals) (status int, err error) {
	child, err := j.start(held.Fence)
	if err != nil {
		return 0, cannotRun(err)
	}
	defer child.restoreTerminal()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		child.wait()
	}()
	interrupts := 0
	for {
		select {
		case <-ended:
			return child.status(), nil
		case s := <-signals:
			if s == os.Interrupt {
				interrupts++
			}
			if interrupts > 1 { // whoever says it twice means it
				s = os.Kill
			}
			child.signal(s)
		case <-held.Context().Done():
			child.end(ended, j.grace)
			return 0, j.lost(fmt.Errorf("%w; the command was ended", context.Cause(held.Context())))
		}
	}
}

// start starts the command in a process group of its own.
func (j *job) start(fence int64) (*child, error) {
	c := &child{cmd: exec.Command(j.path), terminal: -1}
	c.cmd.Args = j.command
	c.cmd.Env = j.environment(fence)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = j.tool.In, j.tool.Out, j.tool.Err
	if in, isFile := j.tool.In.(*os.File); isFile && j.tool.InTerminal {
		c.terminal = int(in.Fd())
	}
	c.ownGroup()
	return c, c.cmd.Start()
}

// child is the running command.
type child struct {
	cmd      *exec.Cmd
	terminal int // the descriptor of the terminal it reads from, or -1
	err      error
}

func (c *child) wait() { c.err = c.cmd.Wait() }

// status returns the exit status as a shell reports it.
func (c *child) status() int {
	state := c.cmd.ProcessState
	if code := state.ExitCode(); code >= 0 {
		return code
	}
	return 128 + terminatedBy(state)
}

// end ends the whole group: politely, and after the grace by force.
func (c *child) end(ended <-chan struct{}, grace time.Duration) {
	c.signal(syscall.SIGTERM)
	force := time.After(grace)
	for ended != nil || c.groupLives() {
		select {
		case <-ended:
			ended = nil
		case <-force:
			c.signal(os.Kill)
			if ended != nil {
				<-ended
			}
			return
		case <-time.After(groupPoll):
		}
	}
}
