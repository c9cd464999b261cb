package store

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON is [Event.AppendJSON].
func (e *Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }

// JSONSchema describes what [Event.AppendJSON] appends. The members of an envelope can be
// any JSON: whoever publishes decides.
func (*Event) JSONSchema() string {
	const text = `{"type":["string","object"]}` // an object where it is no UTF-8
	const scope = `{"type":"object","properties":{"key":` + text + `,"identifier":` + text + `},` +
		`"required":["key","identifier"]}`
	const violation = `{"type":"object","properties":{"path":{"type":"string"},` +
		`"keyword":{"type":"string"},"message":{"type":"string"}},` +
		`"required":["path","keyword","message"]}`
	return `{"type":"object","properties":{"channel":` + text + `,` +
		`"service":` + text + `,"scopes":{"type":"array","items":` + scope + `},` +
		`"type":{},"data":{},"timestamp":{},"scope":{},"actor":{},"extra":{"type":"object"},` +
		`"wrapped":{"const":true},"invalid":{"enum":["json","utf-8"]},"valid":{"type":"boolean"},` +
		`"violations":{"type":"array","items":` + violation + `}},` +
		`"required":["channel","type","data","timestamp"]}`
}

// AppendJSON appends the event as one object: channel, service and scopes where they are
// set, type, data, timestamp, scope, actor, then what is out of the ordinary: extra,
// wrapped, invalid, and valid with violations. White space between tokens is left out;
// otherwise all is as it arrived.
func (e *Event) AppendJSON(dst []byte) ([]byte, error) {
	if e.head == nil {
		a := origin{event: e.Channel, service: e.Service, scopes: e.Scopes}
		e.head = a.appendHead(nil)
	}
	dst = append(dst, e.head...)
	if e.regular && !e.spaced {
		dst = append(dst, e.Payload[1:len(e.Payload)-1]...)
	} else {
		dst = e.appendMembers(dst)
	}
	if !e.regular || e.Judged {
		var err error
		if dst, err = e.appendMarks(dst); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendMembers appends the members of the envelope in their order.
func (e *Event) appendMembers(dst []byte) []byte {
	separator := ""
	for _, m := range []struct {
		name  string
		value Value
	}{
		{`"type":`, e.Type}, {`"data":`, e.Data}, {`"timestamp":`, e.Timestamp},
		{`"scope":`, e.Scope}, {`"actor":`, e.Actor}, {`"extra":`, e.Extra},
	} {
		if m.value == nil {
			continue
		}
		dst = append(append(dst, separator...), m.name...)
		dst = e.compact(dst, m.value)
		separator = ","
	}
	return dst
}

// compact appends a value without white space between its parts.
func (e *Event) compact(dst []byte, v Value) []byte {
	if !e.spaced {
		return append(dst, v...)
	}
	return appendCompact(dst, v)
}

// appendMarks appends what is out of the ordinary.
func (e *Event) appendMarks(dst []byte) ([]byte, error) {
	if e.Wrapped {
		dst = append(dst, `,"wrapped":true`...)
	}
	if e.Invalid != "" {
		dst = append(append(append(dst, `,"invalid":"`...), e.Invalid...), '"')
	}
	switch {
	case !e.Judged:
		return dst, nil
	case e.Valid():
		return append(dst, `,"valid":true`...), nil
	}
	violations, err := json.Marshal(e.Violations)
	dst = append(dst, `,"valid":false,"violations":`...)
	return append(dst, violations...), err
}

// appendCompact appends valid JSON without the white space between its parts. Nothing
// else changes, whatever its depth.
func appendCompact(dst, text []byte) []byte {
	if bytes.IndexByte(text, ' ') < 0 && !bytes.ContainsAny(text, "\t\r\n") {
		return append(dst, text...)
	}
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			dst = append(dst, c)
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n'):
			continue
		}
		dst = append(dst, text[i])
	}
	return dst
}

// appendHead appends the beginning of the JSON of an event: where it comes from.
func (a *origin) appendHead(dst []byte) []byte {
	dst = append(dst, `{"channel":`...)
	dst = appendQuoted(dst, a.event)
	if a.service != "" {
		dst = appendQuoted(append(dst, `,"service":`...), a.service)
	}
	if a.scopes != nil {
		dst = append(dst, `,"scopes":[`...)
		for i, s := range a.scopes {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendScope(dst, s)
		}
		dst = append(dst, ']')
	}
	return append(dst, ',')
}

// appendScope appends a scope, or an actor, which has the same form.
func appendScope(dst []byte, s Scope) []byte {
	dst = appendQuoted(append(dst, `{"key":`...), s.Key)
	dst = appendQuoted(append(dst, `,"identifier":`...), s.Identifier)
	return append(dst, '}')
}
