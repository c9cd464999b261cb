package context

import (
	"github.com/tenantstore/store/cmd/internal/cli"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"list":     cli.Many[cli.Context](),
		"show":     cli.One[cli.Context](),
		"current":  cli.One[cli.Context](),
		"use":      cli.One[cli.Context](),
		"previous": cli.One[cli.Context](),
		"add":      cli.One[cli.Context](),
		"edit":     cli.One[cli.Context](),
		"remove":   cli.One[cli.Context](),
	}
}
