package render

import (
	"bytes"
	"encoding/base64"
	"errors"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// indent is one level of JSON as a person reads it.
const indent = "  "

// encoder encodes values as compact JSON, one at a time, reusing its buffer.
type encoder struct {
	buf     buffer
	stream  *jsontext.Encoder
	strict  json.Options // what stream works with
	lenient json.Options // also takes strings that are not UTF-8
}

// buffer takes what is written to it. Unlike a bytes.Buffer it is not written to
// in place by the JSON encoder, which cannot do that to one emptied for each value.
type buffer []byte

// Write appends b.
func (w *buffer) Write(b []byte) (int, error) {
	*w = append(*w, b...)
	return len(b), nil
}

// newEncoder returns an encoder that passes raw JSON on as it is but for white
// space: with its duplicate names, their order, and numbers and strings as written.
func newEncoder() *encoder {
	e := &encoder{strict: asStored()}
	e.lenient = json.JoinOptions(e.strict,
		jsontext.AllowInvalidUTF8(true),
		json.WithMarshalers(json.MarshalToFunc(marshalBinary)))
	e.stream = jsontext.NewEncoder(&e.buf, e.strict)
	return e
}

// asStored returns the options that keep JSON as somebody else wrote it.
func asStored() json.Options {
	return json.JoinOptions(
		jsontext.AllowDuplicateNames(true),
		jsontext.PreserveRawStrings(true))
}

// encode returns the JSON of what v points to, without a line break at its end.
// The bytes are valid until the next call.
func (e *encoder) encode(v any) ([]byte, error) {
	e.buf = e.buf[:0]
	if err := json.MarshalEncode(e.stream, v); err == nil {
		return bytes.TrimSuffix(e.buf, []byte("\n")), nil
	}
	// Nearly every row is UTF-8 throughout, so looking at each string beforehand
	// would cost all of them what this second attempt costs the few that are not.
	e.buf = e.buf[:0]
	e.stream.Reset(&e.buf, e.strict)
	return json.Marshal(v, e.lenient)
}

// marshalBinary encodes a string that is not UTF-8, which JSON cannot hold, as
// an object with its Base64 form, and leaves every other string and the names
// of members alone.
func marshalBinary(enc *jsontext.Encoder, s string) error {
	kind, n := enc.StackIndex(enc.StackDepth())
	if isName := kind == '{' && n%2 == 0; isName || utf8.ValidString(s) {
		return errors.ErrUnsupported
	}
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	if err := enc.WriteToken(jsontext.String("base64")); err != nil {
		return err
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(s))
	if err := enc.WriteToken(jsontext.String(encoded)); err != nil {
		return err
	}
	return enc.WriteToken(jsontext.EndObject)
}

// printDocument prints what v points to as one JSON document, or what the jq
// expression makes of it.
func (p *Printer) printDocument(v any) error {
	document, err := p.encoder.encode(v)
	if err != nil {
		return err
	}
	if p.filter == nil {
		return p.writeDocument(document)
	}
	input, err := p.filter.input.decode(document)
	if err != nil {
		return err
	}
	return p.printFiltered(input)
}

// writeDocument writes a JSON document and ends the line.
func (p *Printer) writeDocument(document []byte) error {
	if err := p.writeJSON(document, ""); err != nil {
		return err
	}
	return p.out.WriteByte('\n')
}

// writeJSON writes a compact JSON document: for a person in the printer's
// layout, its lines but the first behind prefix, and else byte for byte.
func (p *Printer) writeJSON(document []byte, prefix string) error {
	if p.indents() {
		document, _ = indented(document, prefix) // what was encoded is valid
	}
	if p.options.Terminal {
		document = p.styles.appendJSON(nil, document)
	}
	_, err := p.out.Write(document)
	return err
}

// breakLine starts a new line behind prefix where JSON is indented.
func (p *Printer) breakLine(prefix string) error {
	if !p.indents() {
		return nil
	}
	_, err := p.out.WriteString("\n" + prefix)
	return err
}

// indents reports whether JSON documents are laid out for a person.
func (p *Printer) indents() bool { return p.options.Terminal && p.options.Format == JSON }

// writeText writes the text of a single value and ends the line. To a person it
// shows JSON indented.
func (p *Printer) writeText(s string) error {
	if !p.options.Terminal {
		return p.writeLine(s)
	}
	document, err := indented([]byte(s), "")
	if err != nil {
		return p.writeLine(s)
	}
	p.out.Write(p.styles.appendJSON(nil, document))
	return p.out.WriteByte('\n')
}

// indented returns document on several lines, all but the first behind prefix.
// It fails when document is not valid JSON.
func indented(document []byte, prefix string) ([]byte, error) {
	return jsontext.AppendFormat(nil, document, asStored(),
		jsontext.AllowInvalidUTF8(true),
		jsontext.Multiline(true),
		jsontext.WithIndent(indent),
		jsontext.WithIndentPrefix(prefix))
}
