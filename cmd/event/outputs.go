package event

import (
	"github.com/tenantstore/store/cmd/internal/cli"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"list":     cli.Many[listed](),
		"show":     cli.One[shown](),
		"validate": cli.One[verdict](),
	}
}
