package counter

import (
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"increment": cli.One[store.Count](),
		"decrement": cli.One[store.Count](),
		"get":       cli.One[store.Count]().Or(cli.One[absence]()),
		"set":       cli.One[store.Change]().Without("error"),
		"expire":    cli.One[store.Change]().Without("error"),
		"ttl":       cli.One[store.Entry]().Without("value error"),
		"remove":    cli.One[store.Change]().Without("error"),
	}
}
