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
// [Load] reads the file; a schema is compiled when its event is first judged. Verdicts are
// those of github.com/google/jsonschema-go. What it cannot know of JavaScript is decided
// beforehand and handed to it in a form it understands: every text of a payload is put to
// the patterns that could apply to it, by the rules of ECMAScript, and carries the answers
// at its front, where the judge looks for them. Numbers are judged as JavaScript holds
// them. A format is an annotation, except for uri and jwt where there is no pattern.
//
// The judge stops at the first violation. To list all, it is asked again about each part
// of a schema that refuses, so each violation is a verdict of its own.
package eventschema
