package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

// listed is an event of `store event list`.
type listed struct {
	Channel     string                `json:"channel"`
	Namespace   string                `json:"namespace"`
	Group       string                `json:"group"`
	Description string                `json:"description"`
	Exported    bool                  `json:"exported"`
	Reason      string                `json:"reason,omitzero"`
	Warnings    []eventschema.Warning `json:"warnings"`
}

func newList(t *cli.Tool) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the events of a service",
		Long: `List lists the events of the registry with what the export noted: where a schema judges
otherwise than the app does, and which events have no schema since JSON Schema cannot
express theirs. It checks every schema; one that cannot be used is exit code 2. It
does not connect.

JSON fields: channel, namespace, group (empty for none), description, exported, reason
(why there is no schema), warnings (path, reason)`,
		Example: `  store -s shop event list
  store event list --events events.json -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			r, err := registry(t, file)
			if err != nil {
				return err
			}
			var all []listed
			for _, e := range r.Events() {
				all = append(all, entry(e))
			}
			if err := cli.PrintList(t, cli.All(slices.Values(all)), listView()); err != nil {
				return err
			}
			return r.Check()
		},
	}
	eventsFlag(cmd, &file)
	return cmd
}

// entry takes an event's name apart: the first part is the namespace, the last the event,
// what is between them the group.
func entry(e eventschema.Event) listed {
	parts := strings.Split(e.Name, ":")
	l := listed{
		Channel: e.Name, Namespace: parts[0], Description: e.Description,
		Exported: e.Missing == "", Reason: e.Missing, Warnings: e.Warnings,
	}
	if len(parts) > 2 {
		l.Group = strings.Join(parts[1:len(parts)-1], ":")
	}
	if l.Warnings == nil {
		l.Warnings = []eventschema.Warning{}
	}
	return l
}

func listView() render.View[listed] {
	return render.View[listed]{
		Columns: []render.Column[listed]{
			{Title: "CHANNEL", Cell: func(l listed) string { return l.Channel }},
			{Title: "GROUP", Cell: func(l listed) string { return l.Group }},
			{Title: "DESCRIPTION", Cell: func(l listed) string { return l.Description }},
			{Title: "NOTES", Cell: notes},
		},
		Raw: func(dst []byte, l listed) []byte { return append(dst, l.Channel...) },
	}
}

// notes sums up what the export noted.
func notes(l listed) string {
	if !l.Exported {
		return "no schema: " + l.Reason
	}
	texts := make([]string, len(l.Warnings))
	for i, w := range l.Warnings {
		texts[i] = warning(w)
	}
	return strings.Join(texts, "; ")
}

func warning(w eventschema.Warning) string {
	if w.Path == "" {
		return w.Reason
	}
	return fmt.Sprintf("%s: %s", w.Path, w.Reason)
}
