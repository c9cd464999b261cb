package help

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// AddAll gives the help command the flag --all, which prints every command on one page.
func AddAll(help *cobra.Command) {
	var all bool
	help.Flags().BoolVar(&all, "all", false, "every command and its flags on one page")
	one := help.Run
	help.Run = nil
	help.RunE = func(cmd *cobra.Command, args []string) error {
		if all {
			return printTree(cmd.OutOrStdout(), cmd.Root())
		}
		one(cmd, args)
		return nil
	}
}

// printTree prints a command and all that is below it.
func printTree(out io.Writer, cmd *cobra.Command) error {
	if cmd.HasSubCommands() {
		for _, c := range cmd.Commands() {
			if err := printTree(out, c); err != nil {
				return err
			}
		}
		return nil
	}
	if !cmd.IsAvailableCommand() {
		return nil // a topic
	}
	_, err := fmt.Fprintf(out, "%s\n    %s\n%s", cmd.UseLine(), cmd.Short, flags(cmd))
	return err
}

// flags lists the flags that a command has of its own.
func flags(cmd *cobra.Command) string {
	var names []string
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		kind, _ := pflag.UnquoteUsage(f)
		names = append(names, strings.TrimSpace("--"+f.Name+" "+kind))
	})
	if len(names) == 0 {
		return ""
	}
	return "    [" + strings.Join(names, "] [") + "]\n"
}
