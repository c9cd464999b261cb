package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tenantstore/store/cmd/help"
	"github.com/tenantstore/store/cmd/internal/cli"
)

// strict makes every complaint of cobra a usage error, and makes groups refuse
// subcommands they do not have: left alone, cobra prints help and exits with 0.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &cli.UsageError{Reason: err.Error(), Hint: flagHint(cmd, err)}
	})
	walk(root, func(cmd *cobra.Command) {
		switch {
		case cmd.HasSubCommands() && !cmd.Runnable():
			cmd.Args = refuseUnknown
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case cmd.Parent() == root && cmd.Name() == "help":
			cmd.Args = refuseUnknownTopic
			help.AddAll(cmd)
		case cmd.Args != nil:
			cmd.Args = checked(cmd.Args)
		}
		cmd.Args = unlessSchema(cmd.Args)
	})
}

func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	for _, c := range cmd.Commands() {
		walk(c, visit)
	}
	visit(cmd)
}

func seeHelp(cmd *cobra.Command) string { return "see " + cmd.CommandPath() + " --help" }

// flagHint names the flag that was perhaps meant, where one is not known.
func flagHint(cmd *cobra.Command, err error) string {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok || unknown.GetSpecifiedShortnames() != "" {
		return seeHelp(cmd)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return cmp.Or(cli.Suggest("--"+unknown.GetSpecifiedName(), names), seeHelp(cmd))
}

// refuseUnknown refuses the name of a subcommand that a group does not have.
func refuseUnknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := seeHelp(cmd)
	cmd.SuggestionsMinimumDistance = 2
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		hint = "did you mean " + strings.Join(like, " or ") + "?"
	}
	return &cli.UsageError{
		Reason: fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath()), Hint: hint,
	}
}

// refuseUnknownTopic refuses to help with a command that there is not.
func refuseUnknownTopic(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err != nil {
		return err
	}
	err = refuseUnknown(found, rest)
	if usage, ok := errors.AsType[*cli.UsageError](err); ok && found == cmd.Root() {
		usage.Hint = cmp.Or(cli.Suggest(rest[0], names(found)), usage.Hint)
	}
	return err
}

// names returns what help can be had on: commands, and topics, which cobra never suggests.
func names(root *cobra.Command) []string {
	var all []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			all = append(all, c.Name())
		}
	}
	return all
}

// checked runs all of cobra's checks where their errors can still be turned into
// usage errors.
func checked(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		for _, check := range []func() error{
			func() error { return rule(cmd, args) },
			cmd.ValidateRequiredFlags,
			cmd.ValidateFlagGroups,
		} {
			if err := check(); err != nil {
				return &cli.UsageError{Reason: err.Error(), Hint: "usage: " + cmd.UseLine()}
			}
		}
		return nil
	}
}
