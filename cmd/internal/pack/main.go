// Pack builds the Linux packages for this machine's architecture into a folder, from the same
// .goreleaser.yaml as a release but without goreleaser, which takes long to compile.
//
//	go run ./cmd/internal/pack DIR
//	go run ./cmd/internal/pack DIR deb
//
// It runs in the folder that holds .goreleaser.yaml. The packages have the version that the
// program in them prints: of the tag, or one that is made of the commit.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "pack: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("wants a folder to write to, and the kinds of packages, if not all")
	}
	dir, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	r, err := readRelease(".goreleaser.yaml")
	if err != nil {
		return err
	}
	kinds := args[1:]
	if len(kinds) == 0 {
		kinds = []string{"deb", "rpm", "apk"}
	}
	return r.pack(ctx, dir, kinds)
}

// pack builds the program and its pages, and packages of the given kinds.
func (r *release) pack(ctx context.Context, dir string, kinds []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := command(ctx, r.buildArgs(filepath.Join(dir, "store"))...); err != nil {
		return err
	}
	return r.wrap(ctx, dir, kinds)
}

// wrap builds packages of the program in dir, and its pages.
func (r *release) wrap(ctx context.Context, dir string, kinds []string) error {
	config := filepath.Join(dir, "nfpm.yaml")
	if err := command(ctx, "run", "./cmd/internal/man", "-gzip", filepath.Join(dir, "man", "gz")); err != nil {
		return err
	}
	if err := r.writeConfig(config, dir); err != nil {
		return err
	}
	for _, kind := range kinds {
		err := command(ctx, "run", nfpm, "package", "-f", config, "-p", kind, "-t", dir)
		if err != nil {
			return err
		}
	}
	return nil
}

// nfpm makes the packages. It is the version that is part of the goreleaser that
// .goreleaser.yaml names.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2"

// outputDelay is how long what go has started may go on once go itself was killed.
const outputDelay = 5 * time.Second

// command runs go. The error holds what go printed, and why ctx ended if it did.
func command(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=0")
	if args[0] == "build" { // what is only run here is in the build cache as it is
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
	cmd.WaitDelay = outputDelay
	if text, err := cmd.CombinedOutput(); err != nil {
		err = errors.Join(err, context.Cause(ctx))
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args[:2], " "), err, text)
	}
	return nil
}
