package claim

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// release is the answer of `store claim release`.
type release struct {
	Key      string      `json:"key"`
	Owner    store.Value `json:"owner,omitzero"`
	Released bool        `json:"released"`
	Holder   store.Value `json:"holder,omitzero"`
}

func newRelease(t *cli.Tool) *cobra.Command {
	var force, yes, asJSON bool
	cmd := &cobra.Command{
		Use:   "release KEY OWNER",
		Short: "Give a claim back",
		Long: `Release gives back the claim KEY if OWNER holds it; comparing and deleting are one step
on the server. Otherwise it says who holds it and exits with 1. With --force it deletes
the claim whoever holds it; OWNER can be left out then. It asks first, and needs --yes
where there is no terminal to ask on.

JSON fields: key, owner, released, holder (who holds it instead)`,
		Example: `  store -s api claim release deploy "$HOSTNAME"
  store -s api claim release deploy --force --yes`,
		Args: func(cmd *cobra.Command, args []string) error {
			if force {
				return cobra.RangeArgs(1, 2)(cmd, args)
			}
			return cobra.ExactArgs(2)(cmd, args)
		},
		ValidArgsFunction: t.CompleteKey(store.NamespaceClaim),
		RunE: func(cmd *cobra.Command, args []string) error {
			if force {
				return breakClaim(cmd, t, args[0], yes)
			}
			value, err := owner(args[1], asJSON)
			if err != nil {
				return err
			}
			return give(cmd, t, release{Key: args[0], Owner: value})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "delete the claim whoever holds it")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&asJSON, "json-owner", false, "OWNER is JSON, compared as given")
	return cmd
}

// give gives a claim back if the owner holds it.
func give(cmd *cobra.Command, t *cli.Tool, r release) error {
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	if r.Released, err = client.Claim().Release(cmd.Context(), r.Key, r.Owner); err != nil {
		return err
	}
	var other *store.Claimed
	if !r.Released {
		if other, err = holder(cmd.Context(), client, r.Key); err != nil {
			return err
		}
		if other != nil {
			r.Holder = other.Owner
		}
	}
	if err := printRelease(t, r); err != nil || r.Released {
		return err
	}
	return &cli.No{Reason: fmt.Sprintf("claim release %q: not released, %s", r.Key, heldBy(other))}
}

// breakClaim deletes a claim whoever holds it.
func breakClaim(cmd *cobra.Command, t *cli.Tool, key string, yes bool) error {
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	claimed, err := client.Claim().Show(cmd.Context(), key)
	if err != nil {
		return err
	}
	if claimed.Found {
		question := fmt.Sprintf("The claim %q of %s is %s. Delete it?", key, t.Place(), heldBy(&claimed))
		if err := t.Confirm(yes, question); err != nil {
			return unasked(err, key)
		}
	}
	r := release{Key: key, Owner: claimed.Owner}
	if r.Released, err = client.Claim().Break(cmd.Context(), key); err != nil {
		return err
	}
	if err := printRelease(t, r); err != nil || r.Released {
		return err
	}
	return &cli.No{Reason: fmt.Sprintf("claim release %q: not found", key)}
}

// unasked says what to do where nobody could be asked.
func unasked(err error, key string) error {
	if _, ok := errors.AsType[*cli.UsageError](err); ok {
		hint := fmt.Sprintf("look first with claim show %q, then add --yes", key)
		return &cli.HintError{Err: err, Hint: hint}
	}
	return err
}

func printRelease(t *cli.Tool, r release) error {
	return cli.Print(t, r, render.View[release]{
		Text: func(r release) string { return strconv.FormatBool(r.Released) },
	})
}
