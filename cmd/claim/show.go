package claim

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newShow(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "show KEY",
		Short: "Show who holds a claim, and for how long",
		Long: `Show prints the owner of a claim, the seconds it has left, and the value as it is
stored. It exits with 1 when nobody holds the claim.

JSON fields: key, found, owner (the stored JSON), ttl (seconds, null: never expires)`,
		Example:           `  store -s api claim show deploy`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceClaim),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			claimed, err := client.Claim().Show(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if claimed.Found || cli.IsJSON(t) {
				err = cli.Print(t, claimed, showView())
			}
			if err == nil && !claimed.Found {
				err = &cli.No{Reason: fmt.Sprintf("claim show %q: nobody holds it", args[0])}
			}
			return err
		}),
	}
}

type column = render.Column[store.Claimed]

// showView shows a claim, one property a line; raw is the stored value.
func showView() render.View[store.Claimed] {
	return render.View[store.Claimed]{
		Columns: []column{
			{Title: "owner", Cell: store.Claimed.OwnerText},
			{Title: "ttl", Cell: ttl},
			{Title: "value", Cell: func(c store.Claimed) string { return string(c.Owner) }},
		},
		Raw: func(dst []byte, c store.Claimed) []byte { return append(dst, c.Owner...) },
	}
}

func ttl(c store.Claimed) string {
	if c.TTL == nil {
		return ""
	}
	return c.TTL.String()
}
