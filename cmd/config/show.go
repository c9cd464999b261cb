package config

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// setting is one effective setting.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

func newShow(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show every setting and where it came from",
		Long: `Show prints every setting in effect with its origin: the flag, the environment
variable, the context, the file, or the default. Secrets are masked. It does not
connect.

JSON fields: name, value, origin`,
		Example: `  store config show
  store -c prod config show -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cli.PrintList(t, cli.All(slices.Values(settings(t, cmd))), view())
		},
	}
}

// settings returns the global flags with their origins, and what only files or the
// environment hold: the registry of events and the password.
func settings(t *cli.Tool, cmd *cobra.Command) []setting {
	var all []setting
	cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
		value := f.Value.String()
		switch list, isList := f.Value.(pflag.SliceValue); {
		case f.Name == "url":
			value = store.RedactURL(value)
		case isList:
			value = strings.Join(list.GetSlice(), ",")
		}
		all = append(all, setting{f.Name, value, t.Origin(f.Name)})
	})
	if path, origin := t.RegistryOrigin(); path != "" {
		all = append(all, setting{"events", path, origin})
	}
	if origin := t.PasswordOrigin(); origin != "" {
		all = append(all, setting{"password", "***", origin})
	}
	return all
}

func view() render.View[setting] {
	return render.View[setting]{Columns: []render.Column[setting]{
		{Title: "SETTING", Cell: func(s setting) string { return s.Name }},
		{Title: "ORIGIN", Cell: func(s setting) string { return s.Origin }},
		{Title: "VALUE", Cell: func(s setting) string { return s.Value }},
	}}
}
