package eventschema

import (
	"iter"
	"maps"
	"slices"
)

// schema is a JSON Schema, of draft 2020-12 whatever it was written in. The fields are its
// keywords; those that are absent are nil, "" or false.
type schema struct {
	Ref string // "#/$defs/N", where N is a position in the targets of the parser

	Types []string
	Enum  []any
	Const *any

	MultipleOf, Minimum, Maximum, ExclusiveMinimum, ExclusiveMaximum *float64

	MinLength, MaxLength *int
	Pattern, Format      string

	MinItems, MaxItems, MinContains, MaxContains *int
	UniqueItems                                  bool
	PrefixItems                                  []*schema
	Items, Contains, UnevaluatedItems            *schema

	MinProperties, MaxProperties                               *int
	Required                                                   []string
	DependentRequired                                          map[string][]string
	Properties, PatternProperties, DependentSchemas            map[string]*schema
	AdditionalProperties, PropertyNames, UnevaluatedProperties *schema

	AllOf, AnyOf, OneOf []*schema
	Not, If, Then, Else *schema

	rules    int   // how many keywords there are that judge
	examples []any // and the default, if there is one, behind them
}

// never returns a schema that refuses everything.
func never() *schema { return &schema{Not: &schema{}, rules: 1} }

// isNever reports whether a schema is the one that never returns.
func isNever(s *schema) bool { return s.rules == 1 && s.Not != nil && s.Not.rules == 0 }

// is reports whether a type, of the draft's seven, is the only one that a schema names.
func (s *schema) is(typ string) bool { return len(s.Types) == 1 && s.Types[0] == typ }

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
