package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// keys returns the patterns of the keys that the groups work on. The colon behind a name
// is always part of them: a service "api" is not allowed the keys of "api2".
func (r *ACLRequest) keys() []string {
	base := aclGlob(buildBase(r.Prefix, r.Service, r.Scopes)) + ":"
	spaces := r.spaces()
	if !r.ThisScopeOnly && !slices.ContainsFunc(KeyNamespaces(), func(ns Namespace) bool {
		return !slices.Contains(spaces, string(ns)+":")
	}) {
		return []string{base + "*"}
	}
	patterns := []string{}
	for _, space := range spaces {
		patterns = append(patterns, base+space+"*")
		if !r.ThisScopeOnly {
			patterns = append(patterns, base+"*:"+space+"*")
		}
	}
	return patterns
}

// spaces returns what stands before the keys of the groups, each once.
func (r *ACLRequest) spaces() []string {
	var spaces []string
	for _, g := range r.Groups {
		for _, space := range g.spaces(r.Role, r.ReadOnly) {
			if !slices.Contains(spaces, space) {
				spaces = append(spaces, space)
			}
		}
	}
	if len(spaces) == 0 && r.has(ACLScan) {
		spaces = []string{"kv:"}
	}
	all := slices.Clone(spaces)
	return slices.DeleteFunc(spaces, func(space string) bool { // covered by a shorter one
		return slices.ContainsFunc(all, func(other string) bool {
			return other != space && strings.HasPrefix(space, other)
		})
	})
}

// channels returns the patterns of the channels. What is asked for with PSUBSCRIBE must
// be one of them, letter by letter: they are spelled as [Events.Subscribe] spells them.
func (r *ACLRequest) channels() []string {
	patterns := []string{}
	if !r.has(ACLEvents) {
		return patterns
	}
	base := aclGlob(buildBase(r.Prefix, r.Service, r.Scopes)) + ":"
	events := string(NamespaceEvents) + ":"
	for _, channel := range append([]string{"*"}, r.Subscribe...) {
		glob := aclSafe(eventGlob(channel))
		patterns = append(patterns, base+events+glob)
		if !r.ThisScopeOnly {
			patterns = append(patterns, base+"*"+events+glob)
		}
	}
	return patterns
}

// aclSpace reports whether a rule cannot hold a character.
func aclSpace(c rune) bool {
	return c == 0 || c == ' ' || '\t' <= c && c <= '\r'
}

// aclGlob returns a pattern for a text as ACL rules can hold it.
func aclGlob(text string) string { return aclSafe(EscapeGlob(text)) }

// aclSafe replaces what a rule cannot hold in a pattern by a class that matches it, and
// as little else as can be: classes are made of what they leave out. Bytes from 0x80 on
// are spelled as one range between characters, so that the pattern stays text.
func aclSafe(pattern string) string {
	if !strings.ContainsFunc(pattern, aclSpace) {
		return pattern
	}
	const high = "\u0080-\U0010ffff]"
	var b strings.Builder
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c == ' ':
			b.WriteString("[^\x01-\x1f!-\x7f" + high)
		case c == 0:
			b.WriteString("[^\x01-\x7f" + high)
		case aclSpace(rune(c)):
			b.WriteString("[^\x01-\x08\x0e-\x7f" + high)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// quoteWord returns a word as redis-cli reads it: in double quotes, and with the bytes
// that cannot be seen as \xHH, where it needs them.
func quoteWord(word string) string {
	if word != "" && !strings.ContainsFunc(word, needsQuotes) {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(word); {
		c, size := utf8.DecodeRuneInString(word[i:])
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == utf8.RuneError && size == 1 || !unicode.IsPrint(c):
			for _, raw := range []byte(word[i : i+size]) {
				fmt.Fprintf(&b, `\x%02x`, raw)
			}
		default:
			b.WriteString(word[i : i+size])
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}

func needsQuotes(c rune) bool {
	return c == ' ' || c == '"' || c == '\'' || c == '\\' || c == utf8.RuneError || !unicode.IsPrint(c)
}
