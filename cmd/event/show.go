package event

import (
	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

// shown is the answer of `store event show`.
type shown struct {
	Channel     string                `json:"channel"`
	Event       string                `json:"event"`
	Description string                `json:"description"`
	Schema      store.Value           `json:"schema"`
	Example     store.Value           `json:"example"`
	Warnings    []eventschema.Warning `json:"warnings"`
}

func newShow(t *cli.Tool) *cobra.Command {
	var file string
	var onlyExample bool
	cmd := &cobra.Command{
		Use:   "show CHANNEL",
		Short: "Show the schema of an event, and an example",
		Long: `Show prints the schema by which a channel is judged, and a payload that it accepts. The
schema is that of the event of this name, or of the one that the name continues after
a colon, as the app looks it up. Where there is none the exit code is 1. With
-o raw it prints just the schema, with --example just the payload. It does not connect.

JSON fields: channel, event (whose schema it is), description, schema, example (null
where none was found), warnings (path, reason)`,
		Example: `  store -s shop event show user:created
  store -s shop event show user:created --example -o raw > payload.json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeChannels(t, &file),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := registry(t, file)
			if err != nil {
				return err
			}
			return show(t, r, args[0], onlyExample)
		},
	}
	eventsFlag(cmd, &file)
	cmd.Flags().BoolVar(&onlyExample, "example", false, "print just a payload that is accepted")
	return cmd
}

func show(t *cli.Tool, r *eventschema.Registry, channel string, onlyExample bool) error {
	e, found := r.Find(channel)
	switch {
	case !found:
		return errNone("show", channel)
	case e.Missing != "":
		return errMissing("show", e, channel)
	}
	l := entry(e)
	s := shown{channel, e.Name, e.Description, e.Schema, store.Value("null"), l.Warnings}
	example, err := r.Example(channel)
	switch {
	case err == nil:
		s.Example = example
	case onlyExample || r.Unusable(channel) != nil:
		return err
	default:
		t.Notef("store: warning: %v", err)
	}
	if onlyExample && !cli.IsJSON(t) {
		return cli.Print(t, s, render.View[shown]{
			Text: func(s shown) string { return string(s.Example) },
		})
	}
	return cli.Print(t, s, showView())
}

// showView shows an event, one property a line; raw is the schema.
func showView() render.View[shown] {
	return render.View[shown]{
		Columns: []render.Column[shown]{
			{Title: "event", Cell: func(s shown) string { return s.Event }},
			{Title: "description", Cell: func(s shown) string { return s.Description }},
			{Title: "schema", Cell: func(s shown) string { return string(s.Schema) }},
			{Title: "example", Cell: func(s shown) string { return string(s.Example) }},
			{Title: "warnings", Cell: func(s shown) string {
				return notes(listed{Exported: true, Warnings: s.Warnings})
			}},
		},
		Raw: func(dst []byte, s shown) []byte { return append(dst, s.Schema...) },
	}
}
