package embedded

import (
	"strings"
	"unicode/utf8"

	"github.com/alicebob/miniredis/v2/server"
)

// miniredis turns patterns into regular expressions. Not all of them can be compiled,
// which ends the process or leaves its lock taken; a \E in them ends the quoting, so that
// the rest reaches other tenants' keys; and they take characters where Redis takes bytes.
// So miniredis gets to see none but those that mean the same to both. For the others it is
// asked for everything, and what does not match is left out here.

// hasPattern reports whether a command may bring a pattern whose matches are the reply.
func hasPattern(name string) bool {
	switch name {
	case "KEYS", "SCAN", "HSCAN", "SSCAN", "ZSCAN", "PUBSUB":
		return true
	}
	return false
}

// plainPattern reports whether a pattern means the same to miniredis and Redis. Where it
// is said that names are text, ? and classes may be in it: to miniredis they are a
// character, which in ASCII is a byte.
func plainPattern(pattern string, text bool) bool {
	if !utf8.ValidString(pattern) || strings.Contains(pattern, "\x00") {
		return false
	}
	for rest := pattern; rest != ""; {
		switch {
		case text && rest[0] == '[':
			n := plainClass(rest)
			if n == 0 {
				return false
			}
			rest = rest[n:]
		case rest[0] == '\\':
			// Behind the backslash that \\ stands for, an E would end the quoting.
			if !text || len(rest) == 1 || rest[1] == '\\' && strings.HasPrefix(rest[2:], "E") ||
				rest[1] == '\\' && strings.HasPrefix(rest[2:], `\E`) {
				return false
			}
			rest = rest[2:]
		case rest[0] == '[', rest[0] == '?' && !text:
			return false
		default:
			rest = rest[1:]
		}
	}
	return true
}

// plainClass returns the length of the class that text begins with if it is made of
// ascending ranges and of letters, digits, - aside, and 0 if not.
func plainClass(text string) int {
	end := strings.IndexByte(text, ']')
	if end < 0 {
		return 0
	}
	body := strings.TrimPrefix(text[1:end], "^")
	if body == "" {
		return 0
	}
	for body != "" {
		switch {
		case !isWord(body[0]):
			return 0
		case len(body) > 2 && body[1] == '-':
			if !isWord(body[2]) || body[0] > body[2] {
				return 0
			}
			body = body[3:]
		default:
			body = body[1:]
		}
	}
	return end + 1
}

func isWord(c byte) bool {
	return c == '_' || c == ':' || c == '.' ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// answerMatching answers a command with a pattern that miniredis must not see; it returns
// false for all others.
func (s *Server) answerMatching(peer *server.Peer, g *guest, name string, args []string) bool {
	pattern, rest, found := takePattern(name, args)
	if !found || plainPattern(pattern, false) {
		return false
	}
	if g != nil && g.inTransaction {
		s.spoil(peer, g)
		peer.WriteError("ERR the embedded server does not take this pattern inside MULTI")
		return true
	}
	reply, err := server.ParseReply(s.ask(peer, g, append([]string{name}, rest...)...))
	if err != nil {
		peer.WriteError(err.Error())
		return true
	}
	list, _ := reply.([]any)
	if name == "KEYS" || name == "PUBSUB" {
		peer.WriteStrings(s.matching(list, pattern, 1))
		return true
	}
	if len(list) != 2 {
		peer.WriteError("ERR the embedded server gave no page of " + name)
		return true
	}
	cursor, _ := list[0].(string)
	members, _ := list[1].([]any)
	peer.WriteLen(2)
	peer.WriteBulk(cursor)
	peer.WriteStrings(s.matching(members, pattern, width(name)))
	return true
}

// width returns how many strings of a reply belong together.
func width(name string) int {
	if name == "HSCAN" || name == "ZSCAN" {
		return 2
	}
	return 1
}

// takePattern returns the pattern of a command, and the rest of it, which finds all.
func takePattern(name string, args []string) (pattern string, rest []string, found bool) {
	begin := 2
	switch name {
	case "KEYS":
		if len(args) != 1 {
			return "", nil, false
		}
		return args[0], []string{"*"}, true
	case "PUBSUB":
		if len(args) != 2 || !strings.EqualFold(args[0], "CHANNELS") {
			return "", nil, false
		}
		return args[1], args[:1], true
	case "SCAN":
		begin = 1
	}
	rest = append(rest, args[:min(begin, len(args))]...)
	for i := begin; i < len(args); i++ {
		takesNext := i+1 < len(args)
		switch strings.ToUpper(args[i]) {
		case "MATCH":
			if takesNext {
				pattern, found = args[i+1], true
				i++
				continue
			}
		case "COUNT", "TYPE":
			if takesNext {
				rest = append(rest, args[i])
				i++
			}
		}
		rest = append(rest, args[i])
	}
	return pattern, rest, found
}

// matching returns the strings of a reply, in groups whose first one matches.
func (s *Server) matching(list []any, pattern string, width int) []string {
	matches := []string{}
	for i := 0; i+width <= len(list); i += width {
		if first, _ := list[i].(string); !s.match(pattern, first) {
			continue
		}
		for _, element := range list[i : i+width] {
			text, _ := element.(string)
			matches = append(matches, text)
		}
	}
	return matches
}
