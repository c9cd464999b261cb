package eventschema

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantstore/store/pkg/store"
)

// example makes a payload that the schema accepts.
func (c *compiled) example() (store.Value, error) {
	g := &generator{c: c}
	value, err := store.ParseValue([]byte(asJSON(g.value(c.root))))
	if err != nil {
		return nil, err
	}
	violations, err := c.judge(value)
	if err == nil && len(violations) > 0 {
		v := violations[0]
		err = errors.New("no example was found: " + strings.TrimSpace(v.Path+" "+v.Message))
	}
	return value, err
}

// asJSON writes a value that came from JSON, or could have.
func asJSON(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "null" // a number in it is none of JSON's
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// generator makes example values. Each schema is tried with what it offers itself, then
// with what its rules suggest.
type generator struct {
	c     *compiled
	depth int
}

// maxExample bounds how deep an example goes. What is optional ends well before.
const (
	maxExample  = 40
	maxOptional = 6
)

func (g *generator) value(s *schema) any {
	if g.depth++; g.depth > maxExample {
		g.depth--
		return nil
	}
	defer func() { g.depth-- }()
	for _, v := range g.offers(s) {
		if g.fits(s, v) {
			return v
		}
	}
	return g.made(s)
}

// offers returns the values that a schema itself names, or that follow from others.
func (g *generator) offers(s *schema) []any {
	all := slices.Clone(s.examples)
	if s.Const != nil {
		all = append(all, *s.Const)
	}
	all = append(all, s.Enum...)
	if s.Ref != "" {
		all = append(all, g.value(g.c.target(s)))
	}
	for _, list := range [][]*schema{s.AnyOf, s.OneOf, s.AllOf} {
		for _, child := range list {
			if !child.is("null") {
				all = append(all, g.value(child))
			}
		}
	}
	return all
}

// fits reports whether a schema accepts a value.
func (g *generator) fits(s *schema, v any) bool {
	return g.c.payload(0).accepts(s, v)
}

// made makes a value of what the rules say.
func (g *generator) made(s *schema) any {
	typ := ""
	if len(s.Types) > 0 {
		typ = s.Types[0]
	}
	switch {
	case typ == "object", typ == "" && s.Properties != nil:
		return g.object(s)
	case typ == "array", typ == "" && s.PrefixItems != nil:
		return g.array(s)
	case typ == "string", typ == "" && (s.Pattern != "" || judgedFormat(s.Format)):
		return g.text(s)
	case typ == "number", typ == "integer":
		return g.number(s)
	case typ == "boolean":
		return true
	case typ == "" && len(s.AllOf) > 0:
		return g.object(merged(s.AllOf))
	}
	return nil
}

// merged joins the properties of schemas that all apply.
func merged(list []*schema) *schema {
	all := &schema{Properties: map[string]*schema{}}
	for _, s := range list {
		maps.Copy(all.Properties, s.Properties)
		all.Required = append(all.Required, s.Required...)
	}
	return all
}

// object has all properties, near the root at least; those further down only where they
// must be.
func (g *generator) object(s *schema) any {
	object := map[string]any{}
	for name, child := range s.Properties {
		if isNever(child) {
			continue
		}
		required := slices.Contains(s.Required, name)
		if required || g.depth < maxOptional {
			v := g.value(child)
			if required || g.fits(child, v) {
				object[name] = v
			}
		}
	}
	for _, name := range s.Required {
		if _, has := object[name]; !has && s.AdditionalProperties != nil {
			object[name] = g.value(s.AdditionalProperties)
		}
	}
	least := 0
	if s.MinProperties != nil {
		least = *s.MinProperties
	}
	if s.Properties == nil && s.AdditionalProperties != nil && g.depth < maxOptional {
		least = max(least, 1)
	}
	for i := 0; len(object) < least && i < 2*least; i++ {
		g.addProperty(s, object, i)
	}
	return object
}

// addProperty adds one with a name that may be anything.
func (g *generator) addProperty(s *schema, object map[string]any, i int) {
	names := []string{"key" + strconv.Itoa(i+1)}
	if s.PropertyNames != nil {
		if name, ok := g.value(s.PropertyNames).(string); ok {
			names = append([]string{name}, names...)
		}
	}
	for _, name := range names {
		if s.PropertyNames != nil && !g.fits(s.PropertyNames, name) {
			continue
		}
		if s.AdditionalProperties != nil {
			object[name] = g.value(s.AdditionalProperties)
			return
		}
		object[name] = "value"
		return
	}
}

func (g *generator) array(s *schema) any {
	list := []any{}
	for _, child := range s.PrefixItems {
		list = append(list, g.value(child))
	}
	least := 0
	if s.MinItems != nil {
		least = *s.MinItems
	}
	if s.Items != nil && !isNever(s.Items) && g.depth < maxOptional {
		least = max(least, 1, len(list))
	}
	for len(list) < min(least, 1000) {
		if s.Items == nil {
			list = append(list, nil)
			continue
		}
		list = append(list, g.value(s.Items))
	}
	return list
}

// number finds a number between the bounds.
func (g *generator) number(s *schema) any {
	candidates := []float64{1, 0, 42, -1, 0.5}
	step := 1.0
	if s.MultipleOf != nil {
		step = *s.MultipleOf
		candidates = append([]float64{step}, candidates...)
	}
	for _, edge := range []*float64{s.Minimum, s.ExclusiveMinimum, s.Maximum, s.ExclusiveMaximum} {
		if edge != nil {
			whole := math.Round(*edge/step) * step
			candidates = append(candidates, *edge, whole, whole+step, whole-step, *edge+0.5, *edge-0.5)
		}
	}
	lower, upper := first(s.Minimum, s.ExclusiveMinimum), first(s.Maximum, s.ExclusiveMaximum)
	if lower != nil && upper != nil {
		candidates = append(candidates, (*lower+*upper)/2)
	}
	for _, n := range candidates {
		if g.fits(s, n) {
			return n
		}
	}
	return 0.0
}

func first(a, b *float64) *float64 {
	if a != nil {
		return a
	}
	return b
}
