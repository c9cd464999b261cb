// Pack builds the Linux packages for this machine's architecture into a folder, from the same
// .goreleaser.yaml as a release but without goreleaser, which takes long to compile.
//
//	go run ./cmd/internal/pack DIR
//	go run ./cmd/internal/pack DIR deb
//
// It runs in the folder that holds .goreleaser.yaml.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
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
	binary, config := filepath.Join(dir, "store"), filepath.Join(dir, "nfpm.yaml")
	if err := command(ctx, append([]string{"build", "-o", binary}, r.buildArgs()...)...); err != nil {
		return err
	}
	if err := command(ctx, "run", "./cmd/internal/man", "-gzip", filepath.Join("man", "gz")); err != nil {
		return err
	}
	if err := r.writeConfig(config, binary); err != nil {
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

// nfpm makes the packages, for goreleaser as well.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.0"

// command runs go.
func command(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=0")
	if args[0] == "build" { // what is only run here is in the build cache as it is
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", args[0], err, text)
	}
	return nil
}
