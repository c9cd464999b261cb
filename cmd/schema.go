package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// schemaVersion is part of the $id of every schema. It goes up when a document that was
// valid may not be any more: when a member goes, is renamed, changes its type, or is no
// longer always there. A member that is added does not change it.
const schemaVersion = 1

// schemaFormat is the value of --output that asks for the schema of the output.
const schemaFormat = "schema"

// schemaWanted ends a command whose schema is asked for, before it has done anything. It
// is no error.
type schemaWanted struct{ cmd *cobra.Command }

// Error says what it is.
func (*schemaWanted) Error() string { return "a schema is wanted" }

// unlessSchema checks the arguments of a command, unless its schema is asked for: that
// needs none.
func unlessSchema(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if output := cmd.Flag("output"); output != nil && output.Value.String() == schemaFormat {
			return &schemaWanted{cmd}
		}
		if rule == nil {
			return nil
		}
		return rule(cmd, args)
	}
}

// printSchema prints the schema of a command's output. It reads no settings.
func printSchema(t *cli.Tool, cmd *cobra.Command) error {
	for _, flag := range []string{"jq", "json"} {
		if cmd.Flag(flag).Changed {
			return cli.Usagef("-o schema prints the schema of a command; it does not go with --%s", flag)
		}
	}
	output := outputOf(cmd)
	if output == nil {
		return &cli.UsageError{
			Reason: fmt.Sprintf("%s has no JSON output, and so no schema", cmd.CommandPath()),
			Hint:   "see store help output",
		}
	}
	path := cmd.CommandPath()
	id := fmt.Sprintf("urn:tenantstore:output:v%d:%s", schemaVersion,
		strings.ReplaceAll(path, " ", ":"))
	return t.PrintSchema(id, path, description(cmd), output)
}

// description says what a schema is of.
func description(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return "What any command writes to standard error when it fails with -o json."
	}
	return fmt.Sprintf("What %s writes to standard output with -o json. %s.",
		cmd.CommandPath(), cmd.Short)
}

// outputOf returns what a command prints as JSON, or nil for nothing. The root stands for
// the document of errors.
func outputOf(cmd *cobra.Command) cli.Output {
	if !cmd.HasParent() {
		return cli.One[failureDocument]()
	}
	_, path, _ := strings.Cut(cmd.CommandPath(), " ")
	first, rest, _ := strings.Cut(path, " ")
	for _, p := range parts() {
		if p.name == first && p.outputs != nil {
			return p.outputs()[rest]
		}
	}
	return nil
}
