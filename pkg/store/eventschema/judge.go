package eventschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"

	"github.com/tenantstore/store/pkg/store"
)

// payload is one payload being judged.
type payload struct {
	c         *compiled
	checks    int // how many schemas may still be put to a value
	explained int // how often a schema was explained
	err       error
}

// A payload may take this many checks, and some more for each of its bytes. Where
// alternatives lead to each other they multiply, and judging would never end.
const (
	baseChecks = 1_000_000
	byteChecks = 20
)

// judge returns how a payload breaks the schema.
func (c *compiled) judge(data store.Value) ([]store.Violation, error) {
	value, err := decode(data)
	if err != nil {
		return []store.Violation{{Keyword: "json", Message: "is not valid JSON"}}, nil
	}
	p := c.payload(len(data))
	if p.accepts(c.root, value) || p.err != nil {
		return nil, p.err
	}
	violations := p.explain(c.root, value, "")
	return violations, p.err
}

// payload returns what judges a payload of so many bytes.
func (c *compiled) payload(size int) *payload {
	return &payload{c: c, checks: baseChecks + byteChecks*size}
}

// unheld stands for a number that JavaScript does not hold, such as 1e400. It is of no
// type that a schema can name, as zod's number refuses Infinity.
type unheld struct{}

// MarshalJSON makes it equal to itself and to nothing else where values are compared as text.
func (unheld) MarshalJSON() ([]byte, error) { return []byte("1e400"), nil }

// decode reads a JSON text as JavaScript would: numbers are float64, and of members with
// the same name the last one counts.
func decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the value")
	}
	return held(value), nil
}

// held turns numbers into what JavaScript holds.
func held(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.ParseFloat(string(v), 64)
		switch {
		case err != nil:
			return unheld{}
		case n == 0:
			return 0.0 // -0 too, which is the same number
		}
		return n
	case []any:
		for i, element := range v {
			v[i] = held(element)
		}
	case map[string]any:
		for name, element := range v {
			v[name] = held(element)
		}
	}
	return v
}

// accepts reports whether a schema accepts a value. It reports false once the payload
// cannot be judged, and p.err says why.
func (p *payload) accepts(s *schema, value any) bool {
	return p.each(s, value, func(_ string, holds bool) bool { return holds }) && p.err == nil
}

// verdict is told whether a value keeps to a keyword, and reports whether to go on.
type verdict func(keyword string, holds bool) bool

// each puts a value to the keywords of a schema until there is no need to go on, and
// reports whether it went to the end.
func (p *payload) each(s *schema, value any, say verdict) bool {
	if p.checks--; p.checks < 0 && p.err == nil {
		p.err = errors.New("it takes too long to judge: its alternatives multiply")
	}
	if p.err != nil {
		return false
	}
	if s.rules == 0 {
		return true
	}
	goOn := (s.Ref == "" || say("$ref", p.accepts(p.c.target(s), value))) && p.values(s, value, say)
	switch v := value.(type) {
	case float64:
		goOn = goOn && numbers(s, v, say)
	case string:
		goOn = goOn && p.text(s, v, say)
	case []any:
		goOn = goOn && p.array(s, v, say)
	case map[string]any:
		goOn = goOn && p.object(s, v, say)
	}
	return goOn && p.logic(s, value, say)
}

// values judges by the keywords that go for values of all types.
func (p *payload) values(s *schema, value any, say verdict) bool {
	return (s.Types == nil || say("type", hasType(s.Types, value))) &&
		(s.Enum == nil || say("enum", isAmong(value, s.Enum))) &&
		(s.Const == nil || say("const", equal(value, *s.Const)))
}

func numbers(s *schema, n float64, say verdict) bool {
	return (s.MultipleOf == nil || say("multipleOf", isMultiple(n, *s.MultipleOf))) &&
		(s.Minimum == nil || say("minimum", n >= *s.Minimum)) &&
		(s.Maximum == nil || say("maximum", n <= *s.Maximum)) &&
		(s.ExclusiveMinimum == nil || say("exclusiveMinimum", n > *s.ExclusiveMinimum)) &&
		(s.ExclusiveMaximum == nil || say("exclusiveMaximum", n < *s.ExclusiveMaximum))
}

// isMultiple reports whether zod takes n for a multiple: the quotient may be off by what
// two roundings to float64 can do to it.
func isMultiple(n, divisor float64) bool {
	const epsilon = 0x1p-52
	quotient := n / divisor
	off := math.Abs(quotient - math.Floor(quotient+0.5))
	return off < 4*epsilon*max(math.Abs(quotient), 1)
}

func (p *payload) text(s *schema, text string, say verdict) bool {
	return within(s.MinLength, s.MaxLength, func() int { return characters(text) },
		"minLength", "maxLength", say) &&
		(s.Pattern == "" || say("pattern", p.matches(s.Pattern, text))) &&
		(s.Pattern != "" || !judgedFormat(s.Format) || say("format", hasFormat(text, s.Format)))
}

// matches puts a text to a pattern of the schema.
func (p *payload) matches(pattern, text string) bool {
	matched, err := p.c.patterns[pattern].MatchString(text)
	if err != nil && p.err == nil {
		p.err = err
	}
	return matched
}

// within judges a count, which is only made where there is a bound.
func within(least, most *int, count func() int, low, high string, say verdict) bool {
	if least == nil && most == nil {
		return true
	}
	n := count()
	return (least == nil || say(low, n >= *least)) && (most == nil || say(high, n <= *most))
}

func (p *payload) logic(s *schema, value any, say verdict) bool {
	return (s.AllOf == nil || say("allOf", p.count(s.AllOf, value, len(s.AllOf)) == len(s.AllOf))) &&
		(s.AnyOf == nil || say("anyOf", p.count(s.AnyOf, value, 1) > 0)) &&
		(s.OneOf == nil || say("oneOf", p.count(s.OneOf, value, 2) == 1)) &&
		(s.Not == nil || say("not", !p.accepts(s.Not, value))) &&
		(s.If == nil || say("if", p.choice(s, value))) &&
		p.unevaluated(s, value, say)
}

// count returns how many schemas of a list accept a value; there is no need to go on
// beyond enough.
func (p *payload) count(list []*schema, value any, enough int) int {
	n := 0
	for _, s := range list {
		if p.accepts(s, value) {
			if n++; n == enough {
				break
			}
		}
	}
	return n
}

// choice judges by then where if accepts the value, and by else where it does not.
func (p *payload) choice(s *schema, value any) bool {
	branch := s.Else
	if p.accepts(s.If, value) {
		branch = s.Then
	}
	return branch == nil || p.accepts(branch, value)
}
