package eventschema

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
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

// reference reads a $ref, which must lead from the root of the same schema.
func (p *parser) reference(v any, at string) string {
	ref := p.text(v, at)
	path, local := strings.CutPrefix(ref, "#")
	if !local || path != "" && path[0] != '/' {
		p.fail(at, "%q leads out of the schema; only references from its own root are supported", ref)
		return ""
	}
	if n, known := p.targets[path]; known {
		return defs(n)
	}
	plain, err := url.PathUnescape(path)
	target := p.at(plain)
	if err != nil || target == nil {
		p.fail(at, "%q leads nowhere", ref)
		return ""
	}
	n := len(p.targetOrder)
	p.targets[path] = n
	p.targetOrder = append(p.targetOrder, nil)
	depth := p.depth
	p.depth = 0
	p.targetOrder[n] = p.schema(target, plain)
	p.depth = depth
	return defs(n)
}

func defs(n int) string { return "#/$defs/" + strconv.Itoa(n) }

// at returns the part of the schema that a JSON Pointer leads to, or nil.
func (p *parser) at(pointer string) any {
	v := p.root
	if pointer == "" {
		return v
	}
	for step := range strings.SplitSeq(pointer[1:], "/") {
		step = unescape(step)
		switch parent := v.(type) {
		case map[string]any:
			v = parent[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(parent) {
				return nil
			}
			v = parent[i]
		default:
			return nil
		}
	}
	return v
}

// checkLoops refuses a schema that refers to itself for the same value: it would never be
// done.
func (p *parser) checkLoops(all []*schema) {
	const visiting, done = 1, 2
	state := map[*schema]int{}
	var visit func(s *schema)
	visit = func(s *schema) {
		switch state[s] {
		case visiting:
			p.fail("", "it refers to itself without end")
			return
		case done:
			return
		}
		state[s] = visiting
		for child := range sameValue(s) {
			visit(child)
		}
		if s.Ref != "" {
			visit(p.targetOrder[target(s.Ref)])
		}
		state[s] = done
	}
	for _, s := range all {
		visit(s)
	}
}

// target returns the N of a reference "#/$defs/N".
func target(ref string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(ref, "#/$defs/"))
	if err != nil {
		panic(errors.New("eventschema: a reference was not replaced: " + ref))
	}
	return n
}

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
