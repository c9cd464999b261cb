package eventschema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/tenantstore/store/pkg/store/eventschema/ecma"
)

// compiled is a schema that is ready to judge. It is safe for concurrent use.
type compiled struct {
	root    *schema
	targets []*schema // what references lead to
	tests   []test
	index   map[string]int // of tests, by testOf
	// constants are the texts that the schema itself names, with their marks.
	constants map[string]string
	multiples []float64 // the values of multipleOf

	mu   sync.Mutex
	docs map[docKey]*jsonschema.Resolved
}

// test is what a text has to pass: a pattern, or a format that is judged.
type test func(text string) (bool, error)

// docKey names a document for the judge: a schema, or one keyword of it.
type docKey struct {
	s       *schema
	keyword string
}

// maxTests bounds the number of patterns in a schema. The judge's own regular expressions
// count no further.
const maxTests = 1000

// compile reads a schema and checks all of it.
func compile(text []byte, dialect string) (*compiled, error) {
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("a number in it is too large")
	}
	s, p, err := parse(root, dialect)
	if err != nil {
		return nil, err
	}
	c := &compiled{
		root: s, targets: p.targetOrder, index: map[string]int{}, constants: map[string]string{},
		docs: map[docKey]*jsonschema.Resolved{},
	}
	for _, s := range append([]*schema{s}, c.targets...) {
		if err := c.prepare(s, p.patterns); err != nil {
			return nil, err
		}
	}
	if err := c.markConstants(); err != nil {
		return nil, err
	}
	_, err = c.doc(docKey{c.root, ""}, c.root, nil)
	return c, err
}

// testOf names the test that the texts a schema judges have to pass; "" for none.
func testOf(s *schema) string {
	switch {
	case s.Pattern != "":
		return s.Pattern
	case judgedFormat(s.Format):
		return "\x00" + s.Format
	}
	return ""
}

// prepare collects the tests, constants and multiples of a schema.
func (c *compiled) prepare(s *schema, patterns map[string]*ecma.Regexp) error {
	var failed error
	walk(s, func(s *schema) {
		var names []string
		if name := testOf(s); name != "" {
			names = append(names, name)
		}
		names = append(names, slices.Sorted(maps.Keys(s.PatternProperties))...)
		for _, name := range names {
			if err := c.addTest(name, patterns[name]); err != nil && failed == nil {
				failed = err
			}
		}
		c.addConstants(s)
		if s.MultipleOf != nil && !slices.Contains(c.multiples, *s.MultipleOf) {
			c.multiples = append(c.multiples, *s.MultipleOf)
		}
	})
	return failed
}

func (c *compiled) addTest(name string, re *ecma.Regexp) error {
	if _, known := c.index[name]; known {
		return nil
	}
	if len(c.tests) == maxTests {
		return fmt.Errorf("it has more than %d patterns", maxTests)
	}
	c.index[name] = len(c.tests)
	if format, isFormat := strings.CutPrefix(name, "\x00"); isFormat {
		c.tests = append(c.tests, formatTest(format))
		return nil
	}
	c.tests = append(c.tests, re.MatchString)
	return nil
}

func (c *compiled) addConstants(s *schema) {
	for name := range s.Properties {
		c.constants[name] = ""
	}
	for name, required := range s.DependentRequired {
		c.constants[name] = ""
		for _, name := range required {
			c.constants[name] = ""
		}
	}
	for name := range s.DependentSchemas {
		c.constants[name] = ""
	}
	for _, name := range s.Required {
		c.constants[name] = ""
	}
	for _, v := range s.Enum {
		c.addTexts(v)
	}
	if s.Const != nil {
		c.addTexts(*s.Const)
	}
}

func (c *compiled) addTexts(v any) {
	switch v := v.(type) {
	case string:
		c.constants[v] = ""
	case []any:
		for _, element := range v {
			c.addTexts(element)
		}
	case map[string]any:
		for name, element := range v {
			c.constants[name] = ""
			c.addTexts(element)
		}
	}
}

