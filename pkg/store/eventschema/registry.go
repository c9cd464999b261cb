package eventschema

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/tenantstore/store/pkg/store"
)

// Format is what a registry file says of itself under "format".
const Format = "igniter-store-events/1"

// maxFile bounds a registry file, in bytes.
const maxFile = 64 << 20

// Registry holds the schemas of the events of a service. It is safe for concurrent use.
type Registry struct {
	names   []string // sorted
	entries map[string]*entry
	missing map[string]string // events without a schema, and why
}

// Event is what a registry says of an event.
type Event struct {
	// Name is the name it is registered under: namespace:event or namespace:group:event.
	Name string
	// Description is the schema's own, or its title; it may be empty.
	Description string
	// Schema is the JSON Schema as it stands in the file; nil for an event whose schema
	// could not be exported.
	Schema store.Value
	// Warnings are where the schema judges otherwise than the app does, as the export
	// noted.
	Warnings []Warning
	// Missing is why there is no schema; empty where there is one.
	Missing string
}

// Warning is a difference between a schema and the zod schema it was exported from.
type Warning struct {
	Path   string `json:"path"`   // where in the schema: properties/age
	Reason string `json:"reason"` // in words
}

// entry is an event and its schema, which is compiled on first use.
type entry struct {
	event    Event
	dialect  string
	once     sync.Once
	compiled *compiled
	err      error
}

// checkName refuses names that the npm library would not take, and two of which one
// continues the other: there, an event cannot be a group as well.
func (r *Registry) checkName(name string) error {
	if err := store.CheckEventName(name); err != nil {
		return err
	}
	if shorter, found := r.registered(name); found && shorter != name {
		return &store.Error{
			Kind: store.ErrInvalid, Code: store.CodeDuplicateEvent,
			Reason: fmt.Sprintf("event %q: %q is an event, and cannot be a group as well", name, shorter),
		}
	}
	return nil
}

// describe returns a schema's description, or its title.
func describe(schema json.RawMessage) string {
	var s struct{ Description, Title any }
	if json.Unmarshal(schema, &s) != nil {
		return "" // what is wrong with it shows when it is compiled
	}
	if text, ok := s.Description.(string); ok {
		return text
	}
	text, _ := s.Title.(string)
	return text
}

// registered returns the name under which an event is registered: its own, or one that it
// continues after a colon.
func (r *Registry) registered(event string) (name string, found bool) {
	for end := range len(event) + 1 {
		if end < len(event) && event[end] != ':' {
			continue
		}
		if _, found = r.entries[event[:end]]; found {
			return event[:end], true
		}
	}
	return "", false
}

// lost returns why the schema of an event is missing, where it could not be exported.
func (r *Registry) lost(event string) (name, reason string, lost bool) {
	for end := range len(event) + 1 {
		if end < len(event) && event[end] != ':' {
			continue
		}
		if reason, lost = r.missing[event[:end]]; lost {
			return event[:end], reason, true
		}
	}
	return "", "", false
}

// Events returns all events sorted by name, those without a schema among them.
func (r *Registry) Events() []Event {
	names := slices.Clone(r.names)
	for name := range r.missing {
		if _, known := r.entries[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	all := make([]Event, len(names))
	for i, name := range names {
		if e, known := r.entries[name]; known {
			all[i] = e.event
		} else {
			all[i] = Event{Name: name, Missing: r.missing[name]}
		}
	}
	return all
}

// Find returns the event by whose schema a channel is judged: the one of that name, or the
// one that the name continues after a colon, as the npm library looks it up. It reports
// false where there is none.
func (r *Registry) Find(channel string) (Event, bool) {
	if name, found := r.registered(channel); found {
		return r.entries[name].event, true
	}
	if name, reason, lost := r.lost(channel); lost {
		return Event{Name: name, Missing: reason}, true
	}
	return Event{}, false
}

// Check compiles every schema and returns what is wrong with the first that cannot be used.
func (r *Registry) Check() error {
	for _, name := range r.names {
		if _, err := r.compiled(name); err != nil {
			return err
		}
	}
	return nil
}

// Unusable returns what is wrong with the schema that judges a channel; nil where nothing
// is, or where there is none.
func (r *Registry) Unusable(channel string) error {
	name, found := r.registered(channel)
	if !found {
		return nil
	}
	_, err := r.compiled(name)
	return err
}

// compiled returns the schema of a registered event, ready for use.
func (r *Registry) compiled(name string) (*compiled, error) {
	e := r.entries[name]
	e.once.Do(func() {
		if e.compiled, e.err = compile(e.event.Schema, e.dialect); e.err != nil {
			e.err = invalidf("event %q: %v", name, e.err)
		}
	})
	return e.compiled, e.err
}

// Validate judges the payload of an event, as [store.EventValidator] says. An event whose
// schema could not be exported is an error: the app judges it, and we cannot.
func (r *Registry) Validate(event string, data store.Value) (bool, []store.Violation, error) {
	name, found := r.registered(event)
	if !found {
		if name, reason, lost := r.lost(event); lost {
			return true, nil, invalidf("event %q: its schema could not be exported: %s", name, reason)
		}
		return false, nil, nil
	}
	c, err := r.compiled(name)
	if err != nil {
		return true, nil, err
	}
	violations, err := c.judge(data)
	if err != nil {
		return true, nil, invalidf("event %q: %v", name, err)
	}
	return true, violations, nil
}

// Example returns a payload that the schema of an event accepts, made of its examples,
// defaults and constants where it has some. An error says that none was found.
func (r *Registry) Example(event string) (store.Value, error) {
	name, found := r.registered(event)
	if !found {
		return nil, invalidf("event %q has no schema", event)
	}
	c, err := r.compiled(name)
	if err != nil {
		return nil, err
	}
	example, err := c.example()
	if err != nil {
		return nil, invalidf("event %q: %v", name, err)
	}
	return example, nil
}

func invalidf(format string, args ...any) error {
	return &store.Error{
		Kind: store.ErrInvalid, Code: store.CodeConfigurationInvalid,
		Reason: fmt.Sprintf(format, args...),
	}
}
