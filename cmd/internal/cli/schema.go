package cli

import (
	"reflect"
	"slices"

	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// Outputs says what commands print as JSON, by their names below the part of the root they
// belong to: "get", "group list", and "" for the part itself.
type Outputs map[string]Output

// Output is what a command prints as JSON: one of several forms.
type Output []render.Shape

// One is the output of one thing. Commands that tail print one a line.
func One[T any]() Output { return Output{{Type: reflect.TypeFor[T]()}} }

// Many is the output of an array, which with -o jsonl is one element a line.
func Many[T any]() Output { return Output{{Type: reflect.TypeFor[T](), List: true}} }

// Or returns the output that has the other's forms as well.
func (o Output) Or(other Output) Output { return append(o, other...) }

// Without returns the output without members that its type has, and that this command
// never prints. They must be ones that can be absent.
func (o Output) Without(members string) Output {
	less := slices.Clone(o)
	for i := range less {
		less[i].Without = members
	}
	return less
}

// schema is a document that is printed as it is.
type schema []byte

// MarshalJSON returns the document.
func (s schema) MarshalJSON() ([]byte, error) { return s, nil }

// PrintSchema prints a JSON Schema of what a command prints, whatever the output format
// that is in effect.
func (t *Tool) PrintSchema(id, title, description string, o Output) error {
	printer, err := t.printer(render.JSON)
	if err != nil {
		return err
	}
	document := render.Schema(render.Output{
		ID: id, Title: title, Description: description, Shapes: o,
		Failure: reflect.TypeFor[store.Error](),
	})
	if err := render.One(printer, schema(document), render.View[schema]{}); err != nil {
		return err
	}
	return printer.Flush()
}
