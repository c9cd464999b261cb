package stream

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

func newInfo(t *cli.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "info STREAM",
		Short: "Show what the server knows about a stream",
		Long: `Info shows the length of a stream, its first and last id, and its groups. It exits with
1 when there is no such stream. What the server does not tell is left out.

JSON fields: stream, found, length, firstId, lastId, lastGeneratedId (also of an entry that
was deleted), maxDeletedId, entriesAdded, groups (name, consumers, pending,
lastDeliveredId, entriesRead, lag)`,
		Example:           `  store -s api stream info jobs`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: t.CompleteKey(store.NamespaceStreams),
		RunE: t.WithClient(func(cmd *cobra.Command, c *store.Client, args []string) error {
			info, err := c.Streams().Info(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if info.Found || cli.IsJSON(t) {
				err = cli.Print(t, info, infoView(info))
			}
			if err == nil && !info.Found {
				err = noStream("stream info", args[0])
			}
			return err
		}),
	}
}

// infoView shows a stream, one property a line.
func infoView(info store.StreamInfo) render.View[store.StreamInfo] {
	type property = render.Column[store.StreamInfo]
	show := func(text string) func(store.StreamInfo) string {
		return func(store.StreamInfo) string { return text }
	}
	columns := []property{
		{Title: "stream", Cell: show(info.Stream)},
		{Title: "length", Cell: show(number(info.Length))},
	}
	for _, id := range []struct{ title, text string }{
		{"first id", info.FirstID},
		{"last id", info.LastID},
		{"last generated id", info.LastGenerated},
	} {
		if id.text != "" {
			columns = append(columns, property{Title: id.title, Cell: show(id.text)})
		}
	}
	if info.Added != nil {
		columns = append(columns, property{Title: "entries added", Cell: show(number(*info.Added))})
	}
	var names []string
	for _, g := range info.Groups {
		names = append(names, g.Name+" (lag "+g.Lag.String()+", pending "+number(g.Pending)+")")
	}
	groups := property{Title: "groups", Cell: show(strings.Join(names, ", "))}
	return render.View[store.StreamInfo]{
		Columns: append(columns, groups),
		Raw:     func(dst []byte, i store.StreamInfo) []byte { return append(dst, number(i.Length)...) },
	}
}
