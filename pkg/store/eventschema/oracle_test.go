package eventschema_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/tenantstore/store/pkg/store"
)

// TestOracle has random schemas and payloads judged here and by another implementation of
// draft 2020-12. Patterns are left out, which that one reads by Go's rules, and multipleOf,
// which zod does not judge by the processor's division.
func TestOracle(t *testing.T) {
	const pairs = 5_000
	random := rand.New(rand.NewPCG(20, 12))
	accepted, refused := 0, 0
	for range pairs {
		g := &randomSchema{random: random}
		shared := g.schema(2)
		g.refers = true
		schema, payload := g.schema(0), g.value(0)
		text, err := json.Marshal(map[string]any{"$ref": "#/$defs/a", "$defs": map[string]any{
			"a": schema, "b": shared,
		}})
		if err != nil {
			t.Fatal(err)
		}
		want := oracle(t, text, payload)
		data, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		_, violations, err := load(t, `"a:b":`+string(text)).Validate("a:b", store.Value(data))
		if got := len(violations) == 0; err != nil || got != want {
			t.Fatalf("%s\n%s: accepted %v, the other %v; %v %v", text, data, got, want, violations, err)
		}
		if want {
			accepted++
		} else {
			refused++
		}
	}
	if accepted < pairs/10 || refused < pairs/10 {
		t.Errorf("%d accepted, %d refused: that shows little", accepted, refused)
	}
}

func oracle(t *testing.T, schema []byte, payload any) bool {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	return resolved.Validate(payload) == nil
}

// randomSchema makes schemas and payloads of so few names and values that they often meet.
type randomSchema struct {
	random *rand.Rand
	refers bool // to the schema b
}

func (g *randomSchema) pick(n int) int { return g.random.IntN(n) }

func (g *randomSchema) schema(depth int) any {
	if depth > 3 || g.pick(12) == 0 {
		return g.pick(4) > 0
	}
	s := map[string]any{}
	for range 1 + g.pick(3) {
		g.keyword(s, depth+1)
	}
	return s
}

func (g *randomSchema) keyword(s map[string]any, depth int) {
	one := []string{
		"items", "contains", "unevaluatedItems", "additionalProperties", "propertyNames",
		"unevaluatedProperties", "not", "if", "then", "else",
	}
	lists := []string{"prefixItems", "allOf", "anyOf", "oneOf"}
	counts := []string{
		"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
		"minContains", "maxContains",
	}
	limits := []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
	switch g.pick(9) {
	case 0, 1:
		types := []string{"null", "boolean", "number", "integer", "string", "array", "object"}
		s["type"] = types[g.pick(len(types))]
	case 2:
		s[one[g.pick(len(one))]] = g.schema(depth)
	case 3:
		s[lists[g.pick(len(lists))]] = []any{g.schema(depth), g.schema(depth)}
	case 4:
		s[counts[g.pick(len(counts))]] = g.pick(4)
	case 5:
		s[limits[g.pick(len(limits))]] = g.number()
	case 6:
		key := []string{"properties", "dependentSchemas"}[g.pick(2)]
		s[key] = map[string]any{g.name(): g.schema(depth), g.name(): g.schema(depth)}
	case 7:
		g.rest(s, depth)
	default:
		s["required"] = []string{g.name()}
	}
}

func (g *randomSchema) rest(s map[string]any, depth int) {
	switch g.pick(5) {
	case 0:
		s["enum"] = []any{g.value(depth), g.value(depth), g.value(depth)}
	case 1:
		s["const"] = g.value(depth)
	case 2:
		s["uniqueItems"] = g.pick(2) == 0
	case 3:
		s["dependentRequired"] = map[string]any{g.name(): []string{g.name()}}
	default:
		if g.refers {
			s["$ref"] = "#/$defs/b"
		}
	}
}

func (g *randomSchema) name() string    { return []string{"a", "b", "😀c"}[g.pick(3)] }
func (g *randomSchema) number() float64 { return []float64{-1, 0, 0.5, 1, 2, 1e300}[g.pick(6)] }

func (g *randomSchema) value(depth int) any {
	kinds := 7
	if depth > 3 {
		kinds = 5
	}
	switch g.pick(kinds) {
	case 0:
		return nil
	case 1:
		return g.pick(2) == 0
	case 2, 3:
		return g.number()
	case 4:
		return g.name()
	case 5:
		list := make([]any, g.pick(4))
		for i := range list {
			list[i] = g.value(depth + 1)
		}
		return list
	}
	object := map[string]any{}
	for range g.pick(4) {
		object[g.name()] = g.value(depth + 1)
	}
	return object
}
