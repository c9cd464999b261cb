package store

import "errors"

// What the two readers of RESP2 share: the one of subscriptions, which hands out what a
// read brought without copying it, and the one of streams, which reads answer by answer.

// serverError is a refusal in the server's own words.
type serverError string

func (e serverError) Error() string { return string(e) }

// RedisError marks it as the driver marks its own.
func (serverError) RedisError() {}

// errProtocol is an answer that no server gives.
var errProtocol = errors.New("the server's answer cannot be understood")
