package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// page is the manual page of a command or a help topic.
type page struct{ cmd *cobra.Command }

// pages returns those of a command and all that is below it, the command's own first.
func pages(cmd *cobra.Command) []page {
	cmd.InitDefaultHelpFlag()
	all := []page{{cmd}}
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			all = append(all, pages(c)...)
		}
	}
	return all
}

// isTopic reports whether the page is about something that is no command.
func (p page) isTopic() bool { return p.cmd.IsAdditionalHelpTopicCommand() }

// name is what man finds the page by.
func (p page) name() string { return strings.ReplaceAll(p.cmd.CommandPath(), " ", "-") }

// section is that of the manual: commands, or conventions.
func (p page) section() string {
	if p.isTopic() {
		return "7"
	}
	return "1"
}

func (p page) file() string { return p.name() + "." + p.section() }

// reference names the page in the text of others.
func (p page) reference() string { return `\fB` + escape(p.name()) + `\fR(` + p.section() + `)` }

// text is the page as troff reads it.
func (p page) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s %s \"\" store\n", escape(strings.ToUpper(p.name())), p.section())
	// No hyphens in command lines that are to be copied, no stretched spaces.
	b.WriteString(".nr HY 0\n.nh\n.ad l\n")
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", escape(p.name()), escape(p.cmd.Short))
	if !p.isTopic() {
		b.WriteString(".SH SYNOPSIS\n" + p.synopsis())
	}
	b.WriteString(".SH DESCRIPTION\n" + prose(p.cmd.Long))
	if len(p.cmd.Aliases) > 0 {
		b.WriteString(".PP\n" + prose("Also called: "+strings.Join(p.cmd.Aliases, ", ")+"."))
	}
	if !p.isTopic() {
		b.WriteString(p.commands() + p.options() + p.examples() + p.exitStatus())
	}
	b.WriteString(".SH SEE ALSO\n" + p.related())
	return b.String()
}

// synopsis shows how the command is called.
func (p page) synopsis() string {
	path := p.cmd.CommandPath()
	rest := strings.TrimPrefix(p.cmd.UseLine(), path)
	if p.cmd.HasSubCommands() {
		rest = " COMMAND [flags]"
	}
	return `\fB` + escape(path) + `\fR` + escape(rest) + "\n"
}

// commands lists what is below a group.
func (p page) commands() string {
	var b strings.Builder
	for _, c := range p.cmd.Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(&b, ".TP\n%s\n%s\n", page{c}.reference(), escape(c.Short))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return ".SH COMMANDS\n" + b.String()
}

// options lists the flags of a command. Those of every command are on the page of the root.
func (p page) options() string {
	var b strings.Builder
	root := p.cmd.Root().PersistentFlags()
	p.cmd.Flags().AddFlagSet(p.cmd.InheritedFlags())
	p.cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Deprecated == "" && (!p.cmd.HasParent() || root.Lookup(f.Name) == nil) {
			b.WriteString(option(f))
		}
	})
	if p.cmd.HasParent() {
		b.WriteString(".PP\nThe options of every command, such as \\fB\\-\\-url\\fR, are in " +
			page{p.cmd.Root()}.reference() + ".\n")
	}
	return ".SH OPTIONS\n" + b.String()
}

// option describes one flag.
func option(f *pflag.Flag) string {
	kind, usage := pflag.UnquoteUsage(f)
	name := bold("--" + f.Name)
	if f.Shorthand != "" {
		name = bold("-"+f.Shorthand) + ", " + name
	}
	switch {
	case kind == "":
	case f.NoOptDefVal != "":
		name += `[=\fI` + escape(kind) + `\fR]`
	default:
		name += ` \fI` + escape(kind) + `\fR`
	}
	return ".TP\n" + name + "\n" + escape(usage) + escape(defaultOf(f)) + "\n"
}

func bold(word string) string { return `\fB` + escape(word) + `\fR` }

// defaultOf tells the value of a flag that is not given, unless that is nothing.
func defaultOf(f *pflag.Flag) string {
	value := f.DefValue
	if slices.Contains([]string{"", "0", "0s", "false", "[]"}, value) {
		return ""
	}
	if f.Value.Type() == "string" {
		value = strconv.Quote(value)
	}
	return " (default " + value + ")"
}

func (p page) examples() string {
	if p.cmd.Example == "" {
		return ""
	}
	return ".SH EXAMPLES\n" + verbatim(strings.Split(p.cmd.Example, "\n"))
}

func (p page) exitStatus() string {
	return ".SH EXIT STATUS\nSee \\fBstore\\-exit\\-codes\\fR(7).\n"
}

// related refers to the group and the topics.
func (p page) related() string {
	var refs []string
	if p.cmd.HasParent() {
		refs = append(refs, page{p.cmd.Parent()}.reference())
	}
	for _, c := range p.cmd.Root().Commands() {
		if topic := (page{c}); topic.isTopic() && c != p.cmd {
			refs = append(refs, topic.reference())
		}
	}
	return strings.Join(refs, ",\n") + "\n"
}
