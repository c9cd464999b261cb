package kv

import (
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"get":     cli.One[store.Entry](),
		"set":     cli.One[store.Change](),
		"exists":  cli.One[existence](),
		"remove":  cli.One[store.Change]().Or(cli.Many[store.Change]()),
		"expire":  cli.One[store.Change](),
		"touch":   cli.One[store.Change](),
		"persist": cli.One[store.Change](),
		"ttl":     cli.One[store.Entry](),
		"edit":    cli.One[store.Change](),
	}
}