// markConstants puts every constant to every test: a text of a payload that equals one
// must carry the same marks.
func (c *compiled) markConstants() error {
	for text := range c.constants {
		marks := make([]byte, len(c.tests))
		for i, test := range c.tests {
			passed, err := test(text)
			if err != nil {
				return err
			}
			marks[i] = mark(passed)
		}
		c.constants[text] = string(marks) + text
	}
	return nil
}

// The marks at the front of a text, one for each test.
const (
	markNo    = '0'
	markYes   = '1'
	markUnput = '?' // no part of the schema puts this text to that test
)

func mark(passed bool) byte {
	if passed {
		return markYes
	}
	return markNo
}

// doc returns a document for the judge, made of a schema. Documents that depend on the
// payload, because of remainders, are not kept.
func (c *compiled) doc(key docKey, s *schema, r remainders) (*jsonschema.Resolved, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.docs[key]; ok && r == nil {
		return kept, nil
	}
	marked := c.mark(s, r)
	if hasRefs(s) {
		marked.Defs = map[string]*schema{}
		for n, target := range c.targets {
			marked.Defs[strings.TrimPrefix(defs(n), "#/$defs/")] = c.mark(target, r)
		}
	}
	marked.Schema = "https://json-schema.org/draft/2020-12/schema"
	doc, err := marked.Resolve(nil)
	if err == nil && r == nil {
		c.docs[key] = doc
	}
	return doc, err
}

func hasRefs(s *schema) bool {
	found := false
	walk(s, func(s *schema) { found = found || s.Ref != "" })
	return found
}

// mark returns a copy of a schema that judges marked payloads: the tests are answered by
// marks, and the constants are marked as well.
func (c *compiled) mark(s *schema, r remainders) *schema {
	d := withChildren(s, func(child *schema) *schema { return c.mark(child, r) })
	d.Extra, d.Examples, d.Format, d.Pattern = nil, nil, "", ""
	if name := testOf(s); name != "" {
		d.Pattern = c.markPattern(name)
	}
	d.PatternProperties = rename(d.PatternProperties, c.markPattern)
	d.Properties = rename(d.Properties, c.constant)
	d.DependentSchemas = rename(d.DependentSchemas, c.constant)
	d.Required = c.constantList(s.Required)
	if s.DependentRequired != nil {
		d.DependentRequired = map[string][]string{}
		for name, required := range s.DependentRequired {
			d.DependentRequired[c.constant(name)] = c.constantList(required)
		}
	}
	d.Enum = slices.Clone(s.Enum)
	for i, v := range d.Enum {
		d.Enum[i] = c.markConstant(v)
	}
	if s.Const != nil {
		v := c.markConstant(*s.Const)
		d.Const = &v
	}
	d.MinLength, d.MaxLength = c.longer(s.MinLength), c.longer(s.MaxLength)
	r.apply(d)
	return d
}

// markPattern returns the pattern that finds a test's mark. It is the judge's, and so for
// Go's regexp.
func (c *compiled) markPattern(name string) string {
	return fmt.Sprintf(`^(?s:.{%d})%c`, c.index[name], markYes)
}

func (c *compiled) constant(text string) string { return c.constants[text] }

func (c *compiled) constantList(texts []string) []string {
	marked := slices.Clone(texts)
	for i, text := range marked {
		marked[i] = c.constants[text]
	}
	return marked
}

func (c *compiled) markConstant(v any) any { return markTexts(v, c.constant) }

// longer makes room for the marks in a bound of a length.
func (c *compiled) longer(n *int) *int {
	if n == nil {
		return nil
	}
	sum := min(*n, math.MaxInt32) + len(c.tests)
	return &sum
}

func rename(all map[string]*schema, f func(string) string) map[string]*schema {
	if all == nil {
		return nil
	}
	renamed := map[string]*schema{}
	for name, s := range all {
		renamed[f(name)] = s
	}
	return renamed
}

// markTexts returns a copy of a value in which f has replaced all texts and names.
func markTexts(v any, f func(string) string) any {
	switch v := v.(type) {
	case string:
		return f(v)
	case []any:
		all := make([]any, len(v))
		for i, element := range v {
			all[i] = markTexts(element, f)
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(v))
		for name, element := range v {
			all[f(name)] = markTexts(element, f)
		}
		return all
	}
	return v
}
