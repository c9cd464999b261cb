package group

import (
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"group ensure": cli.One[ensured](),
		"group list":   cli.Many[store.GroupInfo](),
		"group remove": cli.One[removed](),
		"group set-id": cli.One[position](),
	}
}
