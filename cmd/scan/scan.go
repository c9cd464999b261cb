// Package scan holds the command `store scan`.
package scan

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// everything stands for all namespaces that hold keys.
const everything = "all"

// flags are the flags of the command.
type flags struct {
	namespace              string
	recursive, allServices bool
	values, ttl, memory    bool
	kind, tree, fullKeys   bool
	limit, count, maxRate  int
	cursor                 string
}

// New returns the command `store scan`.
func New(t *cli.Tool) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "scan [PATTERN]",
		Short: "List the keys of a store",
		Long: `Scan lists the keys of a service or scope, in no order. PATTERN is a glob over the
key (* ? [a-z] [^a-z], \ takes the next character literally); everything before it
is matched literally, so a scan never shows another tenant's keys, whatever
characters ids hold. Only --recursive cannot tell a child scope b=c of tenant "a" from
a tenant called "a:b:c", unless the config file declares the scopes of the service.
A key that exists throughout is listed; one that comes or goes meanwhile may be. Keys
that the server repeats soon after one another are removed.

It is gentle to a server that others use: a page that would hold it for longer than 5 ms
is made smaller, unless --count fixes its size, and --max-rate slows the whole down.

With -o raw and -o jsonl the list streams in flat memory. A list that was cut short
(Ctrl-C, a lost connection, a server that was restarted) never exits with 0. With --cursor
it is for the caller to see to that: a cursor means nothing to a server that has been
restarted or has taken over, which accepts it and leaves keys out.

JSON fields: key, namespace, service, scopes (key, identifier), redisKey, ambiguous
(the key can be read as another address too), value, ttl (seconds, null: never
expires), memory (bytes, estimated), type, error; with --cursor: cursor, keys`,
		Example: `  store -s api --scope organization=org_1 scan 'user:*'
  store -s api scan --recursive --namespace all --ttl --type
  store -s api scan -o jsonl --values > dump.ndjson
  store -s api scan --recursive --max-rate 50000 -o raw
  store scan --all-services --tree`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return run(cmd, t, f, args)
		},
	}
	f.bind(cmd)
	return cmd
}

// namespaces returns what --namespace takes.
func namespaces() []string {
	names := []string{everything}
	for _, ns := range store.KeyNamespaces() {
		names = append(names, string(ns))
	}
	return names
}

func (f *flags) bind(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVarP(&f.namespace, "namespace", "n", "kv", "kv, counter, claim, streams or all")
	complete := cobra.FixedCompletions(namespaces(), cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc("namespace", complete); err != nil {
		panic(err) // it is declared
	}
	s.BoolVar(&f.recursive, "recursive", false, "child scopes too")
	s.BoolVar(&f.allServices, "all-services", false, "all services of the prefix, with their scopes")
	s.BoolVar(&f.values, "values", false, "show values")
	s.BoolVar(&f.ttl, "ttl", false, "show TTLs")
	s.BoolVar(&f.memory, "memory", false, "show how many bytes a key takes, as the server estimates")
	s.BoolVar(&f.kind, "type", false, "show Redis types")
	s.IntVar(&f.limit, "limit", 0, "stop after `N` keys")
	s.IntVar(&f.count, "count", 0,
		"keys the server looks at for one page, a `hint` (default up to 2500, as the server bears)")
	s.IntVar(&f.maxRate, "max-rate", 0, "make the server look at no more than `N` keys a second")
	s.StringVar(&f.cursor, "cursor", "",
		"one page from `CURSOR` (0 begins), with the next cursor in the answer")
	s.BoolVar(&f.tree, "tree", false, "draw a tree of the parts of the keys, with counts")
	s.BoolVar(&f.fullKeys, "full-keys", false, "show whole Redis keys")
	cmd.MarkFlagsMutuallyExclusive("tree", "cursor")
	cmd.MarkFlagsMutuallyExclusive("limit", "cursor")
	cmd.MarkFlagsMutuallyExclusive("max-rate", "cursor")
}

func run(cmd *cobra.Command, t *cli.Tool, f flags, args []string) error {
	options, err := f.options(cmd, args)
	if err != nil {
		return err
	}
	if f.tree && t.Format() != render.Table {
		return cli.Usagef("--tree draws text; leave it out, or write -o table")
	}
	client, err := t.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	if cmd.Flags().Changed("cursor") {
		return printPage(cmd.Context(), t, client, f, options)
	}
	var failed failures
	items := failed.watch(client.Scan(cmd.Context(), options))
	if f.tree {
		err = printTree(t, items)
	} else {
		err = cli.PrintList(t, items, f.view())
	}
	if err != nil {
		return err
	}
	return failed.answer()
}

// options turns the flags into those of the library.
func (f *flags) options(cmd *cobra.Command, args []string) (store.ScanOptions, error) {
	options := store.ScanOptions{
		Recursive: f.recursive, AllServices: f.allServices, Limit: f.limit,
		Count: f.count, MaxRate: f.maxRate,
	}
	if len(args) == 1 {
		options.Pattern = args[0]
	}
	for flag, number := range map[string]int{
		"count": f.count, "limit": f.limit, "max-rate": f.maxRate,
	} {
		if cmd.Flags().Changed(flag) && number < 1 {
			return options, cli.Usagef("--%s is a number from 1 on", flag)
		}
	}
	for field, wanted := range map[store.Fields]bool{
		store.FieldValue: f.values, store.FieldTTL: f.ttl,
		store.FieldMemory: f.memory, store.FieldType: f.kind,
	} {
		if wanted {
			options.Want |= field
		}
	}
	if f.namespace == everything {
		options.Namespaces = store.KeyNamespaces()
		return options, nil
	}
	ns, err := store.ParseNamespace(f.namespace)
	options.Namespaces = []store.Namespace{ns}
	if hint := cli.Suggest(f.namespace, namespaces()); err != nil && hint != "" {
		err = &cli.HintError{Err: err, Hint: hint}
	}
	return options, err
}

// failures counts the keys that the server would not tell about.
type failures struct {
	count int
	first error
}

// watch passes items on and counts those with an error.
func (f *failures) watch(items iter.Seq2[store.Item, error]) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for item, err := range items {
			if item.Err != nil {
				f.count++
				f.first = cmp.Or(f.first, item.Err)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// answer turns the count into an error.
func (f *failures) answer() error {
	if f.count == 0 {
		return nil
	}
	return &cli.Partial{Reason: fmt.Sprintf("scan: %d keys could not be read: %v", f.count, f.first)}
}

// printPage prints one page and where the next begins.
func printPage(ctx context.Context, t *cli.Tool, client *store.Client, f flags,
	options store.ScanOptions,
) error {
	page, err := client.ScanPage(ctx, f.cursor, options)
	if err != nil {
		return err
	}
	if cli.IsJSON(t) {
		return cli.Print(t, page, render.View[store.ScanPage]{})
	}
	items := func(yield func(store.Item, error) bool) {
		for _, item := range page.Keys {
			if !yield(item, nil) {
				return
			}
		}
	}
	if err := cli.PrintList(t, items, f.view()); err != nil {
		return err
	}
	t.Notef("next cursor: %s", page.Cursor)
	return nil
}
