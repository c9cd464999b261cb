package claim

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/tenantstore/store/cmd/internal/child"
	"github.com/tenantstore/store/pkg/store"
)

// supervise runs the command under the claim and returns its exit status. When the
// claim is lost it ends the command, and the error says so.
func (j *job) supervise(held *store.Held, signals child.Signals) (status int, err error) {
	command, err := child.Start(j.tool, child.Command{
		Path: j.path, Args: j.command, Env: j.environment(held.Fence),
	})
	if err != nil {
		return 0, child.CannotRun("claim run", err)
	}
	defer command.RestoreTerminal()
	interrupts := 0
	for {
		select {
		case <-command.Ended():
			return command.Status(), nil
		case s := <-signals:
			if s == os.Interrupt {
				interrupts++
			}
			if interrupts > 1 { // whoever says it twice means it
				s = os.Kill
			}
			command.Signal(s)
		case <-held.Context().Done():
			command.End(j.grace)
			return 0, j.lost(fmt.Errorf("%w; the command was ended", context.Cause(held.Context())))
		}
	}
}

// environment is what the command sees.
func (j *job) environment(fence int64) []string {
	return child.Environment(j.tool,
		"STORE_CLAIM_KEY="+j.key,
		"STORE_CLAIM_OWNER="+j.owner,
		"STORE_CLAIM_TTL="+strconv.FormatInt(int64(j.options.TTL/time.Second), 10),
		"STORE_CLAIM_FENCE="+strconv.FormatInt(fence, 10),
	)
}
