package store

import (
	"context"
	"iter"
	"strings"
)

// EventType binds the name of an event to the Go type of its payload and, where there is
// one, to its schema. It is a plain value, made once and used with any client; its methods
// may be called concurrently.
//
//	var UserCreated = store.EventType[User]{Name: "user:created"}
//
// Where Schema is set it judges payloads in place of the client's own schemas
// ([WithEvents]); when, is still the client's ValidationOptions, or where it has no schemas
// [DefaultValidation]. Package eventschema makes one of a JSON Schema.
type EventType[T any] struct {
	Name   string // may be a pattern for Subscribe: user:*
	Schema EventValidator
}

// Publish is [Events.Publish] of a payload of this type.
func (t EventType[T]) Publish(ctx context.Context, e Events, payload T, o PublishOptions,
) (Published, error) {
	return t.judged(e).Publish(ctx, t.Name, payload, o)
}

// TypedNotice is a [Notice] with the payload of its event read as a T.
type TypedNotice[T any] struct {
	Notice
	// Data is the payload; the zero T where there is no Event, or an Err.
	Data T
	// Err is CodeDeserialization for a payload that does not fit T, or CodeSchemaValidation
	// for one that the client judged (ValidateSubscribe) and found to break its schema. The
	// subscription goes on.
	Err error
}

// Subscribe is [Events.Subscribe] to events of this type; o.Channels is not used.
func (t EventType[T]) Subscribe(ctx context.Context, e Events, o SubscribeOptions,
) iter.Seq2[TypedNotice[T], error] {
	o.Channels = []string{t.Name}
	return func(yield func(TypedNotice[T], error) bool) {
		for n, err := range t.judged(e).Subscribe(ctx, o) {
			typed := TypedNotice[T]{Notice: n}
			if err == nil && n.Event != nil {
				typed.Data, typed.Err = t.payload(e, n.Event)
			}
			if !yield(typed, err) {
				return
			}
		}
	}
}

// payload reads the payload of one event.
func (t EventType[T]) payload(e Events, event *Event) (data T, err error) {
	if len(event.Violations) > 0 {
		failure := invalid(CodeSchemaValidation, "event payload validation failed: %s",
			join(event.Violations))
		failure.Details = event.Violations
		return data, failure.at("sub", event.Channel)
	}
	err = named(e.client.Decode(event.Data, &data), "sub", event.Channel)
	return data, err
}

func join(violations []Violation) string {
	texts := make([]string, len(violations))
	for i, v := range violations {
		texts[i] = v.String()
	}
	return strings.Join(texts, "; ")
}

// judged returns events that are judged by the schema of the type.
func (t EventType[T]) judged(e Events) Events {
	if t.Schema == nil {
		return e
	}
	c := *e.client
	c.options = c.options.judging(t.Schema)
	return Events{&c}
}

// judging returns the options with another validator.
func (o *options) judging(v EventValidator) *options {
	with := *o
	if with.events == nil {
		with.validation = DefaultValidation()
	}
	with.events = v
	return &with
}
