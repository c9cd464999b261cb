package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/pkg/store"
)

// CompleteMembers completes the flags of a command that name a group or its consumers. The
// stream is the first argument, and has to stand before them on the line.
func (t *Tool) CompleteMembers(cmd *cobra.Command) {
	for flag, complete := range map[string]cobra.CompletionFunc{
		"group": t.completeGroup, "consumer": t.completeConsumer, "to": t.completeConsumer,
		"dead-letter": t.CompleteKeys(store.NamespaceStreams),
	} {
		if cmd.Flags().Lookup(flag) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // it is there; another function is
		}
	}
}

// CompleteStreamGroup completes a stream and then one of its groups.
func (t *Tool) CompleteStreamGroup() cobra.CompletionFunc {
	streams := t.CompleteKey(store.NamespaceStreams)
	return func(cmd *cobra.Command, args []string, typed string,
	) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return t.completeGroup(cmd, args, typed)
		}
		return streams(cmd, args, typed)
	}
}

// completeGroup completes the groups of the stream that is named.
func (t *Tool) completeGroup(cmd *cobra.Command, args []string, typed string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return t.completion(fmt.Sprintf("groups %q", args[0]), func(ctx context.Context,
		client *store.Client, _ string, found func(string),
	) {
		groups, _, _ := client.Streams().Groups(ctx, args[0])
		for _, g := range groups {
			found(g.Name)
		}
	})(cmd, args, typed)
}

// completeConsumer completes the consumers of the stream and the group that are named.
func (t *Tool) completeConsumer(cmd *cobra.Command, args []string, typed string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	group, err := cmd.Flags().GetString("group")
	if len(args) == 0 || err != nil || group == "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return t.completion(fmt.Sprintf("consumers %q %q", args[0], group), func(ctx context.Context,
		client *store.Client, _ string, found func(string),
	) {
		consumers, _ := client.Streams().Group(args[0], group).Consumers(ctx)
		for _, c := range consumers {
			found(c.Name)
		}
	})(cmd, args, typed)
}
