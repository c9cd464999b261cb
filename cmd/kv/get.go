package kv

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newGet(t *cli.Tool) *cobra.Command {
	var fallback string
	var withTTL bool
	cmd := &cobra.Command{
		Use:   "get KEY",
		Short: "Print the value of a key",
		Long: `Get prints the value stored at KEY, byte for byte. It exits with 1 when the key
does not exist; a stored null is a value. With -o raw nothing is added, not even a
newline.

JSON fields: key, found, value, ttl (seconds, null: never expires)`,
		Example: `  store -s api kv get user:1
  store -s api kv get user:1 -o raw > user.json
  store -s api kv get user:1 --jq .value.email
  store -s api kv get feature:x --default false`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			otherwise, err := defaultValue(cmd, t, fallback)
			if err != nil {
				return at("kv get", args[0], err)
			}
			entry, err := read(cmd, client.KV(), args[0], withTTL || cli.IsJSON(t))
			if err != nil {
				return err
			}
			if !entry.Found && otherwise != nil {
				entry.Value = otherwise
				return cli.Print(t, entry, entryView(withTTL))
			}
			return show(t, entry, withTTL)
		}),
	}
	cmd.Flags().StringVar(&fallback, "default", "",
		"`JSON` to print, with exit code 0, when the key is missing")
	cmd.Flags().BoolVar(&withTTL, "ttl", false, "show the TTL as well (JSON always has it)")
	return cmd
}

// defaultValue returns the value of --default, or nil where it is not given. It is
// checked even where it will not be needed: a mistake must not wait for the day the
// key is missing.
func defaultValue(cmd *cobra.Command, t *cli.Tool, text string) (store.Value, error) {
	if !cmd.Flags().Changed("default") {
		return nil, nil
	}
	return t.Value(text, false)
}

// read reads no more than is shown: one GET where the TTL is not.
func read(cmd *cobra.Command, kv store.KV, key string, withTTL bool) (store.Entry, error) {
	if withTTL {
		return kv.GetWithTTL(cmd.Context(), key)
	}
	return kv.Get(cmd.Context(), key)
}

// show prints an entry. A missing one has a JSON form, but no text.
func show(t *cli.Tool, entry store.Entry, withTTL bool) error {
	if entry.Found {
		return cli.Print(t, entry, entryView(withTTL))
	}
	if cli.IsJSON(t) {
		if err := cli.Print(t, entry, entryView(withTTL)); err != nil {
			return err
		}
	}
	return missing("kv get", entry.Key)
}

// entryView shows a value bare, or above its TTL.
func entryView(withTTL bool) render.View[store.Entry] {
	value := func(e store.Entry) string { return string(e.Value) }
	view := render.View[store.Entry]{
		Columns: []render.Column[store.Entry]{
			{Title: "value", Cell: value},
			{Title: "ttl", Cell: entryTTL},
		},
		Raw: func(dst []byte, e store.Entry) []byte { return append(dst, e.Value...) },
	}
	if !withTTL {
		view.Text = value
	}
	return view
}

// entryTTL returns the seconds an entry has left, "none", or nothing where it was
// not found.
func entryTTL(e store.Entry) string {
	if e.TTL == nil {
		return ""
	}
	return e.TTL.String()
}
