package kv

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newSet(t *cli.Tool) *cobra.Command {
	var ttl string
	var keepTTL, ifAbsent, ifPresent, asString bool
	cmd := &cobra.Command{
		Use:   "set KEY VALUE",
		Short: "Store a value",
		Long: `Set stores VALUE, which is JSON, "-" for standard input, or @FILE. White space
between the parts of the JSON is removed; nothing else about it is changed. Without
--ttl or --keep-ttl the key never expires, even if it had a TTL before. It exits
with 1 when a condition was not met.

JSON fields: key, changed`,
		Example: `  store -s api kv set user:1 '{"name":"Ada"}' --ttl 1h
  store -s api kv set greeting hello --string
  store -s api kv set report @report.json --if-absent
  date +%s | store -s api kv set last-run -
  store -s api kv set offset -- -5`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: t.CompleteKey(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			options, err := setOptions(cmd, ttl, keepTTL, ifAbsent, ifPresent)
			if err != nil {
				return at("kv set", args[0], err)
			}
			value, err := t.Value(args[1], asString)
			if err != nil {
				return at("kv set", args[0], err)
			}
			change, err := client.KV().Set(cmd.Context(), args[0], value, options)
			if err != nil {
				return err
			}
			return answer(t, change, unmet(args[0], options.Condition))
		}),
	}
	cmd.Flags().StringVar(&ttl, "ttl", "", "`time` to live: 90, 90s, 1h30m, 7d")
	cmd.Flags().BoolVar(&keepTTL, "keep-ttl", false, "leave the TTL of the key as it is")
	cmd.Flags().BoolVar(&ifAbsent, "if-absent", false, "only if the key does not exist")
	cmd.Flags().BoolVar(&ifPresent, "if-present", false, "only if the key exists")
	cmd.Flags().BoolVar(&asString, "string", false, "store VALUE itself, as a JSON string")
	cmd.MarkFlagsMutuallyExclusive("ttl", "keep-ttl")
	cmd.MarkFlagsMutuallyExclusive("if-absent", "if-present")
	return cmd
}

func setOptions(cmd *cobra.Command, ttl string, keepTTL, ifAbsent, ifPresent bool,
) (store.SetOptions, error) {
	options := store.SetOptions{KeepTTL: keepTTL}
	switch {
	case ifAbsent:
		options.Condition = store.IfAbsent
	case ifPresent:
		options.Condition = store.IfPresent
	}
	var err error
	if cmd.Flags().Changed("ttl") {
		options.TTL, err = store.ParseTTL(ttl)
	}
	return options, err
}

// unmet says which condition was not met.
func unmet(key string, c store.Condition) string {
	if c == store.IfAbsent {
		return fmt.Sprintf("kv set %q: not stored, the key exists", key)
	}
	return fmt.Sprintf("kv set %q: not stored, the key does not exist", key)
}

// at names the operation and the key in an error about a value.
func at(op, key string, err error) error {
	hinted, ok := errors.AsType[*cli.HintError](err)
	if !ok {
		return fmt.Errorf("%s %q: %w", op, key, err)
	}
	return &cli.HintError{Err: fmt.Errorf("%s %q: %w", op, key, hinted.Err), Hint: hinted.Hint}
}
