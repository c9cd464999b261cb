package kv

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newExpire(t *cli.Tool) *cobra.Command {
	cmd := newExpiry(t, "expire", store.KV.Expire)
	cmd.Short = "Set how long a key has left"
	cmd.Long = `Expire sets the TTL of KEY: whole seconds or a duration (90, 90s, 1h30m, 7d). It
exits with 1 when the key does not exist. It never deletes a key: zero and negative
TTLs are refused.

JSON fields: key, changed`
	cmd.Example = `  store -s api kv expire session:1 30m`
	return cmd
}

// expiry is a method of KV that sets a TTL.
type expiry func(kv store.KV, ctx context.Context, key string, ttl time.Duration,
) (store.Change, error)

// newExpiry returns a command that sets a TTL.
func newExpiry(t *cli.Tool, verb string, set expiry) *cobra.Command {
	return &cobra.Command{
		Use:               verb + " KEY TTL",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			ttl, err := store.ParseTTL(args[1])
			if err != nil {
				return at("kv "+verb, args[0], err)
			}
			change, err := set(client.KV(), cmd.Context(), args[0], ttl)
			if err != nil {
				return err
			}
			return answer(t, change, missing("kv "+verb, args[0]).Error())
		}),
	}
}
