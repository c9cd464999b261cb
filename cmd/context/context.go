// Package context holds the commands of `store context`.
package context

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
)

type column = render.Column[cli.Context]

// New returns the group `store context`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "context",
		Short: "Keep settings under names",
		Long: `A context is a set of settings under a name: the server, who we are there, the service
and its scopes, and how careful to be. Contexts are kept in the config file, which only
its owner can read. A command takes its settings from the context that --context,
STORE_CONTEXT or "store context use" names.

A context says where a password is (env://NAME, file://PATH, cmd://PROGRAM ARGS), never
the password itself.`,
		Example: `  store context add production --url rediss://redis.example.com -s shop --protected
  store context use production
  store -c staging kv get user:1`,
		// A current context that is gone must not keep us from choosing another.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return t.ResolveWithoutContext(cmd.Flags())
		},
	}
	group.AddCommand(
		newList(t), newShow(t), newCurrent(t), newUse(t), newPrevious(t), newAdd(t), newEdit(t),
		newRemove(t),
	)
	return group
}

// fields shows the settings of a context.
func fields() []column {
	return []column{
		{Title: "name", Cell: func(c cli.Context) string { return c.Name }},
		{Title: "current", Cell: func(c cli.Context) string { return yes(c.Current) }},
		{Title: "url", Cell: func(c cli.Context) string { return c.URL }},
		{Title: "username", Cell: func(c cli.Context) string { return c.Username }},
		{Title: "password", Cell: func(c cli.Context) string { return string(c.Password) }},
		{Title: "password-file", Cell: func(c cli.Context) string { return c.PasswordFile }},
		{Title: "service", Cell: func(c cli.Context) string { return c.Service }},
		{Title: "scopes", Cell: scopes},
		{Title: "prefix", Cell: func(c cli.Context) string { return c.Prefix }},
		{Title: "output", Cell: func(c cli.Context) string { return c.Output }},
		{Title: "timeout", Cell: func(c cli.Context) string { return c.Timeout }},
		{Title: "tls-ca", Cell: func(c cli.Context) string { return c.TLSCA }},
		{Title: "tls-cert", Cell: func(c cli.Context) string { return c.TLSCert }},
		{Title: "tls-key", Cell: func(c cli.Context) string { return c.TLSKey }},
		{Title: "tls-server-name", Cell: func(c cli.Context) string { return c.TLSServerName }},
		{Title: "read-only", Cell: func(c cli.Context) string { return yes(c.ReadOnly) }},
		{Title: "protected", Cell: func(c cli.Context) string { return yes(c.Protected) }},
	}
}

func scopes(c cli.Context) string { return strings.Join(c.Scopes, ",") }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// printName prints the name of a context and nothing else.
func printName(t *cli.Tool, c cli.Context) error {
	return cli.Print(t, c, render.View[cli.Context]{
		Text: func(c cli.Context) string { return c.Name },
	})
}

const jsonFields = `JSON fields: name, current, and what is set of url, service, scopes, actor, prefix,
output, timeout, color, readOnly, protected, username, password (where it is),
passwordFile, askPassword, tlsCa, tlsCert, tlsKey, tlsServerName`
