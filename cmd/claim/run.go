package claim

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/child"
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// runFlags are the flags of `store claim run`.
type runFlags struct {
	owner, ttl, wait, grace string
	busyCode, lostCode      int
}

func newRun(t *cli.Tool) *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run KEY --ttl D -- CMD ARGS...",
		Short: "Run a command while holding a claim",
		Long: `Run takes the claim KEY, runs CMD (directly, not through a shell), and gives the claim
back. It exits with CMD's own code; 128+N where signal N ended it. If the claim is held
by somebody else, and still is when --wait is over, CMD does not run and the exit code
is 1 (--busy-code).

The claim is renewed every third of its TTL. If it is lost all the same (somebody broke
it, or the server could not be reached before it ran out), CMD and everything in its
process group gets SIGTERM, SIGKILL after --grace and before the TTL ends, and the exit
code is 3 (--lost-code). SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on to the group.

CMD finds in its environment: STORE_CLAIM_KEY, STORE_CLAIM_OWNER, STORE_CLAIM_TTL (in
seconds) and STORE_CLAIM_FENCE. Passwords of ours are taken out of it.

What this can promise: one holder at a time, as long as pauses, clocks and failovers of
the server stay below the TTL. Where that is not enough, let the guarded resource
remember the highest STORE_CLAIM_FENCE it has seen and refuse lower ones: it grows with
every holder (it is the counter "claim-fence:KEY" of the same scope, and may repeat only
if a failover loses writes). A SIGKILL of store itself leaves CMD running. An --owner of
your own must be different for every holder.`,
		Example: `  store -s api claim run nightly --ttl 60s -- ./cleanup.sh --all
  store -s api claim run nightly --ttl 60s --busy-code 0 -- ./cleanup.sh
  store -s api claim run deploy --ttl 30s --wait 10m -- make deploy`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := flags.job(cmd, t, args)
			if err != nil {
				return err
			}
			return job.run(cmd.Context())
		},
	}
	flags.bind(cmd)
	return cmd
}

func (f *runFlags) bind(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.ttl, "ttl", "", "`time` the claim lasts without renewal: 90, 90s, 1h30m")
	s.StringVar(&f.wait, "wait", "", "how long to wait for the claim, as `30s`")
	s.StringVar(&f.owner, "owner", "",
		"`name` of the holder (default: user@host:pid and a random part)")
	s.StringVar(&f.grace, "grace", "",
		"`time` between SIGTERM and SIGKILL, at most half the TTL (default 5s)")
	s.IntVar(&f.busyCode, "busy-code", 1, "exit `code` when the claim was not to be had")
	s.IntVar(&f.lostCode, "lost-code", 3, "exit `code` when the claim was lost")
	if err := cmd.MarkFlagRequired("ttl"); err != nil {
		panic(err) // the flag is declared above
	}
}

// job is one run of a command under a claim.
type job struct {
	tool     *cli.Tool
	key      string
	command  []string
	path     string // of the program
	options  store.HoldOptions
	owner    string
	grace    time.Duration
	busyCode int
	lostCode int
}

// job checks the command line. The program is looked for before the claim is taken.
func (f *runFlags) job(cmd *cobra.Command, t *cli.Tool, args []string) (*job, error) {
	if cmd.ArgsLenAtDash() != 1 || len(args) < 2 {
		return nil, &cli.UsageError{
			Reason: "claim run wants a KEY, and -- before the command",
			Hint:   "store claim run KEY --ttl 60s -- CMD ARGS...",
		}
	}
	j := &job{
		tool: t, key: args[0], command: args[1:], busyCode: f.busyCode, lostCode: f.lostCode,
	}
	if err := j.times(cmd, f); err != nil {
		return nil, err
	}
	for _, code := range []int{f.busyCode, f.lostCode} {
		if code < 0 || code > 255 {
			return nil, cli.Usagef("an exit code is a number from 0 to 255, not %d", code)
		}
	}
	if f.owner == "" && cmd.Flags().Changed("owner") {
		return nil, cli.Usagef("the owner must not be empty")
	}
	if err := j.name(f.owner); err != nil {
		return nil, err
	}
	var err error
	j.path, err = child.LookPath("claim run", j.command[0])
	return j, err
}

// times reads the durations.
func (j *job) times(cmd *cobra.Command, f *runFlags) (err error) {
	if j.options.TTL, j.options.Wait, err = times(cmd, f.ttl, f.wait); err != nil {
		return err
	}
	j.grace = min(5*time.Second, j.options.TTL/2)
	if cmd.Flags().Changed("grace") {
		if j.grace, err = cli.ParseWait(f.grace); err != nil {
			return err
		}
	}
	if j.grace > j.options.TTL/2 {
		return cli.Usagef("--grace %s is more than half the TTL of %s", j.grace, j.options.TTL)
	}
	// Between SIGKILL and the end of the TTL there must be time to die.
	j.options.Margin = j.grace + j.options.TTL/20
	return nil
}

// name gives the holder a name. Ours has 128 random bits; nobody else can have it.
func (j *job) name(given string) (err error) {
	j.owner = given
	if given == "" {
		j.options.Unique = true
		host, err := os.Hostname()
		if err != nil {
			host = "unknown-host"
		}
		user := j.tool.Getenv("USER")
		if user == "" {
			user = "uid" + strconv.Itoa(os.Getuid())
		}
		j.owner = fmt.Sprintf("%s@%s:%d:%s", user, host, os.Getpid(), rand.Text())
	}
	j.options.Owner, err = store.StringValue(j.owner)
	return err
}

// run takes the claim, runs the command, and gives the claim back.
func (j *job) run(ctx context.Context) error {
	client, err := j.tool.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	signals := child.Listen()
	defer signals.Stop()
	waiting, stop := signals.Ending(ctx)
	held, err := client.Claim().Hold(waiting, j.key, j.options)
	interrupted := stop()
	switch {
	case err != nil:
		return err
	case held == nil && interrupted == nil:
		return j.busy(ctx, client)
	case held == nil:
		return interrupted
	}
	var status int
	if err = interrupted; err == nil { // not told to end just when the claim came
		status, err = j.supervise(held, signals)
	}
	// The claim is given back whatever has happened, also to ctx.
	ours, releaseErr := held.Release(context.WithoutCancel(ctx))
	switch {
	case err != nil:
		return err
	case releaseErr != nil:
		j.tool.Notef("store: claim run %q: the claim could not be released (%v); it ends by itself in %s",
			j.key, releaseErr, max(held.Remaining(), 0).Round(time.Second))
	case !ours:
		return j.lost(fmt.Errorf("claim run %q: the claim was lost before the command ended", j.key))
	}
	if status != 0 {
		return &cli.Exit{Code: status}
	}
	return nil
}

// busy is the end of a run whose claim was not to be had.
func (j *job) busy(ctx context.Context, client *store.Client) error {
	other, err := holder(ctx, client, j.key)
	if err != nil {
		return err
	}
	reason := fmt.Sprintf("claim run %q: not run, %s", j.key, heldBy(other))
	return &cli.Exit{Code: j.busyCode, Err: &cli.No{Reason: reason}}
}

// lost is the end of a run whose claim was lost.
func (j *job) lost(cause error) error { return &cli.Exit{Code: j.lostCode, Err: cause} }
