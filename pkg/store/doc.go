// Package store reads and writes multi-tenant stores that applications keep in
// Redis or Valkey through the npm library @igniter-js/store.
//
// # Model
//
// A store belongs to a service and is divided by scopes, usually tenants. Every
// key names both, in plain text joined by colons:
//
//	<prefix>:<service>[:<scope>:<identifier>…]:<namespace>:<key>
//
// The prefix is "igniter:store" unless [WithPrefix] says otherwise. The
// namespace keeps the kinds of data apart: kv, counter, claim, streams, and
// events for Pub/Sub channels. Nothing in a key is escaped; two different
// addresses can therefore name the same key (see [ParseKey]).
//
// Values are JSON. They are stored and handed out byte for byte: numbers beyond
// 2^53, the order of object members, and repeated members all survive.
//
// # Use
//
// A [Client] addresses one place in the tree. [Client.Scope] returns a cheap
// copy that addresses a child of it; all copies share one connection pool.
//
//	client, err := store.Open("redis://127.0.0.1:6379", store.WithService("api"))
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//
//	tenant, err := client.Scope("organization", "org_1")
//	if err != nil {
//		return err
//	}
//	entry, err := tenant.KV().Get(ctx, "user:1")
//
// A Client and everything obtained from it may be used by several goroutines at
// once.
//
// # Errors
//
// Every failure is an [*Error]. What a program may branch on is a constant: the
// [Kind] says whose turn it is (errors.Is(err, store.ErrUnreachable)), the
// [Code] what exactly went wrong (errors.Is(err, store.CodeTTLInvalid)). That a
// key is missing is an answer, not an error.
//
// # Writes are sent once
//
// No write is repeated by this package or by the driver below it. When the
// connection fails after a write was sent and before its answer came, the error
// is [ErrOutcomeUnknown]: the write may or may not have happened. Only what does the
// same when it is done twice is tried again: taking a claim under a unique name, and
// acknowledging a [Delivery].
package store
