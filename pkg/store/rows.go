package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxLine bounds a line of input: the largest value with room for key and TTL.
const maxLine = MaxValueSize + 1<<20

// ReadRows reads rows from NDJSON, one object a line:
//
//	{"key":"user:1","value":{"name":"Ada"},"ttl":3600}
//
// "ttl" is optional: whole seconds, or text as [ParseTTL] takes it. Empty lines are
// skipped, and the last line needs no newline. A line that is no such object is
// yielded as a [RowError] and reading goes on; a failure to read is yielded once,
// last.
func ReadRows(r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var p rowParser
		for line, err := range lines(r) {
			if err != nil {
				yield(Row{}, err)
				return
			}
			row, err := p.parse(line.text)
			row.Line = line.number
			if err != nil {
				err = RowError{Line: line.number, Key: row.Key, Err: err}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// ReadKeys reads keys, one a line and as they are: what a raw listing prints. A
// carriage return before the newline is dropped, and empty lines are skipped.
func ReadKeys(r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for line, err := range lines(r) {
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !yield(Row{Line: line.number, Key: string(line.text)}, nil) {
				return
			}
		}
	}
}

// textLine is a line that is not empty. Its text is valid until the next one.
type textLine struct {
	number int
	text   []byte
}

// lines reads lines of up to maxLine bytes.
func lines(r io.Reader) iter.Seq2[textLine, error] {
	return func(yield func(textLine, error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		var long []byte
		for number := 1; ; number++ {
			text, err := readLine(in, &long)
			text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
			if len(text) > 0 && !yield(textLine{number, text}, nil) {
				return
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(textLine{}, fmt.Errorf("line %d: %w", number, err))
				}
				return
			}
		}
	}
}

// readLine returns the next line in the reader's own buffer, or in long where it
// does not fit there.
func readLine(in *bufio.Reader, long *[]byte) ([]byte, error) {
	text, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return text, err
	}
	*long = append((*long)[:0], text...)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(*long) > maxLine {
			return nil, invalid(CodeSerializationFailed, "the line is longer than %d bytes", maxLine)
		}
		text, err = in.ReadSlice('\n')
		*long = append(*long, text...)
	}
	return *long, err
}

// rowParser reads rows; it keeps its scan and its decoder from line to line.
type rowParser struct {
	scan    textScan
	in      bytes.Reader
	decoder *jsontext.Decoder
	options []jsontext.Options
}

// parse reads one row. Besides an error it returns the key, where it got that far.
func (p *rowParser) parse(text []byte) (Row, error) {
	if !utf8.Valid(text) {
		return Row{}, invalid(CodeDeserialization, "the line is not UTF-8 text")
	}
	if row, ok := p.quick(text); ok {
		return row, nil
	}
	return p.thorough(text)
}

// thorough reads a row with the JSON library, which knows what is wrong with one.
func (p *rowParser) thorough(text []byte) (Row, error) {
	p.in.Reset(text)
	if p.decoder == nil {
		p.options = asStored()
		p.decoder = jsontext.NewDecoder(&p.in, p.options...)
	} else {
		p.decoder.Reset(&p.in, p.options...)
	}
	var row Row
	err := p.object(&row)
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = invalid(CodeDeserialization, "the line is not valid JSON%s", where(err))
	}
	return row, err
}

// object reads the object a line consists of.
func (p *rowParser) object(row *Row) error {
	if p.decoder.PeekKind() != '{' {
		return p.notAnObject()
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	var seen [3]bool
	for p.decoder.PeekKind() != '}' {
		name, err := p.decoder.ReadValue()
		if err != nil {
			return err
		}
		if err := p.member(row, name, &seen); err != nil {
			return err
		}
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	if _, err := p.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return invalid(CodeDeserialization, "there is something behind the object")
	}
	switch {
	case !seen[0]:
		return invalid(CodeKeyRequired, `the row has no "key"`)
	case !seen[1]:
		return invalid(CodeValueRequired, `the row has no "value"`)
	}
	return nil
}

// notAnObject tells broken JSON from JSON of another kind.
func (p *rowParser) notAnObject() error {
	if _, err := p.decoder.ReadValue(); err != nil {
		return err
	}
	return invalid(CodeDeserialization, "the line is not a JSON object")
}

// member reads one member of a row into its field.
func (p *rowParser) member(row *Row, name jsontext.Value, seen *[3]bool) error {
	at := position(name)
	switch {
	case at < 0:
		return invalid(CodeDeserialization, "the row has an unknown member %s", name)
	case seen[at]:
		return invalid(CodeDeserialization, "the row has %s twice", name)
	}
	seen[at] = true
	raw, err := p.decoder.ReadValue()
	if err != nil {
		return err
	}
	switch at {
	case 0:
		row.Key, err = rowKey(raw)
	case 1:
		row.Value, err = rowValue(raw)
	default:
		row.TTL, err = rowTTL(raw)
	}
	return err
}

// position returns the place of a member in a row, or -1.
func position(name jsontext.Value) int {
	switch string(name) {
	case `"key"`:
		return 0
	case `"value"`:
		return 1
	case `"ttl"`:
		return 2
	}
	return -1
}

// rowValue returns a copy of the value without white space between its parts.
func rowValue(raw jsontext.Value) (Value, error) {
	value := raw.Clone()
	err := value.Compact(asStored()...)
	return Value(value), err
}

func rowKey(raw jsontext.Value) (string, error) {
	if raw.Kind() != '"' {
		return "", invalid(CodeKeyRequired, `"key" is not a string`)
	}
	var room [64]byte
	key, err := jsontext.AppendUnquote(room[:0], raw)
	return string(key), err
}

func rowTTL(raw jsontext.Value) (time.Duration, error) {
	switch raw.Kind() {
	case 'n':
		return 0, nil
	case '0':
		return ParseTTL(string(raw))
	case '"':
		text, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return 0, err
		}
		return ParseTTL(string(text))
	}
	return 0, invalid(CodeTTLInvalid, `"ttl" is neither a number nor text`)
}
