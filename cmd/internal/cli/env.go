// Package cli is what every command of the store tool needs and nothing else: the
// world around the process, the settings, opening a client, input and output.
package cli

import (
	"context"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/tenantstore/store/pkg/store"
)

// Env is the world around the process. Commands reach it through nothing else, so
// that a test, or the guided tour, can put another in its place.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	// What of the three is a terminal.
	InTerminal, OutTerminal, ErrTerminal bool
	LookupEnv                            func(name string) (string, bool)
	// Environ is the whole environment, for commands that run others.
	Environ func() []string
	Now     func() time.Time
	// Dir is the working directory, from which .store.yaml is looked for.
	Dir string
	// Memory is the embedded server that memory:// stands for; nil for one that
	// lives as long as the command.
	Memory *store.Memory
	// Observer hears of every operation, besides what --telemetry names; nil for nobody.
	Observer store.Telemetry
}

// System returns the real world.
func System() Env {
	dir, err := os.Getwd()
	if err != nil {
		dir = "" // the directory is gone; then there is no .store.yaml either
	}
	return Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		LookupEnv:   os.LookupEnv,
		Environ:     os.Environ,
		Now:         time.Now,
		Dir:         dir,
	}
}

// Getenv returns an environment variable; an empty one counts as not set.
func (e *Env) Getenv(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}

// Tool is the running program: its world and its settings. Every command is made
// with one.
type Tool struct {
	Env
	Settings
	// life ends when the program is told to stop.
	life context.Context
	// events is where --telemetry writes.
	events *telemetry
}

// New returns a tool whose settings are still the defaults. Whoever waits for input
// does so no longer than ctx lasts.
func New(ctx context.Context, env Env) *Tool {
	return &Tool{
		Env: env, Settings: Settings{origins: map[string]string{}}, life: ctx, events: &telemetry{},
	}
}
