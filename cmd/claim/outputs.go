package claim

import (
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"once":    cli.One[acquisition](),
		"release": cli.One[release](),
		"extend":  cli.One[extension](),
		"show":    cli.One[store.Claimed]().Without("scopes error"),
		"list":    cli.Many[store.Claimed](),
	}
}
