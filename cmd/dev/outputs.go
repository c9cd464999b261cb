package dev

import (
	"github.com/tenantstore/store/cmd/internal/cli"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"": cli.One[served](),
	}
}
