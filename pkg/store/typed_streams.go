package store

import (
	"context"
	"iter"
)

// TypedMessage is a [Message] with its data read as a T.
type TypedMessage[T any] struct {
	Message
	// Data is the message; the zero T where there is an Err.
	Data T
	// Err is CodeDeserialization for a message that does not fit T. What comes after it
	// is listed all the same.
	Err error
}

// Messages reads what [Streams.Range] and [Streams.Tail] yield as Ts.
func Messages[T any](s Streams, messages iter.Seq2[Message, error],
) iter.Seq2[TypedMessage[T], error] {
	return func(yield func(TypedMessage[T], error) bool) {
		for m, err := range messages {
			typed := TypedMessage[T]{Message: m}
			if err == nil {
				typed.Data, typed.Err = body[T](s, m)
			}
			if !yield(typed, err) {
				return
			}
		}
	}
}

// TypedDelivery is a [Delivery] with its data read as a T. It must be settled as one, also
// where it has an Err: to Leave it MaxDeliveries times brings it to the dead-letter stream.
type TypedDelivery[T any] struct {
	*Delivery
	Data T     // the message; the zero T where there is an Err
	Err  error // CodeDeserialization for a message that does not fit T
}

// Consume is [Group.Consume] with the messages read as Ts.
func Consume[T any](ctx context.Context, g Group, consumer string, o ConsumeOptions,
) iter.Seq2[TypedDelivery[T], error] {
	return func(yield func(TypedDelivery[T], error) bool) {
		for d, err := range g.Consume(ctx, consumer, o) {
			typed := TypedDelivery[T]{Delivery: d}
			if err == nil {
				typed.Data, typed.Err = body[T](g.streams, d.Message)
			}
			if !yield(typed, err) {
				return
			}
		}
	}
}

// body reads one message.
func body[T any](s Streams, m Message) (data T, err error) {
	err = named(s.client.Decode(Value(m.Message), &data), "stream read", m.Stream+" "+m.ID)
	return data, err
}
