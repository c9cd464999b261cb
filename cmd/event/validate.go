package event

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

// verdict is the answer of `store event validate`.
type verdict struct {
	Channel    string            `json:"channel"`
	Known      bool              `json:"known"`
	Event      string            `json:"event,omitzero"`
	Valid      bool              `json:"valid"`
	Violations []store.Violation `json:"violations"`
}

func newValidate(t *cli.Tool) *cobra.Command {
	var file string
	var strict bool
	cmd := &cobra.Command{
		Use:   "validate CHANNEL DATA|-|@FILE",
		Short: "Say whether a payload fits the schema of its event",
		Long: `Validate judges a payload by the schema of its event, as the app does before it
publishes. It prints true and exits with 0, or prints false, lists every violation on
stderr, and exits with 2. A channel that no schema judges is valid, with a note; with
--strict-events it is exit code 2. DATA is JSON, - reads standard input, @FILE a file.
It does not connect.

JSON fields: channel, known (a schema judges it), event (whose schema it is), valid,
violations (path as a JSON Pointer, keyword, message)`,
		Example: `  store -s shop event validate user:created '{"userId":"u1"}'
  store event validate user:created @payload.json --events events.json --strict-events`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeChannels(t, &file),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := registry(t, file)
			if err != nil {
				return err
			}
			data, err := t.Value(args[1], false)
			if err != nil {
				return err
			}
			return judge(t, r, args[0], data, strict)
		},
	}
	eventsFlag(cmd, &file)
	cmd.Flags().BoolVar(&strict, "strict-events", false, "refuse channels that no schema judges")
	return cmd
}

func judge(t *cli.Tool, r *eventschema.Registry, channel string, data store.Value,
	strict bool,
) error {
	known, violations, err := r.Validate(channel, data)
	if err != nil {
		return err
	}
	if !known && strict {
		return failure(store.CodeSchemaChannelNotFound, channel, "no schema judges it", nil)
	}
	v := verdict{Channel: channel, Known: known, Valid: len(violations) == 0, Violations: violations}
	if e, found := r.Find(channel); found {
		v.Event = e.Name
	}
	if v.Violations == nil {
		v.Violations = []store.Violation{}
	}
	view := render.View[verdict]{
		Text: func(v verdict) string { return strconv.FormatBool(v.Valid) },
	}
	if err := cli.Print(t, v, view); err != nil {
		return err
	}
	if !v.Valid {
		reason := fmt.Sprintf("the payload does not fit the schema of %q, violations: %d",
			v.Event, len(violations))
		return failure(store.CodeSchemaValidation, channel, reason, violations)
	}
	if !known {
		t.Notef("event validate %q: no schema judges it", channel)
	}
	return nil
}

// failure is the error of a payload or a channel that is refused.
func failure(code store.Code, channel, reason string, violations []store.Violation) error {
	hint := "store event show prints the schema, and a payload that it accepts"
	if code == store.CodeSchemaChannelNotFound {
		hint = "store event list shows what is judged; leave out --strict-events for the rest"
	}
	return &cli.HintError{Hint: hint, Err: &store.Error{
		Kind: store.ErrInvalid, Code: code, Op: "event validate", Key: channel,
		Reason: reason, Details: violations,
	}}
}
