package render

import "github.com/go-json-experiment/json/jsontext"

// indent is one level of JSON as a person reads it.
const indent = "  "

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
	return jsontext.AppendFormat(nil, document,
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
		jsontext.PreserveRawStrings(true),
		jsontext.Multiline(true),
		jsontext.WithIndent(indent),
		jsontext.WithIndentPrefix(prefix))
}
