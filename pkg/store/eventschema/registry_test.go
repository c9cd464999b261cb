package eventschema_test

import (
	"errors"
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

// load makes a registry of "name": schema pairs.
func load(t testing.TB, events string) *eventschema.Registry {
	t.Helper()
	r, err := eventschema.Load(strings.NewReader(
		`{"format":"igniter-store-events/1","io":"input","events":{` + events + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestLookup finds events as the npm library does: the registered name, or one that
// continues it.
func TestLookup(t *testing.T) {
	r := load(t, `"user:created":{"type":"string"},"user:notify:email":{"type":"string"}`)
	for channel, want := range map[string]string{
		"user:created":              "user:created",
		"user:created:":             "user:created",
		"user:created:a:b":          "user:created",
		"user:notify:email":         "user:notify:email",
		"user:notify:email:urgent":  "user:notify:email",
		"user:notify":               "",
		"user:notify:":              "",
		"user":                      "",
		"":                          "",
		":":                         "",
		"user:create":               "",
		"user:createdx":             "",
		"User:created":              "",
		"constructor:created":       "",
		"user:notify:emails":        "",
		"x:user:created":            "",
		"user::created":             "",
		"user:notify:email:x:y:z::": "user:notify:email",
	} {
		e, found := r.Find(channel)
		if found != (want != "") || e.Name != want {
			t.Errorf("%q: found %q", channel, e.Name)
		}
		known, violations, err := r.Validate(channel, store.Value("1"))
		if known != found || (len(violations) > 0) != found || err != nil {
			t.Errorf("%q: known %v, violations %v, error %v", channel, known, violations, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   "not valid JSON",
		`[]`:                                 "not of the form igniter-store-events/1",
		`{}`:                                 `the registry's format is ""`,
		`{"format":"igniter-store-events/1"`: "not valid JSON",
		`{"format":"igniter-store-events/1","events":{"a:b":{},"a:b":{}}}`:        "duplicate",
		`{"format":"igniter-store-events/1","events":[]}`:                         "not of the form",
		`{"format":"igniter-store-events/1","io":"output"}`:                       `io "output"`,
		`{"format":"igniter-store-events/1","events":{"a":{}}}`:                   "has no namespace",
		`{"format":"igniter-store-events/1","events":{"a:":{}}}`:                  "empty part",
		`{"format":"igniter-store-events/1","events":{":a":{}}}`:                  "non-empty",
		`{"format":"igniter-store-events/1","events":{"ign:a":{}}}`:               "reserved",
		`{"format":"igniter-store-events/1","events":{"a:__x":{}}}`:               "reserved",
		`{"format":"igniter-store-events/1","events":{"a b:x":{}}}`:               "spaces",
		`{"format":"igniter-store-events/1","events":{"a:b":{},"a:b:c:d":{}}}`:    "cannot be a group as well",
		"{\"format\":\"igniter-store-events/1\",\"events\":{\"a:\xff\":{}}}":      "not valid JSON",
		`{"format":"igniter-store-events/1","events":{"a:b":{}},"warnings":"no"}`: "not of the form",
	} {
		_, err := eventschema.Load(strings.NewReader(text))
		if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
}

// TestUnusable names the event and the place in its schema.
func TestUnusable(t *testing.T) {
	for schema, want := range map[string]string{
		`1`:                                      "a schema is an object",
		`{"type":"text"}`:                        `/type: there is no type "text"`,
		`{"type":1}`:                             "/type: it is no list of strings",
		`{"properties":{"a/b":{"minimum":"1"}}}`: "/properties/a~1b/minimum: it is no number",
		`{"minLength":-1}`:                       "/minLength: it is no count",
		`{"minLength":1.5}`:                      "/minLength: it is no count",
		`{"multipleOf":0}`:                       "/multipleOf: it is not more than 0",
		`{"pattern":"["}`:                        "/pattern: pattern \"[\": it is not a regular expression",
		`{"pattern":"\\p{Script_Extensions=Greek}"}`: "is not supported",
		`{"patternProperties":{"(":{}}}`:             "/patternProperties/(: pattern",
		`{"enum":1}`:                                 "/enum: it is no list",
		`{"anyOf":[{},{"required":[1]}]}`:            "/anyOf/1/required: it is no string",
		`{"$ref":"#/$defs/x"}`:                       `/$ref: "#/$defs/x" leads nowhere`,
		`{"$ref":"other.json"}`:                      "leads out of the schema",
		`{"$ref":"#anchor"}`:                         "leads out of the schema",
		`{"$ref":"#"}`:                               "refers to itself without end",
		`{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"}`: "without end",
		`{"items":[{}]}`:                   "/items: a list of schemas is not of draft 2020-12",
		`{"properties":{"a":{"$id":"x"}}}`: "$id of its own",
		`{"$dynamicRef":"#a"}`:             "this keyword is not supported",
		`{"$schema":"https://json-schema.org/draft/2019-09/schema"}`: "is not supported",
		`{"exclusiveMinimum":true,"minimum":1}`:                      "/exclusiveMinimum: it is no number",
		`{"uniqueItems":1}`:                                          "neither true nor false",
		`{"not":3}`:                                                  "/not: a schema is an object",
		`{"minimum":1e400}`:                                          "a number in it is too large",
		strings.Repeat(`{"not":`, 600) + `{}` + strings.Repeat(`}`, 600): "nests too deep",
	} {
		r := load(t, `"user:bad":`+schema+`,"user:good":true`)
		_, _, err := r.Validate("user:bad:x", store.Value("1"))
		if !errors.Is(err, store.CodeConfigurationInvalid) ||
			!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `event "user:bad"`) {
			t.Errorf("%.80s: %v; want %q", schema, err, want)
		}
		if again := r.Check(); again == nil || again.Error() != err.Error() {
			t.Errorf("%.80s: Check says %v", schema, again)
		}
		known, violations, err := r.Validate("user:good", store.Value("1"))
		if !known || violations != nil || err != nil {
			t.Errorf("%.80s: the other event: %v, %v, %v", schema, known, violations, err)
		}
	}
}

// TestConcurrent is for the race detector.
func TestConcurrent(t *testing.T) {
	r := load(t, `"a:b":{"type":"object","properties":{"x":{"pattern":"^a"}},"required":["x"]}`)
	done := make(chan error)
	for range 8 {
		go func() {
			for _, payload := range []string{`{"x":"a"}`, `{"x":"b"}`, `{}`, `1`} {
				if _, _, err := r.Validate("a:b", store.Value(payload)); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func ExampleLoad() {
	registry, err := eventschema.Load(strings.NewReader(`{
	  "format": "igniter-store-events/1",
	  "events": {"user:created": {
	    "type": "object",
	    "properties": {"userId": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
	    "required": ["userId"]
	  }}
	}`))
	if err != nil {
		log.Fatal(err)
	}
	known, violations, err := registry.Validate("user:created:eu", store.Value(`{"age":-1}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(known)
	for _, v := range violations {
		fmt.Println(v.Path, v.Message)
	}
	example, err := registry.Example("user:created")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(example)
	// Output:
	// true
	// /userId is required
	// /age must be 0 or more
	// {"age":1,"userId":"text"}
}

// FuzzLoad looks for registries that end the program, and for schemas that accept what
// they say is wrong with.
func FuzzLoad(f *testing.F) {
	for _, schema := range []string{
		`{"type":"object","properties":{"a":{"type":["string","null"],"pattern":"^x"}},"required":["a"]}`,
		`{"anyOf":[{"type":"string","minLength":2},{"items":{"$ref":"#"}}]}`,
		`{"oneOf":[{"multipleOf":0.1},{"const":null}],"not":{"enum":[1,"a"]}}`,
		`{"patternProperties":{"^a":{}},"additionalProperties":false,"propertyNames":{"maxLength":3}}`,
		`{"$ref":"#/$defs/a","$defs":{"a":{"format":"uri"}}}`,
		`{"unevaluatedProperties":false,"if":{"required":["a"]},"then":{"properties":{"a":{}}}}`,
		`{"contains":{"type":"number"},"uniqueItems":true,"prefixItems":[{}]}`,
	} {
		f.Add(`{"format":"igniter-store-events/1","events":{"a:b":`+schema+`}}`, `{"a":"x","b":[1,2,0.3]}`)
	}
	f.Fuzz(func(t *testing.T, file, payload string) {
		r, err := eventschema.Load(strings.NewReader(file))
		if err != nil {
			return
		}
		for _, e := range r.Events() {
			first, violations, err := r.Validate(e.Name, store.Value(payload))
			again, same, errAgain := r.Validate(e.Name, store.Value(payload))
			if first != again || len(violations) != len(same) || (err == nil) != (errAgain == nil) {
				t.Errorf("%v %v, then %v %v", violations, err, same, errAgain)
			}
			example, err := r.Example(e.Name)
			if err != nil {
				continue
			}
			if _, violations, err := r.Validate(e.Name, example); err != nil || len(violations) > 0 {
				t.Errorf("the example %s: %v, %v", example, violations, err)
			}
		}
	})
}
