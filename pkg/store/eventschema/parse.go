package eventschema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantstore/store/pkg/store/eventschema/ecma"
)

// dialect is a way to write schemas.
type dialect int

const (
	draft2020 dialect = iota
	draft7
	draft4
	openAPI3
)

// parseDialect reads what a registry says under "dialect", or a schema under "$schema".
func parseDialect(name string) (dialect, error) {
	bare := strings.TrimSuffix(name, "#")
	bare = strings.TrimPrefix(strings.TrimPrefix(bare, "http://"), "https://")
	switch bare {
	case "", "json-schema.org/draft/2020-12/schema", "draft-2020-12":
		return draft2020, nil
	case "json-schema.org/draft-07/schema", "draft-7", "draft-07":
		return draft7, nil
	case "json-schema.org/draft-04/schema", "draft-4", "draft-04":
		return draft4, nil
	case "openapi-3.0":
		return openAPI3, nil
	}
	return 0, fmt.Errorf("the dialect %q is not supported; those are draft-2020-12, draft-7, "+
		"draft-4 and openapi-3.0", name)
}

// parser turns the JSON of one schema into a schema of draft 2020-12.
type parser struct {
	root    any
	dialect dialect
	// targets are what references lead to, by their position in targetOrder.
	targets     map[string]int
	targetOrder []*schema
	patterns    map[string]*ecma.Regexp // those that schemas name
	depth       int
	err         error // the first thing that is wrong
}

// problem is something wrong in a schema.
type problem struct {
	path   string
	reason string
}

func (p *problem) Error() string {
	if p.path == "" {
		return p.reason
	}
	return p.path + ": " + p.reason
}

// fail keeps the first problem.
func (p *parser) fail(path, format string, args ...any) {
	if p.err == nil {
		p.err = &problem{path, fmt.Sprintf(format, args...)}
	}
}

// parse reads a decoded schema. References are replaced by "#/$defs/N", where N is a
// position in the targets.
func parse(root any, inFile string) (*schema, *parser, error) {
	p := &parser{root: root, targets: map[string]int{}, patterns: map[string]*ecma.Regexp{}}
	name := inFile
	if object, ok := root.(map[string]any); ok {
		if own, ok := object["$schema"].(string); ok {
			name = own
		}
	}
	var err error
	if p.dialect, err = parseDialect(name); err != nil {
		return nil, nil, err
	}
	s := p.schema(root, "")
	if p.err == nil {
		p.checkLoops(append([]*schema{s}, p.targetOrder...))
	}
	return s, p, p.err
}

// maxDepth bounds how deep a schema nests.
const maxDepth = 500

func (p *parser) schema(v any, path string) *schema {
	if p.depth++; p.depth > maxDepth {
		p.fail(path, "it nests too deep")
		return &schema{}
	}
	defer func() { p.depth-- }()
	switch v := v.(type) {
	case bool:
		if v {
			return &schema{}
		}
		return never()
	case map[string]any:
		return p.object(v, path)
	}
	p.fail(path, "a schema is an object, true or false")
	return &schema{}
}

func (p *parser) object(object map[string]any, path string) *schema {
	s := &schema{}
	for _, keyword := range slices.Sorted(maps.Keys(object)) {
		v, at := object[keyword], path+"/"+escape(keyword)
		if _, alone := object["$ref"]; alone && p.dialect != draft2020 && !mayStandByRef(keyword) {
			continue // "All other properties in a $ref object MUST be ignored"
		}
		p.keyword(s, keyword, v, at)
	}
	if v, has := object["default"]; has {
		s.examples = append(slices.Clone(s.examples), v)
	}
	p.exclusive(s, object)
	if nullable, _ := object["nullable"].(bool); nullable && p.dialect == openAPI3 {
		null := &schema{Types: []string{"null"}, rules: 1}
		return &schema{AnyOf: []*schema{null, s}, examples: s.examples, rules: 1}
	}
	return s
}

func (p *parser) keyword(s *schema, keyword string, v any, at string) {
	switch {
	case p.core(s, keyword, v, at):
	case p.assertion(s, keyword, v, at), p.applicator(s, keyword, v, at):
		s.rules++
	case unsupported(keyword):
		p.fail(at, "this keyword is not supported")
	}
}

func mayStandByRef(keyword string) bool {
	return keyword == "$ref" || keyword == "definitions" || keyword == "$schema"
}

// unsupported reports whether a keyword that was not understood would judge something.
// Others are annotations.
func unsupported(keyword string) bool {
	switch keyword {
	case "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef",
		"$vocabulary", "dependencies", "additionalItems", "extends", "disallow":
		return true
	}
	return false
}
