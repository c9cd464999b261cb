// Package storeotel makes OpenTelemetry traces and metrics of what package store does.
//
//	observer, err := storeotel.New(storeotel.Options{})
//	if err != nil {
//		return err
//	}
//	client, err := store.Open(url, store.WithService("api"),
//		store.WithTelemetry(observer), store.WithTelemetryExtensions())
//
// # Traces
//
// Each operation is a span of kind client, named store and the operation ("store kv.get"), a
// child of the span in the context the operation was called with. Its attributes are those of
// the npm library's telemetry (ctx.store.service, ctx.kv.found and so on): never identifiers,
// keys or values. A failed one has the status error, with the code as its description.
//
// # Metrics
//
//   - igniter.store.operation.duration, a histogram in seconds
//   - igniter.store.operation.errors, a counter of operations, by error.type
//   - igniter.store.hits and igniter.store.misses, counters of keys that kv.get, kv.exists and
//     batch.get found, and did not
//
// All have the attributes store.operation, store.service and store.namespace.
//
// # A module of its own
//
// The package is a module of its own, so that whoever uses package store without it has
// neither OpenTelemetry in go.sum nor in the program. The program in cmd/store is the command
// line with an exporter for OTLP; the ordinary one has none of it.
package storeotel
