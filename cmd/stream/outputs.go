package stream

import (
	"maps"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/cmd/stream/group"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what is printed as JSON.
func Outputs() cli.Outputs {
	outputs := group.Outputs()
	maps.Copy(outputs, cli.Outputs{
		"append":          cli.One[appended]().Or(cli.One[report]().Without("unchanged")), // the latter with -f
		"range":           cli.Many[store.Message]().Without("deleted"),
		"tail":            cli.One[store.Message]().Without("deleted"),
		"list":            cli.Many[store.StreamItem](),
		"info":            cli.One[store.StreamInfo](),
		"trim":            cli.One[store.Trimmed](),
		"remove":          cli.One[counted]().Without("group"),
		"read":            cli.Many[store.Message](),
		"ack":             cli.One[counted](),
		"pending":         cli.One[store.PendingSummary]().Or(cli.Many[store.PendingEntry]()),
		"claim":           cli.Many[store.Message](),
		"check":           cli.One[store.Health](),
		"consumer list":   cli.Many[store.ConsumerInfo](),
		"consumer retire": cli.One[store.Retired](),
	})
	return outputs
}
