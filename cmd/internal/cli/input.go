package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/tenantstore/store/pkg/store"
)

// Value reads a value argument: JSON as it stands, "-" for standard input, "@FILE"
// for a file. With asString the text becomes a JSON string instead.
func (t *Tool) Value(arg string, asString bool) (store.Value, error) {
	text, err := t.argument(arg)
	if err != nil {
		return nil, err
	}
	if asString {
		return store.StringValue(string(text))
	}
	value, err := store.ParseValue(text)
	if err != nil && utf8.Valid(text) {
		return nil, &HintError{err, "a value is JSON; to store the text itself, add --string"}
	}
	return value, err
}

// argument returns the bytes that an argument stands for. One newline at the end
// of standard input or of a file is not part of a text.
func (t *Tool) argument(arg string) ([]byte, error) {
	var text []byte
	var err error
	switch {
	case arg == "-":
		text, err = io.ReadAll(io.LimitReader(t.waiting(t.In), store.MaxValueSize+2))
	case strings.HasPrefix(arg, "@"):
		text, err = readFile(arg[1:])
	default:
		return []byte(arg), nil
	}
	switch {
	case t.life.Err() != nil:
		return nil, context.Cause(t.life)
	case err != nil:
		return nil, Usagef("the value could not be read: %v", err)
	}
	if len(text) == 0 && arg == "-" {
		return nil, Usagef("standard input is empty")
	}
	text = bytes.TrimSuffix(text, []byte("\n"))
	return bytes.TrimSuffix(text, []byte("\r")), nil
}

func readFile(path string) ([]byte, error) {
	if path == "" {
		return nil, errors.New("@ wants the name of a file behind it")
	}
	return os.ReadFile(path)
}

// Input opens what -f names: a file, or "-" for standard input.
func (t *Tool) Input(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(t.waiting(t.In)), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, Usagef("%v", err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(Usagef("%s is a directory", path), file.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{t.waiting(file), file}, nil
}

// waiting returns a reader of in whose reads end with the program's life. A read from
// a terminal or a pipe knows nothing of that; it goes on in the background.
func (t *Tool) waiting(in io.Reader) io.Reader { return &waiting{in: in, ctx: t.life} }

type waiting struct {
	in  io.Reader
	ctx context.Context
}

// Read reads into a buffer of its own first: p is the caller's again when it returns.
func (w *waiting) Read(p []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data := make([]byte, len(p))
		n, err := w.in.Read(data)
		done <- result{data[:n], err}
	}()
	select {
	case <-w.ctx.Done():
		return 0, context.Cause(w.ctx)
	case r := <-done:
		return copy(p, r.data), r.err
	}
}
