package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/pkg/store"
)

// CompleteEvents completes the names of events: those of the registry in file, or else in
// the one that a config file names.
func (t *Tool) CompleteEvents(file *string) cobra.CompletionFunc {
	return t.completeEvents(file, func(*cobra.Command, string) []string { return nil })
}

// CompleteChannels completes what CompleteEvents does, and the channels that somebody
// listens to.
func (t *Tool) CompleteChannels(file *string) cobra.CompletionFunc {
	listened := func(ctx context.Context, client *store.Client, typed string, found func(string)) {
		channels, _ := client.Events().Channels(ctx, typed, completeKeys)
		for _, channel := range channels {
			found(channel)
		}
	}
	return t.completeEvents(file, func(cmd *cobra.Command, typed string) []string {
		return t.names(cmd, "channels", listened, typed)
	})
}

func (t *Tool) completeEvents(file *string, more func(*cobra.Command, string) []string,
) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string,
	) ([]cobra.Completion, cobra.ShellCompDirective) {
		if !t.settle(cmd) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, described := map[string]bool{}, map[string]string{}
		if registry, err := t.Registry(*file); err == nil && registry != nil {
			for _, e := range registry.Events() {
				names[e.Name], described[e.Name] = fits(e.Name, typed), e.Description
			}
		}
		for _, name := range more(cmd, typed) {
			names[name] = true
		}
		for name, offered := range names {
			if !offered {
				delete(names, name)
			}
		}
		all, directive := offer(sortedKeys(names), typed)
		for i, name := range all {
			all[i] = cobra.CompletionWithDesc(name, described[name])
		}
		return all, directive
	}
}
