// Package consumer holds the commands of `store stream consumer`.
package consumer

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// New returns the group `store stream consumer`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "consumer",
		Short: "List and retire the consumers of a group",
		Long: `A consumer is a name under which messages of a group are read. What it was given and has
not acknowledged is pending under that name.`,
		Example: `  store -s api stream consumer list jobs --group workers
  store -s api stream consumer retire jobs --group workers --consumer w1 --to w2`,
	}
	group.AddCommand(newList(t), newRetire(t))
	for _, cmd := range group.Commands() {
		t.CompleteMembers(cmd)
	}
	return group
}

// require makes a flag required that was declared just before.
func require(cmd *cobra.Command, flag string) {
	if err := cmd.MarkFlagRequired(flag); err != nil {
		panic(err) // it is declared
	}
}
