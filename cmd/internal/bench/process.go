package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// sample is what one run cost.
type sample struct {
	wall  time.Duration // from start to end of the process
	peak  float64       // resident memory at its highest, MiB
	limit time.Duration // a bound nobody can beat, for work that knows one
}

// process is a program to run: its command line, and the file it reads, if any.
type process struct {
	args  []string
	stdin string
}

// time runs p once. What it prints goes to files, which costs neither side anything in this
// program; b.output opens the last one.
func (b *workbench) time(ctx context.Context, p process) (sample, error) {
	cmd := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	cmd.Dir, cmd.Env = b.dir, b.environment()
	files, err := b.redirect(cmd, p.stdin)
	defer closeAll(files)
	if err != nil {
		return sample{}, err
	}
	began := time.Now()
	err = cmd.Run()
	took := time.Since(began)
	if err != nil {
		return sample{}, fmt.Errorf("%q: %w\n%s", p.args, err, b.complaint())
	}
	return sample{wall: took, peak: peakMiB(cmd.ProcessState)}, nil
}

// floor is the least peak that can be told: the kernel starts a child's peak at the memory of
// the program that starts it, which is this one.
func (b *workbench) floor(ctx context.Context) (float64, error) {
	s, err := b.time(ctx, process{args: []string{b.cli, "--version"}})
	return s.peak, err
}

// redirect opens the files that cmd reads and writes; they are the caller's to close.
func (b *workbench) redirect(cmd *exec.Cmd, stdin string) ([]*os.File, error) {
	in, err := os.Open(cmp.Or(stdin, os.DevNull))
	if err != nil {
		return nil, err
	}
	out, err := os.Create(b.path("stdout"))
	if err != nil {
		return []*os.File{in}, err
	}
	complaints, err := os.Create(b.path("stderr"))
	if err != nil {
		return []*os.File{in, out}, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, complaints
	return []*os.File{in, out, complaints}, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// complaint is the start of what the last run wrote to its standard error.
func (b *workbench) complaint() []byte {
	f, err := os.Open(b.path("stderr"))
	if err != nil {
		return nil
	}
	defer f.Close()

	text, _ := io.ReadAll(io.LimitReader(f, 2000))
	return text
}

// output opens what the last run wrote to its standard output.
func (b *workbench) output() (*os.File, error) { return os.Open(b.path("stdout")) }

// printed makes sure that the last run printed want and a line end at most.
func (b *workbench) printed(want string) error {
	f, err := b.output()
	if err != nil {
		return err
	}
	defer f.Close()

	got, err := io.ReadAll(io.LimitReader(f, 2000))
	if err == nil && string(bytes.TrimRight(got, "\r\n")) != want {
		err = fmt.Errorf("printed %q, want %q", got, want)
	}
	return err
}
