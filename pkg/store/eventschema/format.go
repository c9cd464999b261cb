package eventschema

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/tenantstore/store/pkg/store/eventschema/ecma"
)

// judgedFormat reports whether a format says something that no pattern beside it says:
// zod exports URLs and tokens without one.
func judgedFormat(format string) bool { return format == "uri" || format == "jwt" }

// hasFormat reports whether a text has a format that is judged.
func hasFormat(text, format string) bool {
	if format == "uri" {
		return ecma.ValidURL(text)
	}
	return isJWT(text)
}

// isJWT reports whether zod would take a text for a JSON Web Token: three parts, the first
// of which is a header with an algorithm. No signature is checked.
func isJWT(text string) bool {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return false
	}
	header, ok := atob(parts[0])
	if !ok {
		return false
	}
	var members map[string]any
	if json.Unmarshal([]byte(header), &members) != nil || members == nil {
		return false
	}
	if typ, has := members["typ"]; has && typ != "JWT" {
		return false
	}
	switch alg := members["alg"].(type) {
	case nil:
		return false
	case bool:
		return alg
	case string:
		return alg != ""
	case float64:
		return alg != 0
	}
	return true
}

// atob decodes base64 as JavaScript's atob does: with or without padding, white space
// ignored, each byte a character.
func atob(text string) (string, bool) {
	text = strings.Map(func(c rune) rune {
		if strings.ContainsRune("\t\n\f\r ", c) {
			return -1
		}
		return c
	}, text)
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	data, err := base64.RawStdEncoding.DecodeString(text)
	chars := make([]rune, len(data))
	for i, b := range data {
		chars[i] = rune(b)
	}
	return string(chars), err == nil
}
