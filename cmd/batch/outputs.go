package batch

import (
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"get":    cli.Many[store.Entry]().Without("ttl"),
		"set":    cli.One[report](),
		"remove": cli.One[report](),
	}
}
