// Package claim holds the commands of `store claim`.
package claim

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// New returns the group `store claim`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "claim",
		Short: "Take, keep and give back locks",
		Long: `Claims are locks that one owner at a time holds: what an app takes with
store.claim.once. OWNER is text and is stored as a JSON string, as the app stores it.
Only its owner can give back or extend a claim.

A claim has one holder only as long as pauses of the holder, differences between
clocks, and failovers of the server stay below its TTL.`,
		Example: `  store -s api claim run nightly --ttl 60s -- ./cleanup.sh
  store -s api claim list`,
	}
	group.AddCommand(
		newOnce(t), newRelease(t), newExtend(t), newShow(t), newList(t), newRun(t),
	)
	return group
}

// owner turns the argument OWNER into what is stored.
func owner(arg string, asJSON bool) (store.Value, error) {
	switch {
	case arg == "":
		return nil, cli.Usagef("the owner must not be empty")
	case asJSON:
		return store.ParseValue([]byte(arg))
	}
	return store.StringValue(arg)
}

// holder returns who holds a claim now, for a message. Nobody may, any more; and a
// server that does not tell makes no difference to the answer. The error is for a key
// that nobody can ever hold, as it is no claim.
func holder(ctx context.Context, client *store.Client, key string) (*store.Claimed, error) {
	claimed, err := client.Claim().Show(ctx, key)
	if e, ok := errors.AsType[*store.Error](err); ok && strings.HasPrefix(e.Reason, "WRONGTYPE") {
		return nil, err
	}
	if err != nil || !claimed.Found {
		return nil, nil
	}
	return &claimed, nil
}

// heldBy says who holds a claim and for how long.
func heldBy(c *store.Claimed) string {
	if c == nil {
		return "nobody holds it now"
	}
	if c.TTL.Seconds() < 0 {
		return "held by " + c.OwnerText() + ", without a TTL"
	}
	return "held by " + c.OwnerText() + " for another " + c.TTL.String() + " s"
}
