package eventschema

import (
	"iter"
	"maps"
	"slices"
)

// keyword is one rule of a schema, alone in a schema of its own.
type keyword struct {
	name  string
	alone *schema
}

// keywordsOf takes a schema apart into rules that can be judged one by one. Those that
// apply other schemas to parts of the value are among them.
func keywordsOf(s *schema) []keyword {
	var all []keyword
	add := func(present bool, name string, alone schema) {
		if present {
			all = append(all, keyword{name, &alone})
		}
	}
	add(s.Ref != "", "$ref", schema{Ref: s.Ref})
	add(s.Type != "" || s.Types != nil, "type", schema{Type: s.Type, Types: s.Types})
	add(s.Enum != nil, "enum", schema{Enum: s.Enum})
	add(s.Const != nil, "const", schema{Const: s.Const})
	add(s.MultipleOf != nil, "multipleOf", schema{MultipleOf: s.MultipleOf})
	add(s.Minimum != nil, "minimum", schema{Minimum: s.Minimum})
	add(s.Maximum != nil, "maximum", schema{Maximum: s.Maximum})
	add(s.ExclusiveMinimum != nil, "exclusiveMinimum", schema{ExclusiveMinimum: s.ExclusiveMinimum})
	add(s.ExclusiveMaximum != nil, "exclusiveMaximum", schema{ExclusiveMaximum: s.ExclusiveMaximum})
	add(s.MinLength != nil, "minLength", schema{MinLength: s.MinLength})
	add(s.MaxLength != nil, "maxLength", schema{MaxLength: s.MaxLength})
	add(s.Pattern != "", "pattern", schema{Pattern: s.Pattern})
	add(s.Pattern == "" && judgedFormat(s.Format), "format", schema{Format: s.Format})
	for _, k := range slices.Concat(arrayKeywords(s), objectKeywords(s), logicKeywords(s)) {
		all = append(all, k)
	}
	return all
}

func arrayKeywords(s *schema) []keyword {
	var all []keyword
	add := func(present bool, name string, alone schema) {
		if present {
			all = append(all, keyword{name, &alone})
		}
	}
	add(s.MinItems != nil, "minItems", schema{MinItems: s.MinItems})
	add(s.MaxItems != nil, "maxItems", schema{MaxItems: s.MaxItems})
	add(s.UniqueItems, "uniqueItems", schema{UniqueItems: true})
	add(s.Contains != nil, "contains", schema{
		Contains: s.Contains, MinContains: s.MinContains, MaxContains: s.MaxContains,
	})
	add(s.PrefixItems != nil, "prefixItems", schema{PrefixItems: s.PrefixItems})
	add(s.Items != nil, "items", schema{PrefixItems: anything(s.PrefixItems), Items: s.Items})
	return all
}

func objectKeywords(s *schema) []keyword {
	var all []keyword
	add := func(present bool, name string, alone schema) {
		if present {
			all = append(all, keyword{name, &alone})
		}
	}
	add(s.MinProperties != nil, "minProperties", schema{MinProperties: s.MinProperties})
	add(s.MaxProperties != nil, "maxProperties", schema{MaxProperties: s.MaxProperties})
	add(s.Required != nil, "required", schema{Required: s.Required})
	add(s.DependentRequired != nil, "dependentRequired", schema{DependentRequired: s.DependentRequired})
	add(s.PropertyNames != nil, "propertyNames", schema{PropertyNames: s.PropertyNames})
	add(s.Properties != nil, "properties", schema{Properties: s.Properties})
	add(s.PatternProperties != nil, "patternProperties", schema{PatternProperties: s.PatternProperties})
	add(s.AdditionalProperties != nil, "additionalProperties", schema{
		Properties: anyProperty(s.Properties), PatternProperties: anyProperty(s.PatternProperties),
		AdditionalProperties: s.AdditionalProperties,
	})
	return all
}

func logicKeywords(s *schema) []keyword {
	var all []keyword
	add := func(present bool, name string, alone schema) {
		if present {
			all = append(all, keyword{name, &alone})
		}
	}
	add(s.AllOf != nil, "allOf", schema{AllOf: s.AllOf})
	add(s.AnyOf != nil, "anyOf", schema{AnyOf: s.AnyOf})
	add(s.OneOf != nil, "oneOf", schema{OneOf: s.OneOf})
	add(s.Not != nil, "not", schema{Not: s.Not})
	add(s.If != nil, "if", schema{If: s.If, Then: s.Then, Else: s.Else})
	add(s.DependentSchemas != nil, "dependentSchemas", schema{DependentSchemas: s.DependentSchemas})
	// These two depend on all the others.
	add(s.UnevaluatedItems != nil, "unevaluatedItems", *s)
	add(s.UnevaluatedProperties != nil, "unevaluatedProperties", *s)
	return all
}

// anything returns as many schemas that accept everything.
func anything(list []*schema) []*schema {
	all := make([]*schema, len(list))
	for i := range all {
		all[i] = &schema{}
	}
	return all
}

func anyProperty(properties map[string]*schema) map[string]*schema {
	all := map[string]*schema{}
	for name := range properties {
		all[name] = &schema{}
	}
	return all
}

// sameValue yields the schemas inside of s that judge the same value, references aside.
func sameValue(s *schema) iter.Seq[*schema] {
	return func(yield func(*schema) bool) {
		for _, list := range [][]*schema{s.AllOf, s.AnyOf, s.OneOf, {s.Not, s.If, s.Then, s.Else}} {
			for _, child := range list {
				if child != nil && !yield(child) {
					return
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.DependentSchemas)) {
			if !yield(s.DependentSchemas[name]) {
				return
			}
		}
	}
}

// withChildren returns a copy of s in which f has replaced every schema directly inside.
func withChildren(s *schema, f func(*schema) *schema) *schema {
	d := *s
	for _, field := range []**schema{
		&d.Items, &d.Contains, &d.UnevaluatedItems, &d.AdditionalProperties, &d.PropertyNames,
		&d.UnevaluatedProperties, &d.Not, &d.If, &d.Then, &d.Else,
	} {
		if *field != nil {
			*field = f(*field)
		}
	}
	for _, field := range []*[]*schema{&d.PrefixItems, &d.AllOf, &d.AnyOf, &d.OneOf} {
		*field = slices.Clone(*field)
		for i, child := range *field {
			(*field)[i] = f(child)
		}
	}
	for _, field := range []*map[string]*schema{
		&d.Properties, &d.PatternProperties, &d.DependentSchemas,
	} {
		*field = maps.Clone(*field)
		for name, child := range *field {
			(*field)[name] = f(child)
		}
	}
	return &d
}

// walk visits s and every schema inside of it, references aside.
func walk(s *schema, visit func(*schema)) {
	visit(s)
	withChildren(s, func(child *schema) *schema {
		walk(child, visit)
		return child
	})
}
