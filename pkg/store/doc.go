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
// A scope that is declared ([WithScopes]) can be required; nothing is then read or
// written outside of it. [Client.Actor] says in whose name events are published.
//
// Values are JSON. They are stored and handed out byte for byte: numbers beyond
// 2^53, the order of object members, and repeated members all survive. A TTL is a
// whole number of seconds ([CheckTTL]); a remaining one is a [TTL].
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
// What can be done there is grouped as in the npm library:
//
//   - [KV] reads and writes single entries, [Batch] many at once, accounting for each.
//   - [Counter] counts, exactly and in one step on the server.
//   - [Claim] takes locks that one owner at a time holds; [Claim.Hold] renews one until
//     it is released or lost, and numbers its holders.
//   - [Events] publishes to whoever listens at the moment, and listens: every time in
//     which something may have been missed is reported as a [Gap].
//   - [Streams] appends messages that are kept, lists and follows them; a [Group] shares
//     them among consumers, which acknowledge what they are done with.
//   - [Client.Scan] lists keys, [ParseKey] takes one apart, and [Client.Diagnose] looks at
//     the server.
//
// What is listed or followed is an iter.Seq2. A failure is yielded once, last; leaving the
// loop ends the work.
//
// # Types
//
// Values go in as Go values, through the [Serializer], or as a [Value], which is stored
// as it is. They come out as a Value. [Get], [Set], [GetBatch], [Rows], [Consume] and
// [Messages] read and write values of a type of the program, and an [EventType] binds the
// name of an event to the type of its payload and to its schema:
//
//	user, found, err := store.Get[User](ctx, tenant.KV(), "user:1")
//
// A value that does not fit the type is CodeDeserialization. In a sequence that is the Err
// of one element, and the others follow.
//
// # Errors
//
// A failure is an [*Error]. What a program may branch on is a constant: the [Kind] says
// whose turn it is (errors.Is(err, store.ErrUnreachable)), the [Code] what exactly went
// wrong (errors.Is(err, store.CodeTTLInvalid)); errors.AsType[*store.Error] returns all
// there is to know. That a key is missing, that a condition was not met and that somebody
// else holds a claim are answers, not errors.
//
// Where ctx was cancelled the error is its cause, or wraps it. A deadline that passes is
// ErrUnreachable for a single read, and ErrOutcomeUnknown for a write that was sent.
//
// # Writes are sent once
//
// No write is repeated by this package or by the driver below it. When the
// connection fails after a write was sent and before its answer came, the error
// is [ErrOutcomeUnknown]: the write may or may not have happened. Only what does the
// same when it is done twice is tried again: taking a claim under a unique name, and
// acknowledging a [Delivery].
//
// # Telemetry
//
// [WithTelemetry] hears of every operation when it begins and when it ends, under the
// names and with the attributes of the npm library, and never with keys, identifiers or
// values. [TelemetryLines] writes them as JSON, package storeotel makes traces and metrics of
// them, and [WithTelemetryExtensions] adds the operations that the npm library lacks.
// [WithLogger] is for what happens underneath.
//
// # Adapters
//
// An [Adapter] carries out what a client wants of its server. The one of this package
// speaks to Redis and Valkey, alone, as a cluster or behind Sentinels, and to the embedded
// server of memory:// URLs, which needs nothing else ([Memory]). [WithAdapter] puts
// another in its place, or one around it ([Client.Adapter]). One that is also an
// [EventAdapter] has events, one that is a [StreamAdapter] has streams, and package
// storetest tests any of them.
//
// # Concurrency and the end
//
// A Client and everything obtained from it may be used by several goroutines at once,
// except that a sequence belongs to the goroutine that ranges over it. A context bounds
// the call that it is given to, and [WithTimeout] each exchange with the server.
//
// [Client.Close] ends the connections of a client and of all its copies. End
// subscriptions, consumers and held claims first: leave their loops, call [Held.Release].
package store
