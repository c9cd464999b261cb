package eventschema

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tenantstore/store/pkg/store"
)

// file is a registry as it is written.
type file struct {
	Format   string                     `json:"format"`
	Dialect  string                     `json:"dialect"`
	IO       string                     `json:"io"`
	Events   map[string]json.RawMessage `json:"events"`
	Warnings []struct {
		Event string `json:"event"`
		Warning
	} `json:"warnings"`
	Errors []struct {
		Event  string `json:"event"`
		Reason string `json:"reason"`
	} `json:"errors"`
}

// Load reads a registry file. It checks the file's form and the names of the events; a
// schema that cannot be used shows when it is first needed, or in [Registry.Check]. Errors
// are CodeConfigurationInvalid, or the npm library's code for a name it would not take.
func Load(r io.Reader) (*Registry, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, invalidf("the registry could not be read: %v", err)
	case len(data) > maxFile:
		return nil, invalidf("the registry is larger than %d MiB", maxFile>>20)
	}
	var f file
	if err := decodeFile(data, &f); err != nil {
		return nil, err
	}
	switch {
	case f.Format != Format:
		return nil, invalidf("the registry's format is %q, not %q", f.Format, Format)
	case f.IO != "" && f.IO != "input":
		return nil, invalidf("the registry was exported with io %q; only io \"input\" judges "+
			"as the app does", f.IO)
	}
	return f.registry()
}

// decodeFile reads the JSON of a file strictly: a member that comes twice is an error.
func decodeFile(data []byte, f *file) error {
	text := jsontext.Value(data)
	strict := []jsontext.Options{
		jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false),
	}
	if err := text.Compact(strict...); err != nil {
		return invalidf("the registry is not valid JSON: %s",
			strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	if err := json.Unmarshal(text, f); err != nil {
		return invalidf("the registry is not of the form %s: %s", Format,
			strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

func (f *file) registry() (*Registry, error) {
	r := &Registry{entries: map[string]*entry{}, missing: map[string]string{}}
	for name, schema := range f.Events {
		e := &entry{event: Event{Name: name, Schema: store.Value(schema)}, dialect: f.Dialect}
		e.event.Description = describe(schema)
		r.entries[name] = e
	}
	for _, e := range f.Errors {
		r.missing[e.Event] = e.Reason
	}
	for _, w := range f.Warnings {
		if e, known := r.entries[w.Event]; known {
			e.event.Warnings = append(e.event.Warnings, w.Warning)
		}
	}
	r.names = slices.Sorted(maps.Keys(r.entries))
	for _, name := range r.names {
		if err := r.checkName(name); err != nil {
			return nil, err
		}
	}
	return r, nil
}
