package context

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// addFlags are the flags of `store context add` beside the global ones.
type addFlags struct {
	password, output               string
	protected, check, replace, use bool
}

func newAdd(t *cli.Tool) *cobra.Command {
	var flags addFlags
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Keep settings under a name",
		Long: `Add keeps the global flags that are given as the context NAME: --url, --service,
--scope, --prefix, --actor, --timeout, --color, --username, --password-file,
--ask-password, --read-only and the --tls ones except --tls-skip-verify, which is refused.
--output is how this command prints; --default-output is what the context keeps. Variables
of the environment are not kept. --check connects first, and keeps nothing if that fails.

--password says where the password is: env://NAME for a variable, file://PATH for the
first line of a file, cmd://PROGRAM ARGS for what a program prints (no shell).

` + jsonFields,
		Example: `  store context add local --url redis://127.0.0.1:6379 -s shop
  store context add live --url rediss://redis.example.com --password env://LIVE_PW --check`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.add(cmd, t, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.password, "password", "", "`where` the password is: env://, file:// or cmd://")
	f.StringVar(&flags.output, "default-output", "", "output `format` of commands in the context")
	complete := cobra.FixedCompletions([]string{"table", "json", "jsonl", "raw"},
		cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc("default-output", complete); err != nil {
		panic(err) // it is declared
	}
	f.BoolVar(&flags.protected, "protected", false, "ask for the name before data is destroyed")
	f.BoolVar(&flags.check, "check", false, "connect before it is kept")
	f.BoolVar(&flags.replace, "replace", false, "replace a context of that name")
	f.BoolVar(&flags.use, "use", false, "make it the current one")
	return cmd
}

func (f *addFlags) add(cmd *cobra.Command, t *cli.Tool, name string) error {
	p, err := f.profile(cmd)
	if err != nil {
		return err
	}
	if p.URL != "" && store.RedactURL(p.URL) != p.URL {
		t.Notef("store: warning: the URL holds a password; better leave it out and say with " +
			"--password where it is")
	}
	if f.check {
		if err := t.CheckProfile(cmd.Context(), p); err != nil {
			return fmt.Errorf("context add %q: %w", name, err)
		}
	}
	if err := t.PutContext(name, p, f.replace); err != nil {
		return err
	}
	if f.use {
		return use(t, name)
	}
	c, err := t.ContextNamed(name)
	if err != nil {
		return err
	}
	return printName(t, c)
}

// profile turns the flags that were given into a profile.
func (f *addFlags) profile(cmd *cobra.Command) (cli.Profile, error) {
	settings := given(cmd)
	if settings["tls-skip-verify"] == true {
		return cli.Profile{}, cli.Usagef("context add: --tls-skip-verify is not kept in a context; " +
			"give the certificate authority with --tls-ca, or the flag with each command")
	}
	if f.output == "" && cmd.Flags().Changed("default-output") {
		return cli.Profile{}, cli.Usagef("context add: --default-output wants a format")
	}
	text, err := yaml.Marshal(settings)
	if err != nil {
		return cli.Profile{}, err
	}
	p := cli.Profile{
		Password: cli.Secret(f.password), Protected: f.protected, Output: f.output,
	}
	return p, yaml.Unmarshal(text, &p)
}

// given returns the global flags on the command line by their names in a profile.
func given(cmd *cobra.Command) map[string]any {
	settings := map[string]any{}
	cmd.InheritedFlags().VisitAll(func(flag *pflag.Flag) {
		list, isList := flag.Value.(pflag.SliceValue)
		switch {
		case !flag.Changed:
		case flag.Name == "scope" && isList:
			settings["scopes"] = list.GetSlice()
		case flag.Value.Type() == "bool":
			settings[flag.Name] = flag.Value.String() == "true"
		default:
			settings[flag.Name] = flag.Value.String()
		}
	})
	for _, ours := range []string{"output", "json", "jq", "quiet", "verbose", "config", "context"} {
		delete(settings, ours) // of this command, not of those to come
	}
	return settings
}
