package claim

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// acquisition is the answer of `store claim once`.
type acquisition struct {
	Key      string      `json:"key"`
	Owner    store.Value `json:"owner"`
	Acquired bool        `json:"acquired"`
	TTL      store.TTL   `json:"ttl"`
	Holder   store.Value `json:"holder,omitzero"`
}

func newOnce(t *cli.Tool) *cobra.Command {
	var ttl, wait string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "once KEY OWNER",
		Aliases: []string{"acquire"},
		Short:   "Take a claim if nobody holds it",
		Long: `Once takes the claim KEY for OWNER if nobody holds it. It prints true and exits with 0,
or prints false and exits with 1. With --wait it tries for so long before it gives up.
Without --ttl the claim stays until it is released.

JSON fields: key, owner, acquired, ttl (seconds, null: never expires), holder (who holds
it instead)`,
		Example: `  store -s api claim once deploy "$HOSTNAME" --ttl 5m
  store -s api claim once deploy "$HOSTNAME" --ttl 5m --wait 30s || echo busy`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceClaim),
		RunE: func(cmd *cobra.Command, args []string) error {
			value, err := owner(args[1], asJSON)
			if err != nil {
				return err
			}
			life, patience, err := times(cmd, ttl, wait)
			if err != nil {
				return err
			}
			return once(cmd, t, acquisition{Key: args[0], Owner: value}, life, patience)
		},
	}
	cmd.Flags().StringVar(&ttl, "ttl", "",
		"`time` after which the claim ends by itself: 90, 90s, 1h30m")
	cmd.Flags().StringVar(&wait, "wait", "", "how long to wait for it, as `5s`")
	cmd.Flags().BoolVar(&asJSON, "json-owner", false, "OWNER is JSON and is stored as given")
	return cmd
}

// times reads --ttl and --wait, where they were given.
func times(cmd *cobra.Command, ttl, wait string) (life, patience time.Duration, err error) {
	if cmd.Flags().Changed("ttl") {
		if life, err = store.ParseTTL(ttl); err != nil {
			return 0, 0, err
		}
	}
	if cmd.Flags().Changed("wait") {
		patience, err = cli.ParseWait(wait)
	}
	return life, patience, err
}

// once takes the claim and prints what came of it.
func once(cmd *cobra.Command, t *cli.Tool, a acquisition, ttl, wait time.Duration) error {
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	if ttl == 0 {
		t.Notef("store: warning: without --ttl the claim stays until it is released")
	}
	a.Acquired, err = client.Claim().Acquire(cmd.Context(), a.Key, a.Owner, ttl, wait)
	if err != nil {
		return err
	}
	if a.TTL = store.TTL(ttl); ttl == 0 {
		a.TTL = store.NoExpiry
	}
	var other *store.Claimed
	if !a.Acquired {
		if other, err = holder(cmd.Context(), client, a.Key); err != nil {
			return err
		}
		if other != nil {
			a.Holder = other.Owner
		}
	}
	view := render.View[acquisition]{
		Text: func(a acquisition) string { return strconv.FormatBool(a.Acquired) },
	}
	if err := cli.Print(t, a, view); err != nil || a.Acquired {
		return err
	}
	return &cli.No{Reason: fmt.Sprintf("claim once %q: %s", a.Key, heldBy(other))}
}
