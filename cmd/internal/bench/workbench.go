package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// workbench is what every measurement shares: the programs, a server, a place for files.
type workbench struct {
	options
	server *server
	dir    string
	store  string // path of the store binary
	cli    string // path of redis-cli
	log    io.Writer
}

// newWorkbench builds store and starts a server; close undoes both.
func newWorkbench(ctx context.Context, o options, log io.Writer) (*workbench, error) {
	dir, err := os.MkdirTemp("", "store-bench-")
	if err != nil {
		return nil, err
	}
	b := &workbench{options: o, dir: dir, log: log}
	if err := b.setUp(ctx); err != nil {
		b.close()
		return nil, cmp.Or(ctx.Err(), err)
	}
	return b, nil
}

func (b *workbench) setUp(ctx context.Context) error {
	daemon, err := tool("redis-server")
	if err != nil {
		return err
	}
	if b.cli, err = tool("redis-cli"); err != nil {
		return err
	}
	if b.store, err = b.storeBinary(ctx); err != nil {
		return err
	}
	b.server, err = startServer(ctx, daemon, b.cli, b.dir, b.environment())
	return err
}

func (b *workbench) close() {
	if b.server != nil {
		b.server.stop()
	}
	if err := os.RemoveAll(b.dir); err != nil {
		fmt.Fprintf(b.log, "bench: %v\n", err)
	}
}

// tool finds a program without which nothing can be measured.
func tool(name string) (string, error) {
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("%s is not in PATH; install it first", name)
	}
	return path, err
}

// storeBinary builds store as it is released, unless one was given.
func (b *workbench) storeBinary(ctx context.Context) (string, error) {
	if b.binary == "" {
		return b.build(ctx, "store", "github.com/tenantstore/store")
	}
	path, err := filepath.Abs(b.binary)
	if err != nil {
		return "", err
	}
	return exec.LookPath(path)
}

// releaseFlags are those a release is built with. Functions that begin at every 16th
// byte instead of every 32nd, and an embedded server without inlining, which nobody runs
// for its speed, take 0.7 MB of 15.1 off the program.
func releaseFlags() []string {
	return []string{
		"-trimpath", "-ldflags=-s -w -funcalign=16",
		"-gcflags=github.com/alicebob/miniredis/...=-l",
		"-gcflags=github.com/yuin/gopher-lua/...=-l",
	}
}

// build compiles what, a package or a file, with the settings of a release.
func (b *workbench) build(ctx context.Context, name, what string) (string, error) {
	fmt.Fprintf(b.log, "building %s\n", name)
	out := b.path(name)
	args := append([]string{"build", "-buildvcs=false", "-o", out}, releaseFlags()...)
	args = append(args, what)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, text)
	}
	return out, nil
}

// environment keeps settings of the person who measures out of what is measured.
func (b *workbench) environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "TMPDIR=" + b.dir}
}

// path names a file of the workbench.
func (b *workbench) path(name string) string { return filepath.Join(b.dir, name) }

// machine says where the figures come from: they mean nothing without it.
func (b *workbench) machine() string {
	return fmt.Sprintf("%d cores, %s/%s, %s, redis-server %s, %s",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		b.server.version, time.Now().Format(time.DateOnly))
}

// storeArgs is a command line of store for the tenant the measurements work on.
func (b *workbench) storeArgs(args ...string) []string {
	return append([]string{
		b.store, "--url", b.server.url(),
		"-s", "api", "--scope", "tenant=t1",
	}, args...)
}

// cliArgs is a command line of redis-cli.
func (b *workbench) cliArgs(args ...string) []string {
	return append([]string{b.cli, "-p", b.server.port}, args...)
}
