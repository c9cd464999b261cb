package sub

import (
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// commandLine reads --exec, where it is given, and looks for the program.
func commandLine(cmd *cobra.Command, text string) ([]string, error) {
	if !cmd.Flags().Changed("exec") {
		return nil, nil
	}
	words, ok := split(text)
	if !ok || len(words) == 0 {
		return nil, cli.Usagef("--exec: %q is no command line", text)
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return nil, cli.Usagef("--exec: %v", err)
	}
	return append([]string{path}, words...), nil
}

// split splits a command line into words as a shell does, minding '…', "…" and \, and
// nothing else: nothing is expanded. It reports false where a quote is not closed.
func split(text string) ([]string, bool) {
	var words []string
	var word strings.Builder
	begun, quote := false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == quote && quote != 0:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, begun = c, true
		case c == '\\' && quote != '\'':
			if i++; i == len(text) {
				return nil, false
			}
			if quote == '"' && text[i] != '"' && text[i] != '\\' {
				word.WriteByte('\\')
			}
			word.WriteByte(text[i])
			begun = true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words, quote == 0
}
