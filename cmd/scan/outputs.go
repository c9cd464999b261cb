package scan

import (
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	return cli.Outputs{
		"": cli.Many[store.Item]().Or(cli.One[store.ScanPage]()), // the latter with --cursor
	}
}
