// Package acl holds the command `store acl`.
package acl

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// flags are those of `store acl`.
type flags struct {
	role, server, password string
	groups, subscribe      []string
	thisScopeOnly, cluster bool
}

// New returns the command `store acl`.
func New(t *cli.Tool) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "acl USER --service S",
		Short: "Print the ACL line of a user with the least rights it needs",
		Long: `Acl prints an ACL SETUSER line, for an administrator to run, that allows a user of the
server just what the service, or the tenant of --scope, needs: its keys, its channels, and
the commands that store (--role operator) or an app with the npm library (--role app)
sends. It does not connect. What an ACL cannot do is said on stderr.

The groups are kv, counter, claim, batch, events, streams and scan; all of them unless
--groups names some. Lists of claims and streams need the group scan too, and SCAN shows
the names of all keys of the server. With --read-only nothing can be written.

The line replaces the rights that the user has and leaves its passwords alone.
--user-password-file (- for standard input) sets one; only its SHA-256 is printed. The
rules are for Redis 7.0 and later and for Valkey; --server 6.2 prints those of Redis 6.2.
A user stays after a restart if the server is told so: ACL SAVE, or CONFIG REWRITE.

JSON fields: user, role, groups, readOnly, server, keys, channels, commands, rules (what
follows ACL SETUSER USER), line (as redis-cli reads it), notes`,
		Example: `  store acl shop-app --service shop --role app
  store acl support --service shop --scope tenant=acme --read-only --groups kv,scan
  store acl shop-app --service shop --role app --user-password-file pw -o raw | redis-cli`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := f.request(t, args[0])
			if err != nil {
				return err
			}
			acl, err := store.BuildACL(request)
			if err != nil {
				return err
			}
			for _, note := range acl.Notes {
				t.Notef("note: %s", note)
			}
			return cli.Print(t, acl, view())
		},
	}
	f.bind(cmd)
	return cmd
}

// bind declares the flags.
func (f *flags) bind(cmd *cobra.Command) {
	set := cmd.Flags()
	set.StringVar(&f.role, "role", "operator", "who the user is: `operator` or app")
	set.StringSliceVar(&f.groups, "groups", nil, "what the user works with, as `kv,scan`; all by default")
	set.BoolVar(&f.thisScopeOnly, "this-scope-only", false, "leave child scopes out")
	set.StringArrayVar(&f.subscribe, "subscribe", nil,
		"a `PATTERN` of channels, such as user:*, that the user subscribes to; repeatable")
	set.StringVar(&f.password, "user-password-file", "",
		"the user's password is the first line of `FILE`, - for standard input")
	set.StringVar(&f.server, "server", "7", "the oldest server that is to take the line: `7` or 6.2")
	set.BoolVar(&f.cluster, "cluster", false, "the server is a cluster; known from the URL otherwise")
	for flag, words := range map[string][]string{
		"role": {"operator", "app"}, "server": {"7", "6.2"}, "groups": groupNames(),
		"subscribe": nil,
	} {
		complete := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
		if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // there is no such flag
		}
	}
}

func groupNames() []string {
	var names []string
	for _, g := range store.ACLGroups() {
		names = append(names, string(g))
	}
	return names
}

// request joins the flags and the settings.
func (f *flags) request(t *cli.Tool, user string) (store.ACLRequest, error) {
	r := store.ACLRequest{
		User: user, Role: store.ACLRole(f.role), Server: store.ACLServer(f.server),
		Prefix: t.Prefix, Service: t.Service, Declared: t.Declared,
		ThisScopeOnly: f.thisScopeOnly, ReadOnly: t.ReadOnly, Subscribe: f.subscribe,
	}
	for _, name := range f.groups {
		r.Groups = append(r.Groups, store.ACLGroup(strings.TrimSpace(name)))
	}
	for _, text := range t.Scopes {
		scope, err := store.ParseScope(text)
		if err != nil {
			return r, err
		}
		r.Scopes = append(r.Scopes, scope)
	}
	place, err := store.ParsePlace(t.URL)
	if err != nil {
		return r, err
	}
	r.Cluster, r.Database = f.cluster || place.Cluster, place.Database != 0
	if f.password == "" {
		return r, nil
	}
	password, err := t.SecretLine(f.password)
	r.PasswordHash = store.HashACLPassword(password)
	return r, err
}

// view shows the line.
func view() render.View[store.ACL] {
	return render.View[store.ACL]{Text: func(a store.ACL) string { return a.Line }}
}
