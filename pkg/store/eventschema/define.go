package eventschema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantstore/store/pkg/store"
)

// Define makes a registry of JSON Schemas given by the name of their event, which is
// namespace:event or namespace:group:event. A schema that does not name its dialect
// ($schema) is one of draft 2020-12. Names are checked as by [Load], with the same errors;
// a schema that cannot be used shows when it is first needed, or in [Registry.Check].
func Define(schemas map[string]string) (*Registry, error) {
	f := file{
		Dialect: "https://json-schema.org/draft/2020-12/schema",
		Events:  map[string]json.RawMessage{},
	}
	for name, text := range schemas {
		if !json.Valid([]byte(text)) {
			return nil, invalidf("the schema of %q is not valid JSON", name)
		}
		f.Events[name] = json.RawMessage(text)
	}
	return f.registry()
}

// Join makes one registry of several, as the npm library does of several addEvents. A
// namespace that two of them have is CodeDuplicateNamespace.
func Join(registries ...*Registry) (*Registry, error) {
	all := &Registry{entries: map[string]*entry{}, missing: map[string]string{}}
	owners := map[string]*Registry{}
	for _, r := range registries {
		for _, event := range r.Events() {
			namespace, _, _ := strings.Cut(event.Name, ":")
			if owner := owners[namespace]; owner != nil && owner != r {
				return nil, &store.Error{
					Kind: store.ErrInvalid, Code: store.CodeDuplicateNamespace,
					Reason: fmt.Sprintf("namespace %q is in two registries", namespace),
				}
			}
			owners[namespace] = r
		}
		maps.Copy(all.entries, r.entries)
		maps.Copy(all.missing, r.missing)
	}
	all.names = slices.Sorted(maps.Keys(all.entries))
	return all, nil
}
