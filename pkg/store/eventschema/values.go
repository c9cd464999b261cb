package eventschema

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"unicode/utf8"
)

// hasType reports whether a value is of one of the types that a schema names.
func hasType(types []string, value any) bool {
	typ := typeOf(value)
	if slices.Contains(types, typ) {
		return true
	}
	n, isNumber := value.(float64)
	return isNumber && n == math.Trunc(n) && slices.Contains(types, "integer")
}

// typeOf names the type of a value.
func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "a number that JavaScript cannot hold"
}

// characters returns the length of a text as JSON Schema and zod count it: in code points.
func characters(text string) int { return utf8.RuneCountInString(text) }

// equal compares values that came from JSON; numbers are compared as numbers.
func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

func isAmong(value any, list []any) bool {
	return slices.ContainsFunc(list, func(v any) bool { return equal(value, v) })
}

// areUnique reports whether no value of a list equals another. Values that are equal are
// written alike: the names of an object are sorted.
func areUnique(list []any) bool {
	seen := make(map[string]bool, len(list))
	for _, v := range list {
		text, err := json.Marshal(v)
		if err != nil || seen[string(text)] {
			return false
		}
		seen[string(text)] = true
	}
	return true
}
