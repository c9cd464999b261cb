package store

// EventValidator knows the schemas of a service's events. It must be safe for
// concurrent use. The one in package eventschema reads them from a registry file.
type EventValidator interface {
	// Validate judges the payload of an event. known is false where no schema applies
	// to the event; it is then valid, as the npm library has it. An error is for a
	// schema that cannot be used, never for a payload.
	Validate(event string, data Value) (known bool, violations []Violation, err error)
}

// Violation is one way in which a payload breaks its schema.
type Violation struct {
	// Path is where in the payload, as a JSON Pointer (RFC 6901); "" is the whole.
	Path string `json:"path"`
	// Keyword is the rule that is broken, as JSON Schema names it.
	Keyword string `json:"keyword"`
	// Message is what is wrong, in words.
	Message string `json:"message"`
}

// String returns the path and the message.
func (v Violation) String() string {
	if v.Path == "" {
		return "payload: " + v.Message
	}
	return v.Path + ": " + v.Message
}

// ValidationOptions say when events are judged, under the names the npm library has
// for them.
type ValidationOptions struct {
	ValidatePublish   bool // refuse a payload before it is published
	ValidateSubscribe bool // judge events that arrive
	// ThrowOnValidationError makes a broken schema an error of the publisher. Without
	// it the event is published all the same.
	ThrowOnValidationError bool
}

// DefaultValidation is what the npm library does unless told otherwise.
func DefaultValidation() ValidationOptions {
	return ValidationOptions{ValidatePublish: true, ThrowOnValidationError: true}
}

// WithEvents sets the schemas of the service's events and when they are applied.
func WithEvents(v EventValidator, o ValidationOptions) Option {
	return func(opts *options) { opts.events, opts.validation = v, o }
}
