package kv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

func newEdit(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "edit KEY",
		Short: "Change a value in your editor",
		Long: `Edit opens the value of KEY in $VISUAL or $EDITOR and stores what comes back. The
TTL stays as it is. If somebody else changed the value meanwhile, nothing is
written, your text is kept in a file that the message names, and the exit code is 3.
It exits with 1 when the key does not exist.

JSON fields: key, changed`,
		Example:           `  EDITOR=vim store -s api kv edit config:limits`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceKV),
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, args []string) error {
			if t.ReadOnly {
				return readOnly("kv edit", args[0]) // before the work, not after it
			}
			entry, err := client.KV().Get(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !entry.Found {
				return missing("kv edit", args[0])
			}
			return edit(cmd.Context(), t, client.KV(), entry)
		}),
	}
}

// readOnly is the error of the library, for a write that is refused early.
func readOnly(op, key string) error {
	return &store.Error{
		Kind: store.ErrInvalid, Code: store.CodeReadOnly, Op: op, Key: key,
		Reason: "this is a write, and the store is opened read-only",
	}
}

// edit lets the user change an entry. The text survives in its file until it is
// stored.
func edit(ctx context.Context, t *cli.Tool, kv store.KV, entry store.Entry) error {
	path, err := draft(entry)
	if err != nil {
		return err
	}
	changed, err := revise(ctx, t, kv, entry, path)
	if err != nil {
		return &cli.HintError{Err: err, Hint: "your text is kept in " + path}
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return cli.Print(t, store.Change{Key: entry.Key, Changed: changed}, changeView())
}

// draft writes the value to a file only this user can read.
func draft(entry store.Entry) (string, error) {
	file, err := os.CreateTemp("", "store-edit-*.json")
	if err != nil {
		return "", err
	}
	_, err = file.Write(entry.Value)
	return file.Name(), errors.Join(err, file.Close())
}

// revise runs the editor and stores the result, if there is anything new in it.
func revise(ctx context.Context, t *cli.Tool, kv store.KV, entry store.Entry, path string,
) (changed bool, err error) {
	if err := t.RunEditor(ctx, path); err != nil {
		return false, at("kv edit", entry.Key, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	// Editors end the last line; that alone is no change.
	if bytes.Equal(bytes.TrimSuffix(text, []byte("\n")), bytes.TrimSuffix(entry.Value, []byte("\n"))) {
		t.Notef("kv edit %q: not changed", entry.Key)
		return false, nil
	}
	value, err := store.ParseValue(text)
	if err != nil {
		return false, fmt.Errorf("kv edit %q: %w", entry.Key, err)
	}
	return true, kv.Replace(ctx, entry.Key, entry.Value, value)
}
