package eventschema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantstore/store/pkg/store"
)

// maxWork bounds how often a schema is explained for one payload. Alternatives within
// alternatives multiply; beyond, it is only said that a part does not fit.
const maxWork = 10_000

// explain lists how a value breaks a schema that refuses it, keyword by keyword. Messages
// never repeat what a payload holds.
func (p *payload) explain(s *schema, value any, path string) []store.Violation {
	if p.explained++; p.explained > maxWork {
		return []store.Violation{{Path: path, Message: "does not fit the schema"}}
	}
	var broken []string
	p.each(s, value, func(keyword string, holds bool) bool {
		if !holds && p.err == nil {
			broken = append(broken, keyword)
		}
		return true
	})
	var all []store.Violation
	for _, keyword := range broken {
		all = append(all, p.broken(keyword, s, value, path)...)
	}
	return all
}

// broken lists how a value breaks one keyword.
func (p *payload) broken(keyword string, s *schema, value any, path string) []store.Violation {
	all := p.inside(keyword, s, value, path)
	if len(all) > 0 {
		return all
	}
	return []store.Violation{{Path: path, Keyword: keyword, Message: message(keyword, s, value)}}
}

// inside lists how a value breaks the schemas that a keyword applies, where it can be told.
func (p *payload) inside(keyword string, s *schema, value any, path string) []store.Violation {
	switch keyword {
	case "$ref":
		return p.explain(p.c.target(s), value, path)
	case "allOf":
		var all []store.Violation
		for _, child := range s.AllOf {
			all = append(all, p.inner(child, value, path)...)
		}
		return all
	case "anyOf":
		return p.onlyCandidate(s.AnyOf, value, path)
	case "oneOf":
		return p.onlyCandidate(s.OneOf, value, path)
	}
	switch value := value.(type) {
	case []any:
		return p.insideArray(keyword, s, value, path)
	case map[string]any:
		return p.insideObject(keyword, s, value, path)
	}
	return nil
}

// inner lists how a value breaks a schema inside of another, if it does.
func (p *payload) inner(s *schema, value any, path string) []store.Violation {
	if p.accepts(s, value) || p.err != nil {
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

func (p *payload) insideArray(keyword string, s *schema, list []any, path string) []store.Violation {
	var all []store.Violation
	for i, element := range list {
		at := path + "/" + strconv.Itoa(i)
		switch {
		case keyword == "prefixItems" && i < len(s.PrefixItems):
			all = append(all, p.inner(s.PrefixItems[i], element, at)...)
		case keyword != "items" || i < len(s.PrefixItems):
		case isNever(s.Items):
			all = append(all, store.Violation{Path: at, Keyword: "items", Message: "is one item too many"})
		default:
			all = append(all, p.inner(s.Items, element, at)...)
		}
	}
	return all
}

func (p *payload) insideObject(
	keyword string, s *schema, object map[string]any, path string,
) []store.Violation {
	if keyword == "required" {
		return missing(s.Required, object, path)
	}
	var all []store.Violation
	for _, name := range slices.Sorted(maps.Keys(object)) {
		all = append(all, p.insideProperty(keyword, s, name, object[name], path+"/"+escape(name))...)
	}
	return all
}

// missing lists the properties that are required and not there.
func missing(required []string, object map[string]any, path string) []store.Violation {
	var all []store.Violation
	for _, name := range required {
		if _, there := object[name]; !there {
			all = append(all, store.Violation{
				Path: path + "/" + escape(name), Keyword: "required", Message: "is required",
			})
		}
	}
	return all
}

// insideProperty lists how one property breaks a keyword of its object.
func (p *payload) insideProperty(keyword string, s *schema, name string, element any, at string,
) []store.Violation {
	switch keyword {
	case "propertyNames":
		return p.brokenName(s.PropertyNames, name, at)
	case "properties":
		if child, named := s.Properties[name]; named {
			return p.inner(child, element, at)
		}
	case "patternProperties":
		var all []store.Violation
		for _, pattern := range slices.Sorted(maps.Keys(s.PatternProperties)) {
			if p.matches(pattern, name) {
				all = append(all, p.inner(s.PatternProperties[pattern], element, at)...)
			}
		}
		return all
	case "additionalProperties":
		switch {
		case p.isNamed(s, name):
		case isNever(s.AdditionalProperties):
			return []store.Violation{{
				Path: at, Keyword: "additionalProperties", Message: "is not a property of this object",
			}}
		default:
			return p.inner(s.AdditionalProperties, element, at)
		}
	}
	return nil
}

// brokenName lists how a name breaks propertyNames.
func (p *payload) brokenName(s *schema, name, at string) []store.Violation {
	all := p.inner(s, name, at)
	for i := range all {
		all[i].Keyword, all[i].Message = "propertyNames", "the name "+all[i].Message
	}
	return all
}

// message says what is wrong with a value that breaks a keyword of a schema.
func message(keyword string, s *schema, value any) string {
	switch keyword {
	case "type":
		return "must be " + strings.Join(s.Types, " or ") + ", not " + typeOf(value)
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
		length = characters(text)
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
