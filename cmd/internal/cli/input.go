package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

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
	if errors.Is(err, store.CodeSerializationFailed) {
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
		text, err = io.ReadAll(io.LimitReader(t.In, store.MaxValueSize+2))
	case strings.HasPrefix(arg, "@"):
		text, err = readFile(arg[1:])
	default:
		return []byte(arg), nil
	}
	if err != nil {
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
		return io.NopCloser(t.In), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, Usagef("%v", err)
	}
	return file, nil
}
