package eventschema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tenantstore/store/pkg/store"
)

// maxWork bounds how often a schema is explained for one payload. Alternatives within
// alternatives multiply; beyond, it is only said that a part does not fit.
const maxWork = 10_000

// explain lists how a value breaks a schema that refuses it, in the order of the paths.
// Messages never repeat what a payload holds.
func (p *payload) explain(s *schema, value any, path string) []store.Violation {
	if p.work++; p.work > maxWork {
		return []store.Violation{{Path: path, Message: "does not fit the schema"}}
	}
	var all []store.Violation
	for _, k := range keywordsOf(s) {
		if p.err == nil && !p.accepts(docKey{s, k.name}, k.alone, value) {
			all = append(all, p.broken(k, s, value, path)...)
		}
	}
	return all
}

// broken lists how a value breaks one keyword.
func (p *payload) broken(k keyword, s *schema, value any, path string) []store.Violation {
	var all []store.Violation
	switch k.name {
	case "$ref":
		all = p.explain(p.c.targets[target(s.Ref)], value, path)
	case "allOf":
		for _, child := range s.AllOf {
			all = append(all, p.inner(child, value, path)...)
		}
	case "anyOf":
		all = p.onlyCandidate(s.AnyOf, value, path)
	case "oneOf":
		all = p.onlyCandidate(s.OneOf, value, path)
	case "prefixItems", "items":
		all = p.brokenItems(k.alone, value, path)
	case "required":
		all = missing(s.Required, value, path)
	case "properties", "patternProperties", "additionalProperties", "propertyNames":
		all = p.brokenProperties(k.alone, value, path)
	}
	if len(all) > 0 {
		return all
	}
	return []store.Violation{{Path: path, Keyword: k.name, Message: message(k.name, s, value)}}
}

// inner lists how a value breaks a schema inside of another, if it does.
func (p *payload) inner(s *schema, value any, path string) []store.Violation {
	if p.err != nil || p.accepts(docKey{s, ""}, s, value) {
		return nil
	}
	return p.explain(s, value, path)
}

// onlyCandidate lists how a value breaks the one alternative that could be meant, where
// there is just one: where its type, or what tells it from the others, is right.
func (p *payload) onlyCandidate(list []*schema, value any, path string) []store.Violation {
	var found []store.Violation
	for _, s := range list {
		violations := p.inner(s, value, path)
		if len(violations) == 0 {
			return nil // oneOf with several that fit
		}
		if slices.ContainsFunc(violations, func(v store.Violation) bool { return excludes(v, path) }) {
			continue
		}
		if found != nil {
			return nil
		}
		found = violations
	}
	return found
}

// excludes reports whether a violation shows that an alternative at path was not meant.
func excludes(v store.Violation, path string) bool {
	rest := strings.TrimPrefix(v.Path, path)
	switch v.Keyword {
	case "type", "not":
		return rest == ""
	case "const", "enum":
		return strings.Count(rest, "/") <= 1
	}
	return false
}

func (p *payload) brokenItems(s *schema, value any, path string) []store.Violation {
	var all []store.Violation
	list, _ := value.([]any)
	for i, element := range list {
		at := path + "/" + strconv.Itoa(i)
		switch {
		case i < len(s.PrefixItems):
			all = append(all, p.inner(s.PrefixItems[i], element, at)...)
		case s.Items == nil:
		case isNever(s.Items):
			all = append(all, store.Violation{Path: at, Keyword: "items", Message: "is one item too many"})
		default:
			all = append(all, p.inner(s.Items, element, at)...)
		}
	}
	return all
}

// missing lists the properties that are required and not there.
func missing(required []string, value any, path string) []store.Violation {
	var all []store.Violation
	object, _ := value.(map[string]any)
	for _, name := range required {
		if _, there := object[name]; !there {
			all = append(all, store.Violation{
				Path: path + "/" + escape(name), Keyword: "required", Message: "is required",
			})
		}
	}
	return all
}

