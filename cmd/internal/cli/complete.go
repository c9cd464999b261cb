package cli

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/pkg/store"
)

// The bounds of a look at the server for names. Whoever presses a key waits for it, and
// the server has other things to do.
const (
	completeTime = 150 * time.Millisecond // unless STORE_COMPLETION says otherwise
	completeKeys = 20_000                 // keys that the server looks at
	completePage = 1000                   // of them at a time
	completeMany = 60                     // more names than these are shown by their next part
)

// CompleteFlags completes the values of the global flags.
func (t *Tool) CompleteFlags(root *cobra.Command) {
	for flag, complete := range map[string]cobra.CompletionFunc{
		"service": t.completeService(),
		"scope":   t.completeScope(),
		"context": func(cmd *cobra.Command, _ []string, typed string,
		) ([]cobra.Completion, cobra.ShellCompDirective) {
			return t.CompleteContext(cmd, nil, typed)
		},
		"output": fixed("table", "json", "jsonl", "raw", "schema"),
		"color":  fixed("auto", "always", "never"),
	} {
		if err := root.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // there is no such flag
		}
	}
	for _, flag := range []string{"url", "actor", "prefix", "jq", "timeout", "username", "confirm",
		"tls-server-name"} {
		if err := root.RegisterFlagCompletionFunc(flag, cobra.NoFileCompletions); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// fixed completes one of a few words.
func fixed(words ...cobra.Completion) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// look collects names that begin with what is typed.
type look func(ctx context.Context, client *store.Client, typed string, found func(name string))

// CompleteKey completes the keys of a namespace, where a command takes one of them.
func (t *Tool) CompleteKey(ns store.Namespace) cobra.CompletionFunc {
	all := t.CompleteKeys(ns)
	return func(cmd *cobra.Command, args []string, typed string,
	) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return all(cmd, args, typed)
	}
}

// CompleteKeys completes the keys of a namespace, where a command takes many.
func (t *Tool) CompleteKeys(ns store.Namespace) cobra.CompletionFunc {
	return t.completion(string(ns), func(ctx context.Context, client *store.Client, typed string,
		found func(string),
	) {
		options := store.ScanOptions{
			Pattern: store.EscapeGlob(typed) + "*", Namespaces: []store.Namespace{ns},
		}
		t.scan(ctx, client, options, func(i store.Item) { found(i.Key.Key) })
	})
}

// completeService completes the names of services.
func (t *Tool) completeService() cobra.CompletionFunc {
	return t.completion("services", func(ctx context.Context, client *store.Client, _ string,
		found func(string),
	) {
		options := store.ScanOptions{AllServices: true, Namespaces: store.KeyNamespaces()}
		t.scan(ctx, client, options, func(i store.Item) { found(i.Service) })
	})
}

// completeScope completes the next scope of the chain: first its key, then KEY=ID.
func (t *Tool) completeScope() cobra.CompletionFunc {
	return t.completion("scopes", func(ctx context.Context, client *store.Client, typed string,
		found func(string),
	) {
		withID := strings.Contains(typed, "=")
		if !withID {
			for _, d := range t.Declared {
				found(d.Key + "=")
			}
		}
		depth := len(client.Scopes())
		options := store.ScanOptions{Recursive: true, Namespaces: store.KeyNamespaces()}
		t.scan(ctx, client, options, func(i store.Item) {
			switch {
			case len(i.Scopes) <= depth:
			case withID:
				found(i.Scopes[depth].String())
			default:
				found(i.Scopes[depth].Key + "=")
			}
		})
	})
}

// scan passes on the keys that the server has to show within the bounds.
func (t *Tool) scan(ctx context.Context, client *store.Client, o store.ScanOptions,
	each func(store.Item),
) {
	o.Count = completePage
	cursor := "0"
	for looked := 0; looked < completeKeys; looked += completePage {
		page, err := client.ScanPage(ctx, cursor, o)
		if err != nil {
			return // what there is so far is better than nothing
		}
		for _, item := range page.Keys {
			each(item)
		}
		if cursor = page.Cursor; cursor == "0" {
			return
		}
	}
}

// completion makes a completion of a look at the server.
func (t *Tool) completion(kind string, look look) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string,
	) ([]cobra.Completion, cobra.ShellCompDirective) {
		if !t.settle(cmd) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offer(t.names(cmd, kind, look, typed), typed)
	}
}

// names returns what a look at the server finds, or what an earlier one found, once the
// settings are known. It fails silently, as there is nobody to tell.
func (t *Tool) names(cmd *cobra.Command, kind string, look look, typed string) []string {
	if !t.mayLook() {
		return nil
	}
	entry := t.remembered(kind, typed)
	names, known := entry.names()
	if !known {
		names = t.find(cmd.Context(), look, typed)
		entry.keep(names)
	}
	return names
}

// settle takes the settings from where the command line says, now that its flags are
// read. It reports whether they can be used.
func (t *Tool) settle(cmd *cobra.Command) bool {
	t.origins = map[string]string{}
	if t.Resolve(cmd.Flags()) != nil {
		return false
	}
	// Cobra reads the flags of a completion twice, and a list grows each time.
	if half := len(t.Scopes) / 2; slices.Equal(t.Scopes[:half], t.Scopes[half:]) {
		t.Scopes = t.Scopes[:half]
	}
	return true
}

// mayLook reports whether the server may be asked. One that wants a password typed, or
// fetched by a program, is left alone.
func (t *Tool) mayLook() bool {
	kind, _ := t.secret.parts()
	return t.Getenv("STORE_COMPLETION") != "static" && !t.AskPassword && kind != "cmd"
}

// completeLimit returns how long a look at the server may take. What is no time is not
// complained of: there is nobody to tell.
func (t *Tool) completeLimit() time.Duration {
	if limit, err := ParseWait(t.Getenv("STORE_COMPLETION")); err == nil {
		return limit
	}
	return completeTime
}

// find asks the server.
func (t *Tool) find(ctx context.Context, look look, typed string) []string {
	limit := t.completeLimit()
	t.Timeout = min(t.Timeout, limit)
	client, err := t.Open()
	if err != nil {
		return nil
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	names := map[string]bool{}
	look(ctx, client, typed, func(name string) {
		if fits(name, typed) {
			names[name] = true
		}
	})
	return sortedKeys(names)
}

// fits reports whether a name begins with what is typed, and can be typed.
func fits(name, typed string) bool {
	return strings.HasPrefix(name, typed) && strings.IndexFunc(name, unicode.IsControl) < 0
}

// offer returns the names as completions. Where there are many, they are shown as far as
// their next colon.
func offer(names []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(names) > completeMany {
		parts := map[string]bool{}
		for _, name := range names {
			if at := strings.Index(name[len(typed):], ":"); at >= 0 {
				name = name[:len(typed)+at+1]
			}
			parts[name] = true
		}
		names = sortedKeys(parts)
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	unfinished := func(name string) bool {
		return strings.HasSuffix(name, ":") || strings.HasSuffix(name, "=")
	}
	if slices.ContainsFunc(names, unfinished) {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return names, directive
}
