package kv

import (
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"get":     cli.One[store.Entry]().Without("error"),
		"set":     cli.One[store.Change]().Without("error"),
		"exists":  cli.One[existence](),
		"remove":  cli.One[store.Change]().Without("error").Or(cli.Many[store.Change]()),
		"expire":  cli.One[store.Change]().Without("error"),
		"touch":   cli.One[store.Change]().Without("error"),
		"persist": cli.One[store.Change]().Without("error"),
		"ttl":     cli.One[store.Entry]().Without("value error"),
		"edit":    cli.One[store.Change]().Without("error"),
	}
}
