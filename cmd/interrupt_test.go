package cmd

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// silentInput is a terminal nobody types on. It tells when somebody reads from it.
type silentInput struct{ reading chan struct{} }

func (s silentInput) Read([]byte) (int, error) {
	close(s.reading)
	select {}
}

// TestInterruptedInput ends commands while they wait for input that does not come.
func TestInterruptedInput(t *testing.T) {
	for _, args := range []string{
		"kv set k -",
		"stream append s -",
		"stream append s -f -",
		"kv get k --default -",
		"batch get -f -",
		"batch set -f -",
		"batch set -f - --validate-first",
		"batch remove -f - --yes",
		"batch remove -f keys",
	} {
		t.Run(args, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			memory := store.NewMemory()
			defer memory.Close()
			in, errs := silentInput{make(chan struct{})}, &strings.Builder{}
			env := cli.Env{
				In: in, Out: io.Discard, Err: errs, InTerminal: true, ErrTerminal: true,
				LookupEnv: func(string) (string, bool) { return "", false },
				Now:       time.Now, Memory: memory,
			}
			code := make(chan int, 1)
			line := append([]string{"-u", "memory://", "-s", "api"}, strings.Fields(args)...)
			go func() { code <- run(ctx, env, line) }()
			<-in.reading
			cancel(cli.Interrupted{Signal: os.Interrupt})
			if got := <-code; got != exitInterrupted {
				t.Errorf("exit code %d, want %d", got, exitInterrupted)
			}
			if strings.Contains(errs.String(), "store:") {
				t.Errorf("an error was printed: %s", errs)
			}
		})
	}
}
