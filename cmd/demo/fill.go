package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Fill gives an embedded server the data that the tour begins with, by the same command
// lines: two tenants of the service shop.
func Fill(ctx context.Context, env cli.Env, memory *store.Memory, run Runner) error {
	t := tour{env, memory, run}
	for _, s := range steps() {
		if !s.sample {
			continue
		}
		var out, notes strings.Builder
		if code := run(ctx, t.world(s, &out, &notes), words(s.line)[1:]); code != s.code {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("demo: %s: exit code %d, want %d: %s", s.line, code, s.code,
				strings.TrimSpace(notes.String()))
		}
	}
	return nil
}
