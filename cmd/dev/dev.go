// Package dev holds the command `store dev`.
package dev

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/child"
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// Filler fills an embedded server with the data of sample tenants.
type Filler func(ctx context.Context, env cli.Env, memory *store.Memory) error

// flags are the flags of `store dev`.
type flags struct {
	listen, data, saveEvery string
	demo, noPassword        bool
}

// New returns the command `store dev`. What fill does is what --demo asks for.
func New(t *cli.Tool, fill Filler) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "dev [-- COMMAND...]",
		Short: "Run a server for trying things and for tests",
		Long: `Dev serves an embedded, Redis-compatible server on the loopback interface until it is
stopped with SIGINT or SIGTERM (exit code 130 or 143, as with every command). The first
line on stdout says where it is, as STORE_URL=…; with -o raw it is the bare URL. It holds
the password, which is made anew each time. Nothing else shows it.

With a command behind -- it takes a free port, runs the command with STORE_URL and
REDIS_URL set, and ends with its exit code, 128+N where signal N ended it. What in the
environment would lead elsewhere or log in there is taken out: STORE_CONTEXT,
STORE_USERNAME, the passwords, STORE_TLS_…; the user's config file is not read
(STORE_CONFIG).

--data FILE loads the data from FILE, if it is there, and saves them when dev ends and
every --save-every in which there were commands; a SIGKILL or a power cut loses no more
than that. FILE is replaced in one step and never half written; one that is broken, or in
use by another dev, is refused and left alone. It is for this user alone (mode 0600).
Kept are strings, hashes, lists, sets, sorted sets and streams with their consumer groups
and what is pending there, and TTLs as the times at which they end. Not kept are
HyperLogLogs (dev says so), scripts, subscriptions, how long a consumer was idle, and the
last id of a stream whose newest entries were deleted: it may be given out again.

It is not for production, and no measure for one: it is one process that keeps all in
memory, answers SCAN in one page, knows fewer commands than Redis, and takes no inline
commands. In the patterns of channels (PSUBSCRIBE) ? and classes like [a-c] stand for a
character, not a byte; classes hold ASCII letters, digits and _:. alone; other patterns
are refused, and all of them that are not UTF-8. Keys match as they do in Redis.
Malformed input and stalled clients do no harm to others; a script that does not end does.

JSON fields: url, address, pid, keys (loaded from --data or --demo), data (the file)`,
		Example: `  store dev
  store dev --listen 127.0.0.1:0 -o raw
  store dev --demo --data ./dev.data
  store dev -- npm test
  store dev --demo -- sh -c 'store -s shop --scope tenant=acme scan'`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := f.server(cmd, t, args)
			if err != nil {
				return err
			}
			d.fill = fill
			return d.run(cmd.Context())
		},
	}
	f.bind(cmd)
	return cmd
}

func (f *flags) bind(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.listen, "listen", "127.0.0.1:6379",
		"`ADDRESS` on the loopback interface; port 0 takes a free one, as does a command behind --")
	s.BoolVar(&f.demo, "demo", false, "begin with the data of two sample tenants of the service shop")
	s.StringVar(&f.data, "data", "", "load the data from `FILE`, and save them there")
	s.StringVar(&f.saveEvery, "save-every", "1m", "`time` between savings to --data")
	s.BoolVar(&f.noPassword, "no-password", false, "let every process of this machine in")
	if err := cmd.RegisterFlagCompletionFunc("listen", cobra.FixedCompletions(
		[]cobra.Completion{"127.0.0.1:0", "127.0.0.1:6379", "[::1]:6379"}, cobra.ShellCompDirectiveNoFileComp,
	)); err != nil {
		panic(err) // the flag is declared above
	}
	if err := cmd.RegisterFlagCompletionFunc("save-every", cobra.NoFileCompletions); err != nil {
		panic(err)
	}
}

// devServer is one run of `store dev`.
type devServer struct {
	tool     *cli.Tool
	fill     Filler
	demo     bool
	listen   string
	password string
	every    time.Duration
	data     string   // the file, or ""
	command  []string // or none
	path     string   // of its program
	memory   *store.Memory
}

// server checks the command line.
func (f *flags) server(cmd *cobra.Command, t *cli.Tool, args []string) (*devServer, error) {
	d := &devServer{tool: t, demo: f.demo, listen: f.listen, data: f.data, command: args}
	switch dash := cmd.ArgsLenAtDash(); {
	case dash > 0 || dash < 0 && len(args) > 0:
		return nil, &cli.UsageError{
			Reason: fmt.Sprintf("unknown argument %q", args[0]), Hint: "a command goes behind --: store dev -- COMMAND...",
		}
	case dash == 0 && len(args) == 0:
		return nil, cli.Usagef("there is no command behind --")
	case len(args) > 0 && !cmd.Flags().Changed("listen"):
		d.listen = "127.0.0.1:0"
	}
	var err error
	if d.every, err = cli.ParseWait(f.saveEvery); err != nil {
		return nil, cli.Usagef("--save-every: %v", err)
	}
	if f.data == "" && (cmd.Flags().Changed("save-every") || cmd.Flags().Changed("data")) {
		return nil, cli.Usagef("--data must name a file")
	}
	if err := checkLoopback(d.listen); err != nil {
		return nil, err
	}
	if !f.noPassword {
		d.password = rand.Text()
	}
	if len(args) > 0 {
		d.path, err = child.LookPath("dev", args[0])
	}
	return d, err
}

// checkLoopback refuses addresses that other machines could reach.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return &cli.UsageError{
			Reason: fmt.Sprintf("--listen %s: %v", address, plain(err)), Hint: "write --listen 127.0.0.1:6379",
		}
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return &cli.UsageError{
		Reason: fmt.Sprintf("--listen %s: dev serves this machine alone", address),
		Hint:   "write --listen 127.0.0.1:6379 or [::1]:6379; for other machines run redis-server",
	}
}

// plain returns the reason of an error without the address, which is told already.
func plain(err error) error {
	if e, ok := errors.AsType[*net.AddrError](err); ok {
		return errors.New(e.Err)
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err
	}
	return err
}
