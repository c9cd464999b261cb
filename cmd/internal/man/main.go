// Man writes the manual pages of store, one for each command and each help topic.
//
//	go run ./cmd/internal/man DIR
//	go run ./cmd/internal/man -gzip DIR
//
// It is a program of its own so that store itself need not carry what only packages use. The
// pages come from the same tree of commands as --help; they hold no date and no version, so
// the same source gives the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tenantstore/store/cmd"
)

func main() {
	err := run(os.Args[1:], os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "man: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("man", flag.ContinueOnError)
	flags.SetOutput(stderr)
	compress := flags.Bool("gzip", false, "compress the pages, as Linux packages have them")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("wants one argument, the folder to write to")
	}
	return write(flags.Arg(0), *compress)
}

// write writes every page into a folder, which it makes.
func write(dir string, compress bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range pages(cmd.Tree()) {
		name, text := p.file(), []byte(p.text())
		if compress {
			name, text = name+".gz", compressed(text)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compressed returns text in gzip's format without a name or a time.
func compressed(text []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // memory takes everything
	}
	return b.Bytes()
}
