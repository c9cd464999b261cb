// Package ecma decides what JavaScript decides where JSON Schema leaves it to JavaScript:
// whether a regular expression matches a text, and whether a text is a URL.
//
// Patterns in schemas are written for JavaScript. Go's regexp has no look-around and no
// back-references; a text is a sequence of code points for it, where JavaScript without
// the flag u sees UTF-16 units. Hence a matcher of our own: it backtracks, as JavaScript's
// does, and gives up where that takes too long.
package ecma
