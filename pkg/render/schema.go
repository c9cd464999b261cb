package render

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dialect is the version of JSON Schema that [Schema] writes.
const Dialect = "https://json-schema.org/draft/2020-12/schema"

// Describer is a type that writes its own JSON, and says what that is like: JSONSchema
// returns a JSON Schema without $id, in one line. It is asked of the zero value.
type Describer interface {
	JSONSchema() string
}

// Shape is one form that output can have: a value of a type, or a list of them.
type Shape struct {
	Type reflect.Type // of the values
	List bool         // many of them
	// Without names the members that the type has and this output never has, with spaces
	// between them.
	Without string
}

// Output is output that a schema describes. ID is the schema's $id; Title and Description
// are for people.
type Output struct {
	ID, Title, Description string
	// Shapes are the forms it can have; at least one. One of them at most is a list.
	Shapes []Shape
	// Failure is what stands where a type has an error. nil for its text.
	Failure reflect.Type
}

// Schema returns the JSON Schema of what [One] and [List] print of the shapes as JSON. It
// is worked out of the types by the rules of the encoder, so it cannot differ from what is
// printed. Objects are open: a member that is added breaks nobody.
func Schema(o Output) []byte {
	s := schemer{failure: o.Failure}
	s.raw(`{"$schema":`).quote(Dialect).raw(`,"$id":`).quote(o.ID)
	s.raw(`,"title":`).quote(o.Title).raw(`,"description":`).quote(o.Description)
	if len(o.Shapes) == 1 {
		s.raw(",").shape(o.Shapes[0], "")
	} else {
		s.raw(`,"oneOf":[`)
		for i, shape := range o.Shapes {
			s.comma(i).raw("{").shape(shape, distinction(shape, o.Shapes)).raw("}")
		}
		s.raw("]")
	}
	return s.defs(o.Shapes).raw("}").dst
}

// distinction returns the member by which a shape is told from one that has all its
// members and more, or "" where there is no such shape.
func distinction(of Shape, among []Shape) string {
	for _, other := range among {
		if of == other || of.List || other.List {
			continue
		}
		has, more := required(of.Type), required(other.Type)
		left := slices.DeleteFunc(more, func(name string) bool { return slices.Contains(has, name) })
		if len(has) > 0 && len(has)+len(left) == len(required(other.Type)) && len(left) > 0 {
			return left[0]
		}
	}
	return ""
}

// required returns the members that the object of a type always has.
func required(t reflect.Type) []string {
	var names []string
	if t.Kind() == reflect.Struct && describer(t) == nil {
		for _, f := range newEncoder().fields(t, nil) {
			if !f.omitZero {
				names = append(names, f.text())
			}
		}
	}
	return names
}

// schemer writes a schema.
type schemer struct {
	dst     []byte
	failure reflect.Type
	without []string // of the next object
}

func (s *schemer) raw(text string) *schemer {
	s.dst = append(s.dst, text...)
	return s
}

func (s *schemer) quote(text string) *schemer {
	s.dst, _ = appendString(s.dst, text)
	return s
}

// comma separates the element i from the one before.
func (s *schemer) comma(i int) *schemer {
	if i > 0 {
		s.raw(",")
	}
	return s
}

// shape writes the keywords of a shape. It is not another one that has the member not.
func (s *schemer) shape(shape Shape, not string) *schemer {
	if shape.List {
		return s.raw(`"type":"array","items":{"$ref":"#/$defs/item"}`)
	}
	s.without = strings.Fields(shape.Without)
	s.keywords(shape.Type)
	if not != "" {
		s.raw(`,"not":{"required":[`).quote(not).raw("]}")
	}
	return s
}

// defs writes what is referred to: the elements of a list, each of them a line of jsonl,
// and strings whose bytes may be no text.
func (s *schemer) defs(shapes []Shape) *schemer {
	s.raw(`,"$defs":{`)
	for _, shape := range shapes {
		if shape.List {
			s.without = strings.Fields(shape.Without)
			s.raw(`"item":`).schema(shape.Type)
			s.comma(1)
		}
	}
	return s.raw(`"text":{"description":"a string, or the bytes of one that is not UTF-8",` +
		`"oneOf":[{"type":"string"},{"type":"object","properties":` +
		`{"base64":{"type":"string","contentEncoding":"base64"}},"required":["base64"]}]}}`)
}

func (s *schemer) schema(t reflect.Type) *schemer { return s.raw("{").keywords(t).raw("}") }

// keywords writes what holds for the JSON of a type, as [encoder.newPlan] encodes it.
func (s *schemer) keywords(t reflect.Type) *schemer {
	if t == reflect.TypeFor[time.Time]() {
		return s.raw(`"type":"string","format":"date-time"`)
	}
	if d := describer(t); d != nil {
		text := d.JSONSchema()
		return s.raw(text[1 : len(text)-1])
	}
	if t.Kind() != reflect.Interface && writesItself(t) {
		panic(fmt.Sprintf("%v writes its own JSON and does not describe it", t))
	}
	switch t.Kind() {
	case reflect.String:
		if t != reflect.TypeFor[string]() { // a name of the program's own
			return s.raw(`"type":"string"`)
		}
		return s.raw(`"$ref":"#/$defs/text"`)
	case reflect.Bool:
		return s.raw(`"type":"boolean"`)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return s.raw(`"type":"integer"`)
	case reflect.Float32, reflect.Float64:
		return s.raw(`"type":"number"`)
	case reflect.Map:
		return s.raw(`"type":"object","additionalProperties":`).schema(t.Elem())
	case reflect.Pointer:
		return s.raw(`"anyOf":[`).schema(t.Elem()).raw(`,{"type":"null"}]`)
	case reflect.Slice:
		return s.raw(`"type":"array","items":`).schema(t.Elem())
	case reflect.Struct:
		return s.object(t)
	case reflect.Interface:
		if t.Implements(reflect.TypeFor[error]()) && s.failure != nil {
			return s.raw(`"oneOf":[`).schema(s.failure).raw(`,{"type":"string"}]`)
		}
	}
	panic(fmt.Sprintf("the JSON of %v has no schema", t))
}

// object writes the members of a struct.
func (s *schemer) object(t reflect.Type) *schemer {
	s.raw(`"type":"object","properties":{`)
	without := s.without
	s.without = nil
	fields := slices.DeleteFunc(newEncoder().fields(t, nil), func(f field) bool {
		return slices.Contains(without, f.text())
	})
	for i, f := range fields {
		kind := t.FieldByIndex(f.index).Type
		if f.omitZero && kind.Kind() == reflect.Pointer {
			kind = kind.Elem() // nil is left out
		}
		s.comma(i).quote(f.text()).raw(":").schema(kind)
	}
	s.raw(`},"required":[`)
	for i, name := range required(t) {
		s.comma(i).quote(name)
	}
	return s.raw("]")
}

// text returns the name of a field.
func (f *field) text() string {
	name, _ := strconv.Unquote(string(f.name[:len(f.name)-1]))
	return name
}

// describer returns a value of the type that describes itself, or nil.
func describer(t reflect.Type) Describer {
	if t.Kind() == reflect.Pointer {
		return nil // it may be nil, which is null
	}
	d, _ := reflect.New(t).Interface().(Describer)
	return d
}

// writesItself reports whether the encoder leaves the JSON of a type to it.
func writesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() != reflect.Pointer &&
		(p.Implements(reflect.TypeFor[Appender]()) || p.Implements(reflect.TypeFor[json.Marshaler]()))
}
