package child

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// Signals receives what is meant for the command.
type Signals chan os.Signal

// Listen begins to receive. What nohup or a shell has us ignore is not for the
// command either.
func Listen() Signals {
	s := make(Signals, 8)
	for _, number := range []os.Signal{
		os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
	} {
		if !signal.Ignored(number) {
			signal.Notify(s, number)
		}
	}
	return s
}

// Stop ends receiving.
func (s Signals) Stop() { signal.Stop(s) }

// Ending returns a context that the next signal ends: while a command is waited for
// there is none yet to pass it on to. The function stops that, and says whether a
// signal came.
func (s Signals) Ending(ctx context.Context) (context.Context, func() error) {
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
