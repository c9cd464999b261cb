// Package config holds the commands of `store config`.
package config

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// New returns the group `store config`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:     "config",
		Short:   "Look at the settings in effect",
		Long:    `Look at the settings in effect. See store help environment for where they come from.`,
		Example: `  store config show`,
	}
	group.AddCommand(newShow(t))
	return group
}
