// Package sub holds the command `store sub`.
package sub

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// flags are the flags of the command.
type flags struct {
	recursive, allServices bool
	count                  int
	duration               string
	include, exclude       string
	validate               bool
	events                 string
	command                string
	jobs                   int
	maxWait, probe         string
	gaps, failOnGap        bool
}

// New returns the command `store sub`.
func New(t *cli.Tool) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "sub CHANNEL...",
		Short: "Listen to events",
		Long: `Sub prints events as they arrive, until it is told to stop. In a channel * stands for any
characters, and nothing else is special. An event that several of the channels match is
printed once. With -o json or jsonl, and with --jq, each event is one line of JSON; with
-o raw it is its data. What is not an envelope of the npm library is shown as the data
of an event of that channel, received now ("wrapped"); what is not JSON as a string,
marked "invalid". Data is passed on as it arrived.

Events are not stored, so what is published while nobody listens is lost. When the
connection breaks sub connects again (after 0.1 to 10 seconds, for ever, or for
--max-wait and then exits with 4), and says on stderr from when to when it may have been
deaf: "gap: …". The same is a record with --gaps. With --fail-on-gap the first gap ends
it with 5. A gap begins when the server last gave a sign of life: it is asked for one
every second, or twice within --probe where that is less. A server that is silent for
--probe and then does not answer for as long is given up.

When the output is read too slowly, up to 64 MiB of events wait in memory; beyond, they
are dropped, counted, and told as a gap. When sub is stopped by a signal, what has
arrived is printed before it ends.

--exec runs a command for each event instead of printing it. The command line is split
into words at spaces; quotes '…' and "…" and \ keep words together. There is no shell:
write --exec "sh -c '…'" for one. The event is one line of JSON on its standard input,
and our passwords are not in its environment. Commands that fail are counted and
reported, and the exit code is 5 in the end. When sub is stopped, commands that run get
five seconds to finish.

It exits with 0 when --count events have come, and after --for with 0 if any came and
with 1 if none did. What the server refuses (NOPERM, a wrong password) ends it at once.

JSON fields: channel, service (with --all-services), scopes (key, identifier; with
--recursive or --all-services), type, data, timestamp, scope (key, identifier), actor
(key, identifier), extra (what else is in the envelope), wrapped, invalid (json or
utf-8), valid and violations (path, keyword, message; with --validate); with --gaps
also gap (from, to, seconds, reason, dropped)`,
		Example: `  store -s api --scope organization=org_1 sub 'user:*'
  store -s api sub user:created --count 1 --for 30s --jq .data.id
  store -s api sub '*' --recursive -o jsonl --gaps >> audit.jsonl
  store -s api sub job:done --exec './notify.sh --quietly' --jobs 4`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: t.CompleteChannels(&f.events),
		RunE: func(cmd *cobra.Command, args []string) error {
			tail, err := f.tail(cmd, t, args)
			if err != nil {
				return err
			}
			return tail.run(cmd.Context())
		},
	}
	f.bind(cmd)
	return cmd
}

func (f *flags) bind(cmd *cobra.Command) {
	s := cmd.Flags()
	s.BoolVar(&f.recursive, "recursive", false, "events of child scopes too")
	s.BoolVar(&f.allServices, "all-services", false,
		"events of all services of the prefix, with their scopes")
	s.IntVar(&f.count, "count", 0, "stop after `N` events")
	s.StringVar(&f.duration, "for", "", "stop after this `time`: 30s, 5m")
	s.StringVar(&f.include, "include", "", "only events whose data matches a regular `expression`")
	s.StringVar(&f.exclude, "exclude", "", "no events whose data matches a regular `expression`")
	s.BoolVar(&f.validate, "validate", false, "check events against their schemas, and mark them")
	s.StringVar(&f.events, "events", "", "`FILE` with the schemas, for --validate")
	s.StringVar(&f.command, "exec", "", "run `CMD` for each event, the event on its standard input")
	s.IntVar(&f.jobs, "jobs", 1, "with --exec: how many commands run at once")
	s.StringVar(&f.maxWait, "max-wait", "", "how long to try to reconnect (default: for ever)")
	s.StringVar(&f.probe, "probe", "", "`time` of silence after which the server is asked whether "+
		"it is there, and which it has to answer (default 10s)")
	s.BoolVar(&f.gaps, "gaps", false, "print gaps as records too (JSON only)")
	s.BoolVar(&f.failOnGap, "fail-on-gap", false, "exit with 5 at the first gap")
}

