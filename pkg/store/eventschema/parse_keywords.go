package eventschema

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// core reads what is neither an assertion nor applies other schemas.
func (p *parser) core(s *schema, keyword string, v any, at string) bool {
	switch keyword {
	case "$ref":
		s.Ref = p.reference(v, at)
		s.rules++
	case "$id":
		if strings.Count(at, "/") > 1 {
			p.fail(at, "a part of a schema with an $id of its own is not supported")
		}
	case "$defs", "definitions":
		p.schemas(v, at) // for what is wrong in them; used are those that are referred to
	case "examples":
		s.examples, _ = v.([]any)
	case "example":
		s.examples = []any{v}
	case "format":
		if s.Format = p.text(v, at); judgedFormat(s.Format) {
			s.rules++
		}
	default:
		return false
	}
	return true
}

// assertion reads a keyword that judges a value by itself.
func (p *parser) assertion(s *schema, keyword string, v any, at string) bool {
	switch keyword {
	case "type":
		p.types(s, v, at)
	case "enum":
		list, ok := v.([]any)
		if !ok {
			p.fail(at, "it is no list")
		}
		s.Enum = append([]any{}, list...)
	case "const":
		s.Const = &v
	case "pattern":
		s.Pattern = p.pattern(p.text(v, at), at)
	case "uniqueItems":
		s.UniqueItems, _ = v.(bool)
		if _, ok := v.(bool); !ok {
			p.fail(at, "it is neither true nor false")
		}
	case "required":
		s.Required = p.texts(v, at)
	case "dependentRequired":
		s.DependentRequired = map[string][]string{}
		for name, list := range p.members(v, at) {
			s.DependentRequired[name] = p.texts(list, at+"/"+escape(name))
		}
	default:
		return p.limit(s, keyword, v, at) || p.count(s, keyword, v, at)
	}
	return true
}

// limit reads a keyword that judges numbers.
func (p *parser) limit(s *schema, keyword string, v any, at string) bool {
	switch keyword {
	case "multipleOf":
		if s.MultipleOf = p.number(v, at); *s.MultipleOf <= 0 {
			p.fail(at, "it is not more than 0")
		}
	case "minimum":
		s.Minimum = p.number(v, at)
	case "maximum":
		s.Maximum = p.number(v, at)
	case "exclusiveMinimum":
		s.ExclusiveMinimum = p.bound(v, at)
	case "exclusiveMaximum":
		s.ExclusiveMaximum = p.bound(v, at)
	default:
		return false
	}
	return true
}

// count reads a keyword that counts.
func (p *parser) count(s *schema, keyword string, v any, at string) bool {
	field := map[string]**int{
		"minLength": &s.MinLength, "maxLength": &s.MaxLength,
		"minItems": &s.MinItems, "maxItems": &s.MaxItems,
		"minProperties": &s.MinProperties, "maxProperties": &s.MaxProperties,
		"minContains": &s.MinContains, "maxContains": &s.MaxContains,
	}[keyword]
	if field == nil {
		return false
	}
	n, ok := v.(float64)
	if !ok || n < 0 || n != math.Trunc(n) {
		p.fail(at, "it is no count")
	}
	// No payload holds more: a value is 512 MiB at most.
	count := int(min(n, math.MaxInt32))
	*field = &count
	return true
}

// applicator reads a keyword that applies other schemas.
func (p *parser) applicator(s *schema, keyword string, v any, at string) bool {
	if field := oneSchema(s, keyword); field != nil {
		*field = p.schema(v, at)
		return true
	}
	switch keyword {
	case "properties":
		s.Properties = p.schemas(v, at)
	case "patternProperties":
		s.PatternProperties = p.schemas(v, at)
		for _, pattern := range slices.Sorted(maps.Keys(s.PatternProperties)) {
			p.pattern(pattern, at+"/"+escape(pattern))
		}
	case "dependentSchemas":
		s.DependentSchemas = p.schemas(v, at)
	case "allOf":
		s.AllOf = p.list(v, at)
	case "anyOf":
		s.AnyOf = p.list(v, at)
	case "oneOf":
		s.OneOf = p.list(v, at)
	case "prefixItems":
		s.PrefixItems = p.list(v, at)
	case "items":
		p.items(s, v, at)
	case "additionalItems":
		if p.dialect == draft2020 {
			return false
		}
		p.additionalItems(s, v, at)
	default:
		return false
	}
	return true
}

// items reads one schema for all items, or in older drafts one for each.
func (p *parser) items(s *schema, v any, at string) {
	if _, tuple := v.([]any); !tuple {
		s.Items = p.schema(v, at)
		return
	}
	if p.dialect == draft2020 {
		p.fail(at, "a list of schemas is not of draft 2020-12; there it is prefixItems")
	}
	s.PrefixItems = p.list(v, at)
}

// additionalItems only means something beside a list of items, which is "items" as well
// but sorts behind it.
func (p *parser) additionalItems(s *schema, v any, at string) {
	parent := p.at(strings.TrimSuffix(at, "/additionalItems"))
	object, _ := parent.(map[string]any)
	if _, tuple := object["items"].([]any); tuple {
		s.Items = p.schema(v, at)
	}
}

// oneSchema returns where the schema of a keyword belongs that has one.
func oneSchema(s *schema, keyword string) **schema {
	switch keyword {
	case "additionalProperties":
		return &s.AdditionalProperties
	case "propertyNames":
		return &s.PropertyNames
	case "contains":
		return &s.Contains
	case "not":
		return &s.Not
	case "if":
		return &s.If
	case "then":
		return &s.Then
	case "else":
		return &s.Else
	case "unevaluatedProperties":
		return &s.UnevaluatedProperties
	case "unevaluatedItems":
		return &s.UnevaluatedItems
	}
	return nil
}

// exclusive reads the bounds of draft 4, where true makes another keyword exclusive.
func (p *parser) exclusive(s *schema, object map[string]any) {
	if on, _ := object["exclusiveMinimum"].(bool); on {
		s.ExclusiveMinimum, s.Minimum = s.Minimum, nil
	}
	if on, _ := object["exclusiveMaximum"].(bool); on {
		s.ExclusiveMaximum, s.Maximum = s.Maximum, nil
	}
}

func (p *parser) bound(v any, at string) *float64 {
	if _, old := v.(bool); old && (p.dialect == draft4 || p.dialect == openAPI3) {
		return nil
	}
	return p.number(v, at)
}

func (p *parser) types(s *schema, v any, at string) {
	if _, one := v.(string); one {
		v = []any{v}
	}
	s.Types = p.texts(v, at)
	for _, name := range s.Types {
		switch name {
		case "string", "number", "integer", "boolean", "object", "array", "null":
		default:
			p.fail(at, "there is no type %q", name)
		}
	}
}
