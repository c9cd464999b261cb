package dev

import (
	"os"
	"slices"
	"strings"

	"github.com/tenantstore/store/cmd/internal/child"
	"github.com/tenantstore/store/cmd/internal/cli"
)

// supervise runs the command and passes signals on to it. The error says how it ended.
func (d *devServer) supervise(at served) error {
	signals := child.Listen()
	defer signals.Stop()
	command, err := child.Start(d.tool, child.Command{
		Path: d.path, Args: d.command, Env: environment(d.tool, at),
	})
	if err != nil {
		return child.CannotRun("dev", err)
	}
	defer command.RestoreTerminal()
	interrupts := 0
	for {
		select {
		case <-command.Ended():
			if status := command.Status(); status != 0 {
				return &cli.Exit{Code: status}
			}
			return nil
		case s := <-signals:
			if s == os.Interrupt {
				interrupts++
			}
			if interrupts > 1 { // whoever says it twice means it
				s = os.Kill
			}
			command.Signal(s)
		}
	}
}

// environment is what the command sees: where the server is, and nothing that would lead
// elsewhere or bring other credentials along.
func environment(t *cli.Tool, at served) []string {
	inherited := slices.DeleteFunc(child.Environment(t), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "STORE_URL", "REDIS_URL", "STORE_CONTEXT", "STORE_CONFIG", "STORE_USERNAME":
			return true
		}
		return strings.HasPrefix(name, "STORE_TLS_")
	})
	return append(inherited,
		"STORE_URL="+at.URL, "REDIS_URL="+at.URL,
		// A current context there could bring its user, password or certificates.
		"STORE_CONFIG="+os.DevNull)
}
