package store

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Events publishes events of one scope and listens to them. Events are not stored: who
// does not listen when one is published never sees it. It is a plain value, safe for
// concurrent use. Make one with [Client.Events].
type Events struct{ client *Client }

// Published says what became of an event that was published.
type Published struct {
	Channel string `json:"channel"` // the event, without prefix and scopes
	// Receivers is how many subscribers the server passed it on to. In a cluster that is
	// only those connected to the node that took it.
	Receivers int64 `json:"receivers"`
}

// PublishOptions are the ways to publish.
type PublishOptions struct {
	// Strict refuses an event to which no schema applies, also where the client has no
	// schemas at all (CodeSchemaChannelNotFound). The npm library publishes it.
	Strict bool
	// Rate is how many events a second PublishAll sends at most; 0 for no limit.
	Rate float64
	// OnError receives each row that failed as it becomes known, in the order of the
	// rows, from the goroutine that called PublishAll.
	OnError func(RowError)
	// OnInvalid receives how a payload breaks its schema that is published all the same,
	// because of [ValidationOptions].ThrowOnValidationError, before it is sent.
	OnInvalid func([]Violation)
	// OnProgress receives the number of rows dealt with so far, now and then.
	OnProgress func(rows int)
}

// PublishReport counts what became of many events. Published, Failed and Unknown add up
// to the rows that were read.
type PublishReport struct {
	Published int `json:"published"`
	// Receivers adds up those of all events; see Published.Receivers.
	Receivers int64 `json:"receivers"`
	Failed    int   `json:"failed"`
	Unknown   int   `json:"unknown,omitzero"` // sent, but the answer was lost
}

// Publish publishes an event (PUBLISH), in the envelope that the npm library makes, with
// the last of the client's scopes and its actor. A [Value] is published byte for byte, any
// other payload as the serializer writes it. The name may be anything but empty.
//
// Where the client has schemas ([WithEvents]) the payload is judged first: one that breaks
// its schema is CodeSchemaValidation with Details, and nothing is sent. An event is never
// sent twice; when its answer is lost the error is ErrOutcomeUnknown.
func (e Events) Publish(ctx context.Context, event string, payload any, o PublishOptions,
) (Published, error) {
	p, err := e.publisher(event, o)
	var data Value
	if err == nil {
		data, err = e.client.serialize(payload)
	}
	if err != nil {
		return Published{}, named(err, "pub", event)
	}
	seen := e.client.observe(ctx, "events", "events.publish",
		slog.String("ctx.events.channel", event))
	message, err := p.message(data)
	var result Result
	if err == nil {
		result = p.adapter.Publish(ctx, []ChannelMessage{message})[0]
		err = recode(result.Err, CodePublishFailed)
	}
	seen.end(ctx, err)
	return Published{Channel: event, Receivers: result.Number}, named(err, "pub", event)
}

// publisher publishes events of one name.
type publisher struct {
	client   *Client
	adapter  EventAdapter
	event    string
	channel  string
	envelope envelope
	options  PublishOptions
	report   PublishReport
	messages []ChannelMessage
}

// publisher checks all that does not depend on the payload.
func (e Events) publisher(event string, o PublishOptions) (*publisher, error) {
	c := e.client
	if event == "" {
		return nil, invalid(CodeKeyRequired, "the channel is empty")
	}
	channel, err := c.key(NamespaceEvents, event)
	if err == nil {
		err = c.writable()
	}
	if err != nil {
		return nil, err
	}
	p := &publisher{client: c, event: event, channel: channel, options: o}
	if p.envelope, err = c.envelope(event); err != nil {
		return nil, err
	}
	p.adapter, err = c.eventAdapter()
	return p, err
}

// eventAdapter returns the adapter as one that knows events.
func (c *Client) eventAdapter() (EventAdapter, error) {
	if a, ok := c.adapter.(EventAdapter); ok {
		return a, nil
	}
	return nil, invalid(CodeConfigurationInvalid, "the adapter can neither publish nor subscribe")
}

// message judges a payload and puts it into its envelope. The time is taken before.
func (p *publisher) message(data Value) (ChannelMessage, error) {
	now := time.Now()
	if err := p.judge(data); err != nil {
		return ChannelMessage{}, err
	}
	return ChannelMessage{Channel: p.channel, Payload: p.envelope.seal(data, now)}, nil
}

// judge applies the schema of the event, as the npm library does unless told otherwise.
func (p *publisher) judge(data Value) error {
	c := p.client
	if c.events == nil {
		return p.unknown()
	}
	if !c.validation.ValidatePublish && !p.options.Strict {
		return nil
	}
	known, violations, err := c.events.Validate(p.event, data)
	switch {
	case err != nil:
		return unusable(err)
	case !known:
		return p.unknown()
	case len(violations) == 0 || !c.validation.ValidatePublish:
		return nil
	case !c.validation.ThrowOnValidationError:
		if p.options.OnInvalid != nil {
			p.options.OnInvalid(violations)
		}
		return nil
	}
	failure := invalid(CodeSchemaValidation, "event payload validation failed for %q", p.event)
	failure.Details = violations
	return failure
}

// unknown is what an event without a schema comes to.
func (p *publisher) unknown() error {
	if !p.options.Strict {
		return nil
	}
	return invalid(CodeSchemaChannelNotFound, "there is no schema for %q", p.event)
}

// unusable is the error of a schema that cannot be used.
func unusable(err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return &Error{
		Kind: ErrInvalid, Code: CodeConfigurationInvalid, Err: err,
		Reason: "the schema cannot be used: " + err.Error(),
	}
}
