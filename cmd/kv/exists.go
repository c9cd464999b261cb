package kv

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// existence is the answer of `store kv exists`.
type existence struct {
	Key    string `json:"key"`
	Exists bool   `json:"exists"`
}

func newExists(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "exists KEY",
		Short: "Say whether a key exists",
		Long: `Exists prints true and exits with 0 when KEY exists, and prints false and exits
with 1 when it does not.

JSON fields: key, exists`,
		Example:           `  if store -s api kv exists user:1 >/dev/null; then echo welcome back; fi`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			exists, err := client.KV().Exists(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			view := render.View[existence]{Text: func(e existence) string {
				return strconv.FormatBool(e.Exists)
			}}
			if err := cli.Print(t, existence{args[0], exists}, view); err != nil || exists {
				return err
			}
			return &cli.No{}
		}),
	}
}
