// Package event holds the commands of `store event`.
package event

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

// New returns the group `store event`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "event",
		Short: "Look at the schemas of events, and judge payloads",
		Long: `Look at the schemas of a service's events, and judge payloads by them as the app does.
They are in a registry, a file that the app exports: --events names it, or "events"
of the service in the config file. None of these commands connects.`,
		Example: `  store -s shop event list
  store -s shop event validate user:created '{"userId":"u1"}'`,
	}
	group.AddCommand(newList(t), newShow(t), newValidate(t))
	return group
}

// eventsFlag declares --events.
func eventsFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "events", "", "registry `FILE` of the service's events")
}

// registry returns the registry in effect. There must be one.
func registry(t *cli.Tool, file string) (*eventschema.Registry, error) {
	r, err := t.Registry(file)
	if err == nil && r == nil {
		err = &cli.UsageError{
			Reason: "there is no registry of events for the service " + fmt.Sprintf("%q", t.Service),
			Hint:   "name one with --events FILE, or with events: FILE of the service in the config file",
		}
	}
	return r, err
}

// completeChannels offers the events of the registry, and then files.
func completeChannels(t *cli.Tool, file *string) cobra.CompletionFunc {
	events := t.CompleteEvents(file)
	return func(cmd *cobra.Command, args []string, typed string) (
		[]cobra.Completion, cobra.ShellCompDirective,
	) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return events(cmd, args, typed)
	}
}

// errNone is the answer where nothing judges a channel.
func errNone(op, channel string) error {
	return &cli.No{Reason: fmt.Sprintf("event %s %q: no schema judges it", op, channel)}
}

// errMissing is the answer where the app judges a channel and its schema is not there.
func errMissing(op string, e eventschema.Event, channel string) error {
	return &cli.No{Reason: fmt.Sprintf("event %s %q: the schema of %q could not be exported: %s",
		op, channel, e.Name, e.Missing)}
}
