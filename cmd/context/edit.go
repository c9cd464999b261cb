package context

import (
	"bytes"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

func newEdit(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a context in your editor",
		Long: `Edit opens the settings of a context in $VISUAL or $EDITOR, as YAML, and keeps what
comes back. A setting that does not exist is refused with its line; your text is then
kept in a file that the message names.

` + jsonFields,
		Example:           `  EDITOR=vim store context edit production`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteContext,
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := t.ContextText(args[0])
			if err != nil {
				return err
			}
			path, err := draft(before)
			if err != nil {
				return err
			}
			if err := revise(cmd, t, args[0], path, before); err != nil {
				return &cli.HintError{Err: err, Hint: "your text is kept in " + path}
			}
			c, err := t.ContextNamed(args[0])
			if err != nil {
				return err
			}
			return errors.Join(os.Remove(path), printName(t, c))
		},
	}
}

// draft writes a text to a file only this user can read.
func draft(text []byte) (string, error) {
	file, err := os.CreateTemp("", "store-context-*.yaml")
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	return file.Name(), errors.Join(err, file.Close())
}

// revise runs the editor and keeps the result, if there is anything new in it.
func revise(cmd *cobra.Command, t *cli.Tool, name, path string, before []byte) error {
	if err := t.RunEditor(cmd.Context(), path); err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if bytes.Equal(text, before) {
		t.Notef("context edit %q: not changed", name)
		return nil
	}
	return t.ReplaceContextText(name, text)
}
