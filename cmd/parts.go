package cmd

import (
	stdcontext "context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tenantstore/store/cmd/acl"
	"github.com/tenantstore/store/cmd/batch"
	"github.com/tenantstore/store/cmd/claim"
	"github.com/tenantstore/store/cmd/config"
	"github.com/tenantstore/store/cmd/context"
	"github.com/tenantstore/store/cmd/counter"
	"github.com/tenantstore/store/cmd/demo"
	"github.com/tenantstore/store/cmd/dev"
	"github.com/tenantstore/store/cmd/doctor"
	"github.com/tenantstore/store/cmd/event"
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/cmd/kv"
	"github.com/tenantstore/store/cmd/pub"
	"github.com/tenantstore/store/cmd/scan"
	"github.com/tenantstore/store/cmd/stream"
	"github.com/tenantstore/store/cmd/sub"
	"github.com/tenantstore/store/cmd/version"
	"github.com/tenantstore/store/pkg/store"
)

// part is one command of the root, with all that is below it.
type part struct {
	name, group string
	make        func(*cli.Tool) *cobra.Command
	outputs     func() cli.Outputs // nil where nothing in it prints JSON
}

// parts are the commands of the root.
func parts() []part {
	return []part{
		{"kv", "data", kv.New, kv.Outputs},
		{"counter", "data", counter.New, counter.Outputs},
		{"claim", "data", claim.New, claim.Outputs},
		{"batch", "data", batch.New, batch.Outputs},
		{"scan", "data", scan.New, scan.Outputs},
		{"event", "data", event.New, event.Outputs},
		{"pub", "data", pub.New, pub.Outputs},
		{"sub", "data", sub.New, sub.Outputs},
		{"stream", "data", stream.New, stream.Outputs},
		{"context", "tool", context.New, context.Outputs},
		{"config", "tool", config.New, config.Outputs},
		{"dev", "tool", func(t *cli.Tool) *cobra.Command { return dev.New(t, sample) }, dev.Outputs},
		{"doctor", "tool", doctor.New, doctor.Outputs},
		{"acl", "tool", acl.New, acl.Outputs},
		{"demo", "tool", func(t *cli.Tool) *cobra.Command { return demo.New(t, run) }, nil},
		{"version", "tool", version.New, version.Outputs},
	}
}

// sample fills an embedded server as the tour does.
func sample(ctx stdcontext.Context, env cli.Env, memory *store.Memory) error {
	return demo.Fill(ctx, env, memory, run)
}

// needed returns the part that a command line is for, or all of them where it names
// none: for help, completion, and what is misspelt. Every command costs memory pages
// before the first byte is sent; making one part instead of eight takes 60 page faults
// of 640 off a cold start.
func needed(flags *pflag.FlagSet, args []string) (chosen []part, whole bool) {
	name := firstWord(flags, args)
	for _, p := range parts() {
		if p.name == name {
			return []part{p}, false
		}
	}
	return parts(), true
}

// firstWord returns the first argument that is neither a flag nor the value of one, or
// "" where a flag that the root does not know leaves that open.
func firstWord(flags *pflag.FlagSet, args []string) string {
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if !strings.HasPrefix(word, "-") || word == "-" {
			return word
		}
		takesNext, known := takesValue(flags, word)
		if !known || takesNext && len(args) == 0 {
			return ""
		}
		if takesNext {
			args = args[1:]
		}
	}
	return ""
}

// takesValue reports whether the argument behind a flag is its value, and whether the
// flag is known at all.
func takesValue(flags *pflag.FlagSet, word string) (next, known bool) {
	name, _, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
	var flag *pflag.Flag
	switch {
	case strings.HasPrefix(word, "--"):
		flag = flags.Lookup(name)
	case len(name) == 1: // several letters, or a letter and its value, are left to cobra
		flag = flags.ShorthandLookup(name)
	}
	if flag == nil {
		return false, false
	}
	return !given && flag.NoOptDefVal == "", true
}
