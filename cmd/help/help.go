// Package help holds the topics of `store help` that are not commands.
package help

import (
	"embed"
	"strings"

	"github.com/spf13/cobra"
)

// texts are the topics, one file each. The first line is the summary.
//
//go:embed *.txt
var texts embed.FS

// Topics returns the help topics as commands that cannot be run.
func Topics() []*cobra.Command {
	names := []string{"environment", "exit-codes", "output", "tenancy", "urls"}
	topics := make([]*cobra.Command, len(names))
	for i, name := range names {
		text, err := texts.ReadFile(name + ".txt")
		if err != nil {
			panic(err) // a name above has no file: the build is broken
		}
		summary, body, _ := strings.Cut(string(text), "\n")
		topics[i] = &cobra.Command{Use: name, Short: summary, Long: strings.TrimSpace(body)}
	}
	return topics
}
