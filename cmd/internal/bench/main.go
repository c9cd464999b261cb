// Bench measures store against the tools people use today and prints one table.
//
//	go run ./cmd/internal/bench
//	go run ./cmd/internal/bench -only scan -keys 200000 -markdown
//
// It needs go, redis-server and redis-cli in PATH, and for one line node and what
// "npm --prefix testdata/interop ci" installs. It builds store, starts a server of its own on a
// loopback port, makes its own data, checks every answer it times, and leaves nothing behind.
//
// The two sides of a comparison run in turn, store, peer, store, peer, and each ratio is taken
// within one such pair: whatever slows the machine down for a while slows both halves of a pair,
// so the median of the ratios is steadier than a ratio of medians.
//
// It exits with status 1 when a run gave a wrong answer, not when a goal is missed.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(),
		os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status(err, os.Stderr))
}

// status reports err and turns it into an exit status.
func status(err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "bench: interrupted")
		return 130
	}
	fmt.Fprintf(stderr, "bench: %v\n", err)
	return 1
}

// options are the flags.
type options struct {
	keys, rows, runs, cold int
	only                   *regexp.Regexp
	binary                 string
	markdown               bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{only: &regexp.Regexp{}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.keys, "keys", 2_000_000, "keys in the store that scan lists")
	flags.IntVar(&o.rows, "rows", 1_000_000, "rows that batch set writes, and messages of a stream")
	flags.IntVar(&o.runs, "runs", 0, "pairs of runs (0: 5, and 3 for the long ones)")
	flags.IntVar(&o.cold, "cold", 60, "pairs of cold starts")
	flags.TextVar(o.only, "only", regexp.MustCompile(""), "measure only work matching `regexp`")
	flags.StringVar(&o.binary, "binary", "", "measure the store built at `path`, build none")
	flags.BoolVar(&o.markdown, "markdown", false, "print the table as Markdown")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stderr)
		flags.PrintDefaults()
	}
	return o, cmp.Or(err, o.valid(flags.NArg()))
}

// valid reports what makes no sense; below ten rows there is no tenth of them to compare with.
func (o options) valid(extra int) error {
	switch {
	case extra > 0:
		return errors.New("takes flags only")
	case o.keys < 1, o.cold < 1, o.runs < 0, o.rows < 10:
		return errors.New("-keys and -cold start at 1, -runs at 0, -rows at 10")
	}
	return nil
}

// pairs is how many pairs of runs to measure when usual many are enough.
func (o options) pairs(usual int) int {
	if o.runs > 0 {
		return o.runs
	}
	return usual
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	b, err := newWorkbench(ctx, o, stderr)
	if err != nil {
		return err
	}
	defer b.close()

	chosen := matching(measurements(b), o.only)
	if len(chosen) == 0 {
		return fmt.Errorf("no work matches -only %q", o.only)
	}
	lines, failed := measureAll(ctx, chosen, stderr)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	floor, err := b.floor(ctx)
	return errors.Join(failed, err, printReport(stdout, b.machine(), floor, lines, o.markdown))
}

// measurements lists all the work there is, in the order of the table.
func measurements(b *workbench) []measurement {
	return []measurement{
		b.coldGet(),
		b.coldEmpty(),
		b.scanKeys(),
		b.scanValues(),
		b.scanMemory(),
		b.batchGet(),
		b.batchSet(b.rows/10, 5, goal{}),
		b.batchSet(b.rows, 3, goal{ratio: 1, peak: 40}),
		b.batchSetLibrary(b.rows),
		b.pubFile(b.rows, 3, goal{ratio: 3}),
		b.subscribe("jsonl", b.rows),
		b.subscribe("table", b.rows),
		b.streamAppend(),
		b.streamRange(),
		b.streamFollow(),
		b.binarySize(),
	}
}
