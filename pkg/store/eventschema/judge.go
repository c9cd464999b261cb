package eventschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/tenantstore/store/pkg/store"
)

// unheld stands for a number that JavaScript does not hold, such as 1e400. It is of no
// type that a schema can name, as zod's number refuses Infinity.
const unheld = complex64(0)

// payload is one payload being judged.
type payload struct {
	c     *compiled
	value any
	marks map[string][]byte // of the texts that were put to a test
	rest  remainders        // nil where the judge's own division is right
	work  int               // how often a schema was explained
	err   error
}

// judge returns how a payload breaks the schema.
func (c *compiled) judge(data store.Value) ([]store.Violation, error) {
	value, err := decode(data)
	if err != nil {
		return []store.Violation{{Keyword: "json", Message: "is not valid JSON"}}, nil
	}
	p := &payload{c: c, value: value}
	if len(c.tests) > 0 {
		p.marks = map[string][]byte{}
		p.put(c.root, value)
	}
	if len(c.multiples) > 0 {
		p.divide()
	}
	if p.err != nil {
		return nil, p.err
	}
	if p.accepts(docKey{c.root, ""}, c.root, value) || p.err != nil {
		return nil, p.err
	}
	violations := p.explain(c.root, value, "")
	return violations, p.err
}

// decode reads a JSON text as JavaScript would: numbers are float64, and of members with
// the same name the last one counts.
func decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the value")
	}
	return held(value), nil
}

// held turns numbers into what JavaScript holds.
func held(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			return unheld
		}
		return n
	case []any:
		for i, element := range v {
			v[i] = held(element)
		}
	case map[string]any:
		for name, element := range v {
			v[name] = held(element)
		}
	}
	return v
}

// accepts asks the judge about a value and a schema, which key names.
func (p *payload) accepts(key docKey, s *schema, value any) bool {
	doc, err := p.c.doc(key, s, p.rest)
	if err == nil {
		var valid bool
		if valid, err = validate(doc, p.mark(value)); err == nil {
			return valid
		}
	}
	if p.err == nil {
		p.err = err
	}
	return false
}

// validate turns a panic of the judge into an error: a payload must not end the program.
func validate(doc *jsonschema.Resolved, value any) (valid bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it cannot be judged: %v", r)
		}
	}()
	return doc.Validate(value) == nil, nil
}

// mark returns a value with its texts marked.
func (p *payload) mark(value any) any {
	if len(p.c.tests) == 0 {
		return value
	}
	return markTexts(value, p.text)
}

// text returns a text behind its marks.
func (p *payload) text(text string) string {
	if marked, ok := p.c.constants[text]; ok {
		return marked
	}
	if marks, ok := p.marks[text]; ok {
		return string(marks) + text
	}
	return string(bytes.Repeat([]byte{markUnput}, len(p.c.tests))) + text
}

// passes puts a text to a test, once.
func (p *payload) passes(name, text string) bool {
	i := p.c.index[name]
	if marked, ok := p.c.constants[text]; ok {
		return marked[i] == markYes
	}
	marks := p.marks[text]
	if marks == nil {
		marks = bytes.Repeat([]byte{markUnput}, len(p.c.tests))
		p.marks[text] = marks
	}
	if marks[i] == markUnput {
		passed, err := p.c.tests[i](text)
		if err != nil && p.err == nil {
			p.err = err
		}
		marks[i] = mark(passed)
	}
	return marks[i] == markYes
}

// put puts the texts of a value to every test that some part of the schema could ask for.
func (p *payload) put(s *schema, value any) {
	if s.Ref != "" {
		p.put(p.c.targets[target(s.Ref)], value)
	}
	for child := range sameValue(s) {
		p.put(child, value)
	}
	switch v := value.(type) {
	case string:
		if name := testOf(s); name != "" {
			p.passes(name, v)
		}
	case []any:
		p.putArray(s, v)
	case map[string]any:
		p.putObject(s, v)
	}
}

func (p *payload) putArray(s *schema, value []any) {
	for i, element := range value {
		if i < len(s.PrefixItems) {
			p.put(s.PrefixItems[i], element)
		}
		for _, child := range []*schema{s.Items, s.Contains, s.UnevaluatedItems} {
			if child != nil {
				p.put(child, element)
			}
		}
	}
}

func (p *payload) putObject(s *schema, value map[string]any) {
	for name, element := range value {
		if s.PropertyNames != nil {
			p.put(s.PropertyNames, name)
		}
		for pattern, child := range s.PatternProperties {
			p.passes(pattern, name)
			p.put(child, element)
		}
		children := []*schema{s.Properties[name], s.AdditionalProperties, s.UnevaluatedProperties}
		for _, child := range children {
			if child != nil {
				p.put(child, element)
			}
		}
	}
}

// remainders are the numbers of a payload that are no multiple of a divisor. A schema that
// has them names them instead of the divisor.
type remainders map[float64][]any

// apply replaces multipleOf in a schema that is a copy.
func (r remainders) apply(s *schema) {
	if r == nil || s.MultipleOf == nil {
		return
	}
	none := &schema{Not: &schema{Enum: append([]any{}, r[*s.MultipleOf]...)}}
	s.AllOf = append(slices.Clone(s.AllOf), none)
	s.MultipleOf = nil
}

// divide finds out whether the judge, who divides as the processor does, and zod, who
// allows for what that loses, disagree about a number of the payload.
func (p *payload) divide() {
	var numbers []float64
	collect(p.value, &numbers)
	r, disagree := remainders{}, false
	for _, divisor := range p.c.multiples {
		for _, n := range numbers {
			multiple := isMultiple(n, divisor)
			if !multiple {
				r[divisor] = append(r[divisor], n)
			}
			_, fraction := math.Modf(n / divisor)
			disagree = disagree || multiple != (fraction == 0)
		}
	}
	if disagree {
		p.rest = r
	}
}

func collect(v any, numbers *[]float64) {
	switch v := v.(type) {
	case float64:
		*numbers = append(*numbers, v)
	case []any:
		for _, element := range v {
			collect(element, numbers)
		}
	case map[string]any:
		for _, element := range v {
			collect(element, numbers)
		}
	}
}

// isMultiple reports whether zod takes n for a multiple: the quotient may be off by what
// two roundings to float64 can do to it.
func isMultiple(n, divisor float64) bool {
	const epsilon = 0x1p-52
	quotient := n / divisor
	off := math.Abs(quotient - math.Floor(quotient+0.5))
	return off < 4*epsilon*max(math.Abs(quotient), 1)
}
