package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// encoder encodes values as compact JSON by their json tags, one at a time, reusing
// its buffer. It differs from encoding/json where stored data matters: what a
// json.Marshaler returns is passed on but for white space (its repeated names,
// numbers and escapes as they are), and a string that is not UTF-8 becomes an object
// with its Base64 form instead of losing bytes. How a type is encoded is worked out
// once, which makes a row of a listing several times faster.
type encoder struct {
	buf   []byte
	plans map[reflect.Type]appender
}

// Appender is a type that writes its own JSON: one valid document without white space
// between its parts, which AppendJSON appends to dst and which is taken as it is. A pointer
// receiver is best, as nothing is allocated then.
type Appender interface {
	AppendJSON(dst []byte) ([]byte, error)
}

// appender appends the JSON of v.
type appender func(dst []byte, v reflect.Value) ([]byte, error)

func newEncoder() *encoder { return &encoder{plans: map[reflect.Type]appender{}} }

// encode returns the JSON of what v points to, without a line break at its end.
// The bytes are valid until the next call.
func (e *encoder) encode(v any) (document []byte, err error) {
	value := reflect.ValueOf(v).Elem()
	e.buf, err = e.plan(value.Type())(e.buf[:0], value)
	return e.buf, err
}

// plan returns how values of a type are encoded.
func (e *encoder) plan(t reflect.Type) appender {
	if plan, known := e.plans[t]; known {
		return plan
	}
	// A type that contains itself finds this one.
	e.plans[t] = func(dst []byte, v reflect.Value) ([]byte, error) { return e.plans[t](dst, v) }
	plan := e.newPlan(t)
	e.plans[t] = plan
	return plan
}

func (e *encoder) newPlan(t reflect.Type) appender {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[Appender]()) {
		return appendItself
	}
	if t.Kind() == reflect.Pointer && t.Implements(reflect.TypeFor[Appender]()) {
		return e.appendElem // what it points to writes itself
	}
	if t.Implements(reflect.TypeFor[json.Marshaler]()) && t.Kind() != reflect.Interface {
		return appendMarshaler
	}
	switch t.Kind() {
	case reflect.String:
		return func(dst []byte, v reflect.Value) ([]byte, error) {
			return appendString(dst, v.String())
		}
	case reflect.Bool:
		return func(dst []byte, v reflect.Value) ([]byte, error) {
			return strconv.AppendBool(dst, v.Bool()), nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(dst []byte, v reflect.Value) ([]byte, error) {
			return strconv.AppendInt(dst, v.Int(), 10), nil
		}
	case reflect.Pointer, reflect.Interface:
		return e.appendElem
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return appendAny
		}
		return e.slicePlan(t)
	case reflect.Map:
		return e.appendMap
	case reflect.Struct:
		return e.structPlan(t)
	}
	return appendAny
}

// appendItself lets an addressable value write its JSON, or a copy of one that is not.
func appendItself(dst []byte, v reflect.Value) ([]byte, error) {
	if !v.CanAddr() {
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	return v.Addr().Interface().(Appender).AppendJSON(dst)
}

// appendMarshaler appends what a value says of itself.
func appendMarshaler(dst []byte, v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return append(dst, "null"...), nil
	}
	document, err := v.Interface().(json.Marshaler).MarshalJSON()
	if err != nil {
		return dst, err
	}
	return appendCompact(dst, document)
}

// appendAny leaves types without anything peculiar to encoding/json.
func appendAny(dst []byte, v reflect.Value) ([]byte, error) {
	document, err := json.Marshal(v.Interface())
	return append(dst, document...), err
}

// appendCompact appends a JSON document without the white space between its parts.
func appendCompact(dst, document []byte) ([]byte, error) {
	if len(document) < 32 && !bytes.ContainsAny(document, " \t\r\n") && json.Valid(document) {
		return append(dst, document...), nil // most are a number
	}
	return jsontext.AppendFormat(dst, document,
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
		jsontext.PreserveRawStrings(true))
}

// appendString appends a string, or {"base64":"…"} where JSON could not hold it.
func appendString(dst []byte, s string) ([]byte, error) {
	if utf8.ValidString(s) {
		return jsontext.AppendQuote(dst, s)
	}
	dst = append(dst, `{"base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, []byte(s))
	return append(dst, `"}`...), nil
}

// appendElem appends what a pointer or an interface holds. An error without a JSON
// form of its own is its text.
func (e *encoder) appendElem(dst []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(dst, "null"...), nil
	}
	elem := v.Elem()
	_, itself := v.Interface().(json.Marshaler)
	if failure, isError := v.Interface().(error); isError && !itself {
		return appendString(dst, failure.Error())
	}
	return e.plan(elem.Type())(dst, elem)
}

// slicePlan encodes a slice as an array; nil is an empty one.
func (e *encoder) slicePlan(t reflect.Type) appender {
	elem := e.plan(t.Elem())
	return func(dst []byte, v reflect.Value) (_ []byte, err error) {
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = elem(dst, v.Index(i)); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	}
}

// appendMap appends an object with its names in order.
func (e *encoder) appendMap(dst []byte, v reflect.Value) (_ []byte, err error) {
	names := v.MapKeys()
	slices.SortFunc(names, func(a, b reflect.Value) int {
		return strings.Compare(a.String(), b.String())
	})
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		text := strings.ToValidUTF8(name.String(), "\ufffd")
		if dst, err = jsontext.AppendQuote(dst, text); err != nil {
			return dst, err
		}
		value := v.MapIndex(name)
		if dst, err = e.plan(value.Type())(append(dst, ':'), value); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// field is how one field of a struct is encoded.
type field struct {
	index    []int
	name     []byte // quoted, with the colon
	omitZero bool
	append   appender
}

// structPlan encodes a struct as an object, its fields in their order.
func (e *encoder) structPlan(t reflect.Type) appender {
	fields := e.fields(t, nil)
	return func(dst []byte, v reflect.Value) (_ []byte, err error) {
		dst = append(dst, '{')
		first := true
		for i := range fields {
			value := v.FieldByIndex(fields[i].index)
			if fields[i].omitZero && value.IsZero() {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if dst, err = fields[i].append(append(dst, fields[i].name...), value); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	}
}

// fields returns the fields of a struct; those of an embedded one stand in its place.
func (e *encoder) fields(t reflect.Type, at []int) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(at), i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case f.Anonymous && name == "":
			fields = append(fields, e.fields(f.Type, index)...)
		default:
			fields = append(fields, e.field(f, index, name, options))
		}
	}
	return fields
}

func (e *encoder) field(f reflect.StructField, index []int, name, options string) field {
	if name == "" {
		name = f.Name
	}
	quoted := append(strconv.AppendQuote(nil, name), ':')
	omit := slices.Contains(strings.Split(options, ","), "omitzero")
	return field{index, bytes.Clone(quoted), omit, e.plan(f.Type)}
}
