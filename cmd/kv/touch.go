package kv

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newTouch(t *cli.Tool) *cobra.Command {
	cmd := newExpiry(t, "touch", store.KV.Touch)
	cmd.Short = "Renew how long a key has left"
	cmd.Long = `Touch does the same as expire, under the other name that the npm library has for it.
It exits with 1 when the key does not exist.

JSON fields: key, changed`
	cmd.Example = `  store -s api kv touch session:1 30m`
	return cmd
}
