// Package eventschema judges the payloads of events by JSON Schemas that were exported
// from the zod schemas of an app. Its verdicts are those of the npm library
// @igniter-js/store, as far as JSON Schema can tell.
//
// # Registry
//
// A registry is one JSON file with the schemas of all events of a service:
//
//	{
//	  "format": "igniter-store-events/1",
//	  "dialect": "https://json-schema.org/draft/2020-12/schema",
//	  "io": "input",
//	  "events": {"user:created": {"type": "object", …}},
//	  "warnings": [{"event": "user:created", "path": "age", "reason": "…"}],
//	  "errors": [{"event": "user:born", "reason": "Date cannot be represented …"}]
//	}
//
// Each schema stands alone: a $ref leads from its own root. The dialects are drafts
// 2020-12, 7 and 4, and "openapi-3.0", which a schema's own $schema overrides. What is an
// assertion and is not supported makes the schema unusable; nothing is passed over.
//
// # Verdicts
//
// [Load] reads the file; a schema is compiled when its event is first judged. The judge is
// this package's own, for two reasons. It decides as JavaScript does: patterns are those of
// ECMAScript, numbers are what JavaScript holds, and multipleOf allows for rounding as zod
// does. And it costs a program nothing before it is needed, where linking one that prepares
// itself at the start costs every start. A format is an annotation, except for uri and jwt
// where there is no pattern.
//
// All violations are listed, each with its path; of alternatives, only those of the one that
// could be meant.
package eventschema