// tail is one run of the command.
type tail struct {
	tool    *cli.Tool
	flags   *flags
	options store.SubscribeOptions
	span    time.Duration // 0: until told to stop
	include *regexp.Regexp
	exclude *regexp.Regexp
	open    []store.Option
	words   []string // of --exec
	place   string   // the scopes in effect, as lines show them

	counts counts
	stderr sync.Mutex
}

// say writes a line to stderr, also under --quiet.
func (l *tail) say(format string, args ...any) {
	l.stderr.Lock()
	defer l.stderr.Unlock()
	fmt.Fprintln(l.tool.Err, l.tool.Legible(fmt.Sprintf(format, args...)))
}

// tail checks the command line.
func (f *flags) tail(cmd *cobra.Command, t *cli.Tool, channels []string) (*tail, error) {
	l := &tail{tool: t, flags: f, counts: newCounts(t.Now())}
	l.options = store.SubscribeOptions{
		Channels: channels, Recursive: f.recursive, AllServices: f.allServices,
		Validate: f.validate,
	}
	changed := cmd.Flags().Changed
	switch {
	case changed("count") && f.count < 1:
		return nil, cli.Usagef("--count is a number from 1 on")
	case f.jobs < 1 || changed("jobs") && f.command == "":
		return nil, cli.Usagef("--jobs is a number from 1 on, and goes with --exec")
	case changed("events") && !f.validate:
		return nil, cli.Usagef("--events is for --validate")
	case f.gaps && !cli.IsJSON(t):
		return nil, cli.Usagef("--gaps prints records; add -o jsonl")
	}
	for _, step := range []func() error{
		func() error { return wait(cmd, "for", f.duration, &l.span) },
		func() error { return wait(cmd, "max-wait", f.maxWait, &l.options.MaxWait) },
		func() error { return wait(cmd, "probe", f.probe, &l.options.Probe) },
		func() (err error) { l.include, err = pattern(cmd, "include", f.include); return err },
		func() (err error) { l.exclude, err = pattern(cmd, "exclude", f.exclude); return err },
		func() (err error) { l.words, err = commandLine(cmd, f.command); return err },
		l.schemas,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// wait reads a duration, where it is given.
func wait(cmd *cobra.Command, name, text string, into *time.Duration) error {
	if !cmd.Flags().Changed(name) {
		return nil
	}
	d, err := cli.ParseWait(text)
	if err != nil {
		return cli.Usagef("--%s: %v", name, err)
	}
	*into = d
	return nil
}

// pattern compiles a regular expression, where it is given.
func pattern(cmd *cobra.Command, name, text string) (*regexp.Regexp, error) {
	if !cmd.Flags().Changed(name) {
		return nil, nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, cli.Usagef("--%s: %v", name, err)
	}
	return re, nil
}

// schemas reads the schemas, where they are wanted.
func (l *tail) schemas() error {
	if !l.flags.validate {
		return nil
	}
	validator, err := l.tool.Events(l.flags.events)
	if err != nil {
		return err
	}
	if validator == nil {
		return &cli.UsageError{
			Reason: "--validate needs schemas, and there are none",
			Hint:   "name a file with --events",
		}
	}
	l.open = append(l.open, store.WithEvents(validator, l.tool.Validation))
	return nil
}

// errOver is the cause of a context whose --for is over.
var errOver = errors.New("over")

// memoryLimit is what this process is to stay below while the backlog is full; without
// it, the garbage of as much again would be waited for.
const memoryLimit = 112 << 20

// limitMemory sets the limit, unless the user has set one, and returns what undoes that.
func limitMemory() (undo func()) {
	before := debug.SetMemoryLimit(-1)
	if before > memoryLimit {
		debug.SetMemoryLimit(memoryLimit)
	}
	return func() { debug.SetMemoryLimit(before) }
}

// run listens until something ends it.
func (l *tail) run(ctx context.Context) error {
	defer limitMemory()()
	client, err := l.tool.Open(l.open...)
	if err != nil {
		return err
	}
	defer client.Close()
	span, cancel := ctx, context.CancelFunc(func() {})
	if l.span > 0 {
		span, cancel = context.WithTimeoutCause(ctx, l.span, errOver)
	}
	defer cancel()
	if l.words != nil {
		return l.end(l.execute(ctx, span, client))
	}
	span, stop := watchReader(span, l.tool.Out)
	defer stop()
	return l.end(l.print(span, client))
}
