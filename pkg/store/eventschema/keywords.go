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
	r := &rules{}
	r.add(s.Ref != "", "$ref").Ref = s.Ref
	types := r.add(s.Type != "" || s.Types != nil, "type")
	types.Type, types.Types = s.Type, s.Types
	r.add(s.Enum != nil, "enum").Enum = s.Enum
	r.add(s.Const != nil, "const").Const = s.Const
	r.add(s.MultipleOf != nil, "multipleOf").MultipleOf = s.MultipleOf
	r.add(s.Minimum != nil, "minimum").Minimum = s.Minimum
	r.add(s.Maximum != nil, "maximum").Maximum = s.Maximum
	r.add(s.ExclusiveMinimum != nil, "exclusiveMinimum").ExclusiveMinimum = s.ExclusiveMinimum
	r.add(s.ExclusiveMaximum != nil, "exclusiveMaximum").ExclusiveMaximum = s.ExclusiveMaximum
	r.add(s.MinLength != nil, "minLength").MinLength = s.MinLength
	r.add(s.MaxLength != nil, "maxLength").MaxLength = s.MaxLength
	r.add(s.Pattern != "", "pattern").Pattern = s.Pattern
	r.add(s.Pattern == "" && judgedFormat(s.Format), "format").Format = s.Format
	r.addArray(s)
	r.addObject(s)
	r.addLogic(s)
	return r.all
}

// rules collects keywords.
type rules struct {
	all     []keyword
	dropped schema
}

// add returns the schema in which to put a keyword alone. What is put into that of one
// that is not present is dropped.
func (r *rules) add(present bool, name string) *schema {
	if !present {
		return &r.dropped
	}
	alone := &schema{}
	r.all = append(r.all, keyword{name, alone})
	return alone
}

func (r *rules) addArray(s *schema) {
	r.add(s.MinItems != nil, "minItems").MinItems = s.MinItems
	r.add(s.MaxItems != nil, "maxItems").MaxItems = s.MaxItems
	r.add(s.UniqueItems, "uniqueItems").UniqueItems = s.UniqueItems
	contains := r.add(s.Contains != nil, "contains")
	contains.Contains = s.Contains
	contains.MinContains, contains.MaxContains = s.MinContains, s.MaxContains
	r.add(s.PrefixItems != nil, "prefixItems").PrefixItems = s.PrefixItems
	items := r.add(s.Items != nil, "items")
	if items.Items = s.Items; s.Items != nil {
		items.PrefixItems = anything(s.PrefixItems)
	}
}

func (r *rules) addObject(s *schema) {
	r.add(s.MinProperties != nil, "minProperties").MinProperties = s.MinProperties
	r.add(s.MaxProperties != nil, "maxProperties").MaxProperties = s.MaxProperties
	r.add(s.Required != nil, "required").Required = s.Required
	r.add(s.DependentRequired != nil, "dependentRequired").DependentRequired = s.DependentRequired
	r.add(s.PropertyNames != nil, "propertyNames").PropertyNames = s.PropertyNames
	r.add(s.Properties != nil, "properties").Properties = s.Properties
	r.add(s.PatternProperties != nil, "patternProperties").PatternProperties = s.PatternProperties
	rest := r.add(s.AdditionalProperties != nil, "additionalProperties")
	if rest.AdditionalProperties = s.AdditionalProperties; s.AdditionalProperties != nil {
		rest.Properties = anyProperty(s.Properties)
		rest.PatternProperties = anyProperty(s.PatternProperties)
	}
}

func (r *rules) addLogic(s *schema) {
	r.add(s.AllOf != nil, "allOf").AllOf = s.AllOf
	r.add(s.AnyOf != nil, "anyOf").AnyOf = s.AnyOf
	r.add(s.OneOf != nil, "oneOf").OneOf = s.OneOf
	r.add(s.Not != nil, "not").Not = s.Not
	choice := r.add(s.If != nil, "if")
	choice.If, choice.Then, choice.Else = s.If, s.Then, s.Else
	r.add(s.DependentSchemas != nil, "dependentSchemas").DependentSchemas = s.DependentSchemas
	// These two depend on all the others.
	*r.add(s.UnevaluatedItems != nil, "unevaluatedItems") = *s
	*r.add(s.UnevaluatedProperties != nil, "unevaluatedProperties") = *s
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
