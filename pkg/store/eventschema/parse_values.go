package eventschema

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantstore/store/pkg/store/eventschema/ecma"
)

// pattern compiles a regular expression and returns its text.
func (p *parser) pattern(text, at string) string {
	re, err := ecma.Compile(text)
	if err != nil {
		p.fail(at, "%v", err)
	}
	p.patterns[text] = re
	return text
}

func (p *parser) text(v any, at string) string {
	text, ok := v.(string)
	if !ok {
		p.fail(at, "it is no string")
	}
	return text
}

func (p *parser) texts(v any, at string) []string {
	list, ok := v.([]any)
	if !ok {
		p.fail(at, "it is no list of strings")
	}
	texts := make([]string, len(list))
	for i, element := range list {
		texts[i] = p.text(element, at)
	}
	return texts
}

func (p *parser) number(v any, at string) *float64 {
	n, ok := v.(float64)
	if !ok {
		p.fail(at, "it is no number")
	}
	return &n
}

func (p *parser) members(v any, at string) map[string]any {
	members, ok := v.(map[string]any)
	if !ok {
		p.fail(at, "it is no object")
	}
	return members
}

func (p *parser) schemas(v any, at string) map[string]*schema {
	all := map[string]*schema{}
	members := p.members(v, at)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		all[name] = p.schema(members[name], at+"/"+escape(name))
	}
	return all
}

func (p *parser) list(v any, at string) []*schema {
	list, ok := v.([]any)
	if !ok {
		p.fail(at, "it is no list of schemas")
	}
	all := make([]*schema, len(list))
	for i, element := range list {
		all[i] = p.schema(element, at+"/"+strconv.Itoa(i))
	}
	return all
}

// escape writes a name as a step of a JSON Pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func unescape(step string) string {
	return strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
}