func (p *payload) brokenProperties(s *schema, value any, path string) []store.Violation {
	var all []store.Violation
	object, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at := path + "/" + escape(name)
		all = append(all, p.brokenName(s, name, at)...)
		child, named := s.Properties[name]
		if named {
			all = append(all, p.inner(child, object[name], at)...)
		}
		for _, pattern := range slices.Sorted(maps.Keys(s.PatternProperties)) {
			if p.passes(pattern, name) {
				named = true
				all = append(all, p.inner(s.PatternProperties[pattern], object[name], at)...)
			}
		}
		switch {
		case named || s.AdditionalProperties == nil:
		case isNever(s.AdditionalProperties):
			all = append(all, store.Violation{
				Path: at, Keyword: "additionalProperties", Message: "is not a property of this object",
			})
		default:
			all = append(all, p.inner(s.AdditionalProperties, object[name], at)...)
		}
	}
	return all
}

// brokenName lists how a name breaks propertyNames.
func (p *payload) brokenName(s *schema, name, at string) []store.Violation {
	if s.PropertyNames == nil {
		return nil
	}
	all := p.inner(s.PropertyNames, name, at)
	for i := range all {
		all[i].Keyword, all[i].Message = "propertyNames", "the name "+all[i].Message
	}
	return all
}

// message says what is wrong with a value that breaks a keyword of a schema.
func message(keyword string, s *schema, value any) string {
	switch keyword {
	case "type":
		types := s.Types
		if s.Type != "" {
			types = []string{s.Type}
		}
		return "must be " + strings.Join(types, " or ") + ", not " + typeOf(value)
	case "enum":
		return "must be one of " + shown(s.Enum...)
	case "const":
		return "must be " + shown(*s.Const)
	case "pattern":
		if s.Format != "" {
			return fmt.Sprintf("does not match the pattern of %s, %s", s.Format, s.Pattern)
		}
		return "does not match the pattern " + s.Pattern
	case "format":
		return map[string]string{"uri": "is no URL", "jwt": "is no JSON Web Token"}[s.Format]
	case "anyOf":
		return "fits none of the alternatives"
	case "oneOf":
		return "does not fit exactly one of the alternatives"
	case "not":
		return "is refused whatever it is"
	}
	return bound(keyword, s, value)
}

// bound says which bound a value breaks.
func bound(keyword string, s *schema, value any) string {
	length := 0
	if text, ok := value.(string); ok {
		length = utf8.RuneCountInString(text)
	}
	switch keyword {
	case "multipleOf":
		return "must be a multiple of " + shown(*s.MultipleOf)
	case "minimum":
		return "must be " + shown(*s.Minimum) + " or more"
	case "maximum":
		return "must be " + shown(*s.Maximum) + " or less"
	case "exclusiveMinimum":
		return "must be more than " + shown(*s.ExclusiveMinimum)
	case "exclusiveMaximum":
		return "must be less than " + shown(*s.ExclusiveMaximum)
	case "minLength":
		return fmt.Sprintf("must have %d characters or more, not %d", *s.MinLength, length)
	case "maxLength":
		return fmt.Sprintf("must have %d characters or fewer, not %d", *s.MaxLength, length)
	case "minItems":
		return fmt.Sprintf("must have %d items or more", *s.MinItems)
	case "maxItems":
		return fmt.Sprintf("must have %d items or fewer", *s.MaxItems)
	case "minProperties":
		return fmt.Sprintf("must have %d properties or more", *s.MinProperties)
	case "maxProperties":
		return fmt.Sprintf("must have %d properties or fewer", *s.MaxProperties)
	}
	return "breaks the rule " + keyword
}

// typeOf names the type of a value.
func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "a number that JavaScript cannot hold"
}

// maxShown is how many values of an enum a message names.
const maxShown = 10

// shown writes values of a schema as JSON.
func shown(values ...any) string {
	var texts []string
	for i, v := range values {
		if i == maxShown {
			texts = append(texts, fmt.Sprintf("%d others", len(values)-i))
			break
		}
		texts = append(texts, asJSON(v))
	}
	return strings.Join(texts, ", ")
}
