package render

import (
	"bytes"
	jsonv1 "encoding/json"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder turns JSON documents into what jq works on. Numbers keep their text,
// as jq would otherwise round those beyond a float; of a name that an object has
// twice the last member counts.
type decoder struct {
	in     bytes.Reader
	stream *jsontext.Decoder
}

// decode returns the value of one document.
func (d *decoder) decode(document []byte) (any, error) {
	d.in.Reset(document)
	if d.stream == nil {
		d.stream = new(jsontext.Decoder)
	}
	d.stream.Reset(&d.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return d.value()
}

// value reads the next value.
func (d *decoder) value() (any, error) {
	token, err := d.stream.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case jsontext.KindBeginObject:
		return d.object()
	case jsontext.KindBeginArray:
		return d.array()
	case jsontext.KindString:
		return token.String(), nil
	case jsontext.KindNumber:
		return jsonv1.Number(token.String()), nil
	case jsontext.KindNull:
		return nil, nil
	}
	return token.Bool(), nil
}

// object reads the rest of an object that has begun.
func (d *decoder) object() (any, error) {
	members := map[string]any{}
	for {
		token, err := d.stream.ReadToken()
		if err != nil || token.Kind() == jsontext.KindEndObject {
			return members, err
		}
		name := token.String() // the token is not valid once the value is read
		if members[name], err = d.value(); err != nil {
			return nil, err
		}
	}
}

// array reads the rest of an array that has begun.
func (d *decoder) array() (any, error) {
	elements := []any{}
	for d.stream.PeekKind() != jsontext.KindEndArray {
		element, err := d.value()
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	_, err := d.stream.ReadToken()
	return elements, err
}
