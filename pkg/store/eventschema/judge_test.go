package eventschema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store"
)

// judged returns the violations of a payload, "path keyword" each, joined by commas.
func judged(t *testing.T, schema, payload string) string {
	t.Helper()
	known, violations, err := load(t, `"a:b":`+schema).Validate("a:b", store.Value(payload))
	if err != nil || !known {
		t.Fatalf("%s %s: known %v, error %v", schema, payload, known, err)
	}
	all := make([]string, len(violations))
	for i, v := range violations {
		all[i] = v.Path + " " + v.Keyword
		if v.Message == "" {
			t.Errorf("%s %s: %v has no message", schema, payload, v)
		}
	}
	return strings.Join(all, ",")
}

// TestKeywords has every keyword accept and refuse, and name the place.
func TestKeywords(t *testing.T) {
	for _, c := range []struct{ schema, payload, want string }{
		{`true`, `1`, ""},
		{`false`, `1`, " not"},
		{`{}`, `null`, ""},
		{`{"type":"integer"}`, `1.0`, ""},
		{`{"type":"integer"}`, `1.5`, " type"},
		{`{"type":["string","null"]}`, `null`, ""},
		{`{"type":["string","null"]}`, `1`, " type"},
		{`{"type":"number"}`, `1e400`, " type"},
		{`{"enum":["a",1,null,{"x":[1]}]}`, `{"x":[1.0]}`, ""},
		{`{"enum":["a",1,null]}`, `"b"`, " enum"},
		{`{"enum":[]}`, `1`, " enum"},
		{`{"const":null}`, `null`, ""},
		{`{"const":null}`, `0`, " const"},
		{`{"const":"a","minLength":1}`, `"a"`, ""},
		{`{"multipleOf":0.1}`, `0.3`, ""},
		{`{"multipleOf":0.1}`, `[0.3]`, ""},
		{`{"items":{"multipleOf":0.1}}`, `[0.3,0.25,1]`, "/1 multipleOf"},
		{`{"items":{"multipleOf":3}}`, `[9,10]`, "/1 multipleOf"},
		{`{"minimum":1}`, `0.5`, " minimum"},
		{`{"maximum":1}`, `2`, " maximum"},
		{`{"exclusiveMinimum":1}`, `1`, " exclusiveMinimum"},
		{`{"exclusiveMaximum":1}`, `1`, " exclusiveMaximum"},
		{`{"minimum":1}`, `"0"`, ""},
		{`{"minLength":2}`, `"😀"`, " minLength"},
		{`{"maxLength":1}`, `"😀"`, ""},
		{`{"maxLength":9007199254740991}`, `"a"`, ""},
		{`{"pattern":"a"}`, `"xax"`, ""},
		{`{"pattern":"^(?!a)"}`, `"a"`, " pattern"},
		{`{"pattern":"a","minLength":3,"maxLength":4}`, `"ab"`, " minLength"},
		{`{"pattern":"a","minLength":3,"maxLength":4}`, `"abcde"`, " maxLength"},
		{`{"pattern":"a","enum":["a","b"]}`, `"b"`, " pattern"},
		{`{"format":"email"}`, `"x"`, ""},
		{`{"format":"uri"}`, `"x"`, " format"},
		{`{"format":"uri","pattern":"x"}`, `"x"`, ""},
		{`{"format":"jwt"}`, `"x"`, " format"},
		{`{"minItems":1}`, `[]`, " minItems"},
		{`{"maxItems":1}`, `[1,2]`, " maxItems"},
		{`{"uniqueItems":true}`, `["a","b","a"]`, " uniqueItems"},
		{`{"uniqueItems":true,"items":{"pattern":"a"}}`, `["a","ab"]`, ""},
		{`{"contains":{"const":"a"}}`, `["b"]`, " contains"},
		{`{"contains":{"const":"a"},"minContains":2}`, `["a"]`, " contains"},
		{`{"prefixItems":[{"type":"string"}],"items":{"type":"number"}}`, `[1,"a",2]`, "/0 type,/1 type"},
		{`{"prefixItems":[{}],"items":false}`, `[1,2,3]`, "/1 items,/2 items"},
		{`{"minProperties":1}`, `{}`, " minProperties"},
		{`{"maxProperties":1}`, `{"a":1,"b":1}`, " maxProperties"},
		{`{"required":["a","b~/c"]}`, `{}`, "/a required,/b~0~1c required"},
		{`{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, " dependentRequired"},
		{`{"properties":{"a":{"type":"string"}}}`, `{"a":1,"b":1}`, "/a type"},
		{`{"properties":{"a":{"properties":{"b/":{"minimum":5}}}}}`, `{"a":{"b/":1}}`, "/a/b~1 minimum"},
		{`{"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}`,
			`{"x-a":1,"b":1}`,
			"/x-a type,/b additionalProperties"},
		{`{"additionalProperties":{"type":"string"},"properties":{"a":true}}`,
			`{"a":1,"b":1}`, "/b type"},
		{`{"propertyNames":{"pattern":"^a"}}`, `{"a":1,"b":1}`, "/b propertyNames"},
		{`{"allOf":[{"minimum":2},{"multipleOf":2}]}`, `1`, " minimum, multipleOf"},
		{`{"anyOf":[{"type":"string"},{"type":"number"}]}`, `true`, " anyOf"},
		{`{"anyOf":[{"type":"string","minLength":3},{"type":"null"}]}`, `"a"`, " minLength"},
		{`{"oneOf":[{"minimum":1},{"maximum":5}]}`, `3`, " oneOf"},
		{`{"oneOf":[{"properties":{"k":{"const":"a"},"v":{"type":"string"}}},` +
			`{"properties":{"k":{"const":"b"},"v":{"type":"number"}}}]}`, `{"k":"b","v":"x"}`, "/v type"},
		{`{"not":{"type":"string"}}`, `"a"`, " not"},
		{`{"if":{"required":["a"]},"then":{"required":["b"]}}`, `{"a":1}`, " if"},
		{`{"dependentSchemas":{"a":{"required":["b"]}}}`, `{"a":1}`, " dependentSchemas"},
		{`{"properties":{"a":{}},"unevaluatedProperties":false}`, `{"b":1}`, " unevaluatedProperties"},
		{`{"prefixItems":[{}],"unevaluatedItems":false}`, `[1,2]`, " unevaluatedItems"},
		{`{"$defs":{"a/b":{"type":"string"}},"properties":{"x":{"$ref":"#/$defs/a~1b","minLength":2}}}`,
			`{"x":"a"}`, "/x minLength"},
		{`{"properties":{"x":{"$ref":"#/properties/y"},"y":{"pattern":"^a"}}}`,
			`{"x":"b"}`, "/x pattern"},
		{`{"type":"object","properties":{"kids":{"items":{"$ref":"#"}}}}`,
			`{"kids":[{"kids":[1]}]}`, "/kids/0/kids/0 type"},
		{`{"type":"string"}`, `1 2`, " json"},
		{`{"unknown":1,"x-mine":{},"title":"t","readOnly":true}`, `1`, ""},
		{`{"const":{"a":"b"},"properties":{"a":{"pattern":"b"}}}`, `{"a":"b"}`, ""},
	} {
		if got := judged(t, c.schema, c.payload); got != c.want {
			t.Errorf("%s\n%s: %q, want %q", c.schema, c.payload, got, c.want)
		}
	}
}

// TestDialects reads the drafts before 2020-12, and OpenAPI.
func TestDialects(t *testing.T) {
	const draft7 = `"$schema":"http://json-schema.org/draft-07/schema#",`
	const draft4 = `"$schema":"http://json-schema.org/draft-04/schema#",`
	for _, c := range []struct{ schema, payload, want string }{
		{`{` + draft7 + `"items":[{"type":"string"}],"additionalItems":false}`, `["a",1]`, "/1 items"},
		{`{` + draft7 + `"items":[{"type":"string"}],"additionalItems":{"type":"number"}}`,
			`[1,1]`, "/0 type"},
		{`{` + draft7 + `"items":{},"additionalItems":false}`, `["a",1]`, ""},
		{`{` + draft7 + `"definitions":{"a":{"type":"string"}},"$ref":"#/definitions/a","minLength":5}`,
			`"a"`, ""},
		{`{` + draft7 + `"exclusiveMinimum":1}`, `1`, " exclusiveMinimum"},
		{`{` + draft4 + `"minimum":1,"exclusiveMinimum":true}`, `1`, " exclusiveMinimum"},
		{`{` + draft4 + `"maximum":1,"exclusiveMaximum":true}`, `1`, " exclusiveMaximum"},
		{`{` + draft4 + `"minimum":1,"exclusiveMinimum":false,"id":"x"}`, `1`, ""},
		{`{"$schema":"openapi-3.0","type":"string","nullable":true}`, `null`, ""},
		{`{"$schema":"openapi-3.0","type":"string","nullable":true,"minLength":2}`, `"a"`, " minLength"},
		{`{"$schema":"openapi-3.0","properties":{"a":{"nullable":true,"enum":["x"]}}}`, `{"a":null}`, ""},
		{`{"type":"string","nullable":true}`, `null`, " type"},
	} {
		if got := judged(t, c.schema, c.payload); got != c.want {
			t.Errorf("%s\n%s: %q, want %q", c.schema, c.payload, got, c.want)
		}
	}
}

// TestPatternsElsewhere makes sure that a pattern is only put to the texts it is for: one
// that takes too long elsewhere must not matter.
func TestPatternsElsewhere(t *testing.T) {
	const schema = `{"properties":{"a":{"pattern":"^(x+)+$"},"b":{"type":"string"}}}`
	long := strings.Repeat("x", 60) + "!"
	if got := judged(t, schema, `{"b":"`+long+`"}`); got != "" {
		t.Error(got)
	}
	_, _, err := load(t, `"a:b":`+schema).Validate("a:b", store.Value(`{"a":"`+long+`"}`))
	if err == nil || !strings.Contains(err.Error(), "takes too long") {
		t.Errorf("error %v", err)
	}
}

// TestManyAlternatives makes sure that explaining ends where alternatives multiply.
func TestManyAlternatives(t *testing.T) {
	branch := `{"type":"object","properties":{"n":{"$ref":"#"}},"required":["n"]}`
	schema := `{"anyOf":[` + branch + `,` + branch + `,{"const":1}]}`
	payload := strings.Repeat(`{"n":`, 7) + `2` + strings.Repeat(`}`, 7)
	if got := judged(t, schema, payload); got == "" {
		t.Error("accepted")
	}
}

func BenchmarkValidate(b *testing.B) {
	r := load(b, `"a:b":{"type":"object","properties":{"userId":{"type":"string","format":"uuid","pattern":`+
		`"^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$"},`+
		`"email":{"type":"string","pattern":"^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+$"},`+
		`"age":{"type":"integer","minimum":0},`+
		`"plan":{"enum":["free","pro"]},"tags":{"type":"array","items":{"type":"string","maxLength":20}}},`+
		`"required":["userId","email"]}`)
	for name, payload := range map[string]string{
		"valid": `{"userId":"123e4567-e89b-42d3-a456-426614174000","email":"ada@example.com","age":36,` +
			`"plan":"pro","tags":["a","b","c"]}`,
		"invalid": `{"userId":"x","email":"ada@example.com","age":-1,"plan":"pro","tags":["a",1]}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, violations, err := r.Validate("a:b", store.Value(payload))
				if err != nil || (len(violations) == 0) != (name == "valid") {
					b.Fatal(fmt.Sprint(violations, err))
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	var events []string
	for i := range 500 {
		events = append(events, fmt.Sprintf(`"a:e%d":{"type":"object","properties":{"x":{"pattern":"^a"}}}`, i))
	}
	text := strings.Join(events, ",")
	for b.Loop() {
		_, violations, err := load(b, text).Validate("a:e7", store.Value(`{"x":"a"}`))
		if err != nil || violations != nil {
			b.Fatal(violations, err)
		}
	}
}
