// Package group holds the commands of `store stream group`.
package group

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// New returns the group `store stream group`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "group",
		Short: "Create, list and move consumer groups",
		Long: `A consumer group shares the messages of a stream among its consumers and remembers which
of them have been acknowledged.`,
		Example: `  store -s api stream group ensure jobs workers
  store -s api stream group list jobs`,
	}
	group.AddCommand(newEnsure(t), newList(t), newRemove(t), newSetID(t))
	return group
}
