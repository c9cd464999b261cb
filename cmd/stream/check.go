package stream

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// checkFlags are the flags of `store stream check`.
type checkFlags struct {
	members
	maxLag, maxPending int64
	maxIdle            string
}

func newCheck(t *cli.Tool) *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check STREAM --group G",
		Short: "Check a group for monitoring",
		Long: `Check compares a group with limits and prints one line. It exits with 0 when all is
well, with 1 when a limit is exceeded, and with 3 when there is no such group. --max-idle
is for how long a message may be pending since it was last given to a consumer. Where the
server does not know the lag, --max-lag is exceeded.

JSON fields: stream, group, ok, lag (null: unknown), pending, consumers, stuck (id, consumer,
idle, deliveries), problems`,
		Example: `  store -s api stream check jobs --group workers --max-lag 1000 --max-pending 100
  store -s api stream check jobs --group workers --max-idle 10m -o json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: func(cmd *cobra.Command, args []string) error {
			limits, err := flags.limits(cmd)
			if err != nil {
				return err
			}
			return t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
				h, err := c.Streams().Group(args[0], flags.group).Check(cmd.Context(), limits)
				if err != nil {
					return err
				}
				if err := cli.Print(t, h, render.View[store.Health]{Text: healthLine}); err != nil || h.OK {
					return err
				}
				return &cli.No{}
			})(cmd, args)
		},
	}
	flags.bind(cmd, false)
	f := cmd.Flags()
	f.Int64Var(&flags.maxLag, "max-lag", 0, "how many messages the group may be behind, as `N`")
	f.Int64Var(&flags.maxPending, "max-pending", 0, "how many messages may be pending, as `N`")
	f.StringVar(&flags.maxIdle, "max-idle", "", "how long a message may be pending, as `10m`")
	return cmd
}

// limits returns what is to be checked.
func (f *checkFlags) limits(cmd *cobra.Command) (limits store.Limits, err error) {
	if cmd.Flags().Changed("max-lag") {
		limits.MaxLag = &f.maxLag
	}
	if cmd.Flags().Changed("max-pending") {
		limits.MaxPending = &f.maxPending
	}
	if f.maxLag < 0 || f.maxPending < 0 {
		return limits, cli.Usagef("a limit is not negative")
	}
	idle, err := age(cmd, "max-idle", f.maxIdle)
	if idle > 0 {
		limit := store.Seconds(idle)
		limits.MaxIdle = &limit
	}
	return limits, err
}

// healthLine is the line that a monitor shows.
func healthLine(h store.Health) string {
	state := fmt.Sprintf("lag %s, pending %d, consumers %d", h.Lag, h.Pending, h.Consumers)
	if h.OK {
		return fmt.Sprintf("ok: %s/%s: %s", h.Stream, h.Group, state)
	}
	return fmt.Sprintf("not ok: %s/%s: %s (%s)", h.Stream, h.Group,
		strings.Join(h.Problems, ", "), state)
}
