package claim

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// extension is the answer of `store claim extend`.
type extension struct {
	Key      string      `json:"key"`
	Owner    store.Value `json:"owner"`
	Extended bool        `json:"extended"`
	TTL      store.TTL   `json:"ttl"`
	Holder   store.Value `json:"holder,omitzero"`
}

func newExtend(t *cli.Tool) *cobra.Command {
	var ttl string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "extend KEY OWNER --ttl D",
		Short: "Keep a claim for longer",
		Long: `Extend sets the TTL of the claim KEY if OWNER holds it; comparing and setting are one
step on the server. Otherwise it says who holds it and exits with 1.

JSON fields: key, owner, extended, ttl (seconds), holder (who holds it instead)`,
		Example:           `  store -s api claim extend deploy "$HOSTNAME" --ttl 5m`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceClaim),
		RunE: func(cmd *cobra.Command, args []string) error {
			value, err := owner(args[1], asJSON)
			if err != nil {
				return err
			}
			life, err := store.ParseTTL(ttl)
			if err != nil {
				return err
			}
			return extend(cmd, t, extension{Key: args[0], Owner: value, TTL: store.TTL(life)})
		},
	}
	cmd.Flags().StringVar(&ttl, "ttl", "", "`time` from now after which the claim ends by itself")
	cmd.Flags().BoolVar(&asJSON, "json-owner", false, "OWNER is JSON, compared as given")
	if err := cmd.MarkFlagRequired("ttl"); err != nil {
		panic(err) // the flag is declared two lines above
	}
	return cmd
}

// extend extends the claim and prints what came of it.
func extend(cmd *cobra.Command, t *cli.Tool, e extension) error {
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	claim := client.Claim()
	e.Extended, err = claim.Extend(cmd.Context(), e.Key, e.Owner, e.TTL.Duration())
	if err != nil {
		return err
	}
	var other *store.Claimed
	if !e.Extended {
		if other, err = holder(cmd.Context(), client, e.Key); err != nil {
			return err
		}
		if other != nil {
			e.Holder = other.Owner
		}
	}
	view := render.View[extension]{
		Text: func(e extension) string { return strconv.FormatBool(e.Extended) },
	}
	if err := cli.Print(t, e, view); err != nil || e.Extended {
		return err
	}
	return &cli.No{Reason: fmt.Sprintf("claim extend %q: not extended, %s", e.Key, heldBy(other))}
}
