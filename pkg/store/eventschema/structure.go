package eventschema

import "iter"

// array judges a list by the keywords for lists.
func (p *payload) array(s *schema, list []any, say verdict) bool {
	count := func() int { return len(list) }
	return within(s.MinItems, s.MaxItems, count, "minItems", "maxItems", say) &&
		(!s.UniqueItems || say("uniqueItems", areUnique(list))) &&
		(s.Contains == nil || say("contains", p.contains(s, list))) &&
		(s.PrefixItems == nil || say("prefixItems", p.prefix(s.PrefixItems, list))) &&
		(s.Items == nil || say("items", p.all(s.Items, list, len(s.PrefixItems))))
}

// contains counts the items that fit: one at least, if the schema names no number.
func (p *payload) contains(s *schema, list []any) bool {
	n, least := 0, 1
	if s.MinContains != nil {
		least = *s.MinContains
	}
	for _, element := range list {
		if p.accepts(s.Contains, element) {
			n++
		}
	}
	return n >= least && (s.MaxContains == nil || n <= *s.MaxContains)
}

// prefix judges each item by the schema at its place.
func (p *payload) prefix(schemas []*schema, list []any) bool {
	for i, s := range schemas[:min(len(schemas), len(list))] {
		if !p.accepts(s, list[i]) {
			return false
		}
	}
	return true
}

// all judges the items from a position on by one schema.
func (p *payload) all(s *schema, list []any, from int) bool {
	for _, element := range list[min(from, len(list)):] {
		if !p.accepts(s, element) {
			return false
		}
	}
	return true
}

// object judges an object by the keywords for objects.
func (p *payload) object(s *schema, object map[string]any, say verdict) bool {
	count := func() int { return len(object) }
	return within(s.MinProperties, s.MaxProperties, count, "minProperties", "maxProperties", say) &&
		(s.Required == nil || say("required", hasAll(object, s.Required))) &&
		(s.DependentRequired == nil || say("dependentRequired", hasDependent(object, s.DependentRequired))) &&
		(s.PropertyNames == nil || say("propertyNames", p.names(s.PropertyNames, object))) &&
		(s.Properties == nil || say("properties", p.properties(s.Properties, object))) &&
		(s.PatternProperties == nil || say("patternProperties", p.matching(s.PatternProperties, object))) &&
		(s.AdditionalProperties == nil || say("additionalProperties", p.additional(s, object))) &&
		(s.DependentSchemas == nil || say("dependentSchemas", p.dependent(s.DependentSchemas, object)))
}

func hasAll(object map[string]any, names []string) bool {
	for _, name := range names {
		if _, has := object[name]; !has {
			return false
		}
	}
	return true
}

func hasDependent(object map[string]any, dependent map[string][]string) bool {
	for name, required := range dependent {
		if _, has := object[name]; has && !hasAll(object, required) {
			return false
		}
	}
	return true
}

func (p *payload) names(s *schema, object map[string]any) bool {
	for name := range object {
		if !p.accepts(s, name) {
			return false
		}
	}
	return true
}

func (p *payload) properties(schemas map[string]*schema, object map[string]any) bool {
	for name, s := range schemas {
		if element, has := object[name]; has && !p.accepts(s, element) {
			return false
		}
	}
	return true
}

// matching judges each property by the schemas whose patterns its name matches.
func (p *payload) matching(schemas map[string]*schema, object map[string]any) bool {
	for name, element := range object {
		for pattern, s := range schemas {
			if p.matches(pattern, name) && !p.accepts(s, element) {
				return false
			}
		}
	}
	return true
}

// additional judges the properties that the schema does not name.
func (p *payload) additional(s *schema, object map[string]any) bool {
	for name, element := range object {
		if !p.isNamed(s, name) && !p.accepts(s.AdditionalProperties, element) {
			return false
		}
	}
	return true
}

// isNamed reports whether a schema names a property, in full or by a pattern.
func (p *payload) isNamed(s *schema, name string) bool {
	if _, named := s.Properties[name]; named {
		return true
	}
	for pattern := range s.PatternProperties {
		if p.matches(pattern, name) {
			return true
		}
	}
	return false
}

func (p *payload) dependent(schemas map[string]*schema, object map[string]any) bool {
	for name, s := range schemas {
		if _, has := object[name]; has && !p.accepts(s, object) {
			return false
		}
	}
	return true
}

// unevaluated judges what no other keyword of the schema, or of one that it applies to the
// same value, has judged.
func (p *payload) unevaluated(s *schema, value any, say verdict) bool {
	switch v := value.(type) {
	case []any:
		return s.UnevaluatedItems == nil || say("unevaluatedItems", p.unevaluatedItems(s, v))
	case map[string]any:
		return s.UnevaluatedProperties == nil ||
			say("unevaluatedProperties", p.unevaluatedProperties(s, v))
	}
	return true
}

func (p *payload) unevaluatedItems(s *schema, list []any) bool {
	for i, element := range list {
		if !p.evaluatesItem(s, list, i, s) && !p.accepts(s.UnevaluatedItems, element) {
			return false
		}
	}
	return true
}

// evaluatesItem reports whether a schema judges an item. What asks does not count itself.
func (p *payload) evaluatesItem(s *schema, list []any, i int, asks *schema) bool {
	if i < len(s.PrefixItems) || s.Items != nil || s.UnevaluatedItems != nil && s != asks ||
		s.Contains != nil && p.accepts(s.Contains, list[i]) {
		return true
	}
	for child := range p.applied(s, list) {
		if p.evaluatesItem(child, list, i, asks) {
			return true
		}
	}
	return false
}

func (p *payload) unevaluatedProperties(s *schema, object map[string]any) bool {
	for name, element := range object {
		if !p.evaluatesProperty(s, object, name, s) && !p.accepts(s.UnevaluatedProperties, element) {
			return false
		}
	}
	return true
}

// evaluatesProperty reports whether a schema judges a property. What asks does not count
// itself.
func (p *payload) evaluatesProperty(s *schema, object map[string]any, name string, asks *schema) bool {
	if s.AdditionalProperties != nil || s.UnevaluatedProperties != nil && s != asks || p.isNamed(s, name) {
		return true
	}
	for child := range p.applied(s, object) {
		if p.evaluatesProperty(child, object, name, asks) {
			return true
		}
	}
	return false
}

// applied yields the schemas that a schema applies to the same value and that accept it.
func (p *payload) applied(s *schema, value any) iter.Seq[*schema] {
	return func(yield func(*schema) bool) {
		for child := range p.inPlace(s, value) {
			if child != nil && p.accepts(child, value) && !yield(child) {
				return
			}
		}
	}
}

func (p *payload) inPlace(s *schema, value any) iter.Seq[*schema] {
	return func(yield func(*schema) bool) {
		all := []*schema{s.If, s.Else}
		if s.If != nil && p.accepts(s.If, value) {
			all[1] = s.Then
		}
		if s.Ref != "" {
			all = append(all, p.c.target(s))
		}
		object, _ := value.(map[string]any)
		for name, child := range s.DependentSchemas {
			if _, has := object[name]; has {
				all = append(all, child)
			}
		}
		for _, list := range [][]*schema{all, s.AllOf, s.AnyOf, s.OneOf} {
			for _, child := range list {
				if !yield(child) {
					return
				}
			}
		}
	}
}
