package store

import (
	"slices"
	"strings"
)

// DefaultPrefix begins every key that @igniter-js/store writes.
const DefaultPrefix = "igniter:store"

// Namespace keeps the kinds of data of one scope apart.
type Namespace string

// The namespaces, spelled as they stand in keys.
const (
	NamespaceKV      Namespace = "kv"
	NamespaceCounter Namespace = "counter"
	NamespaceClaim   Namespace = "claim"
	NamespaceStreams Namespace = "streams"
	// NamespaceEvents names Pub/Sub channels; no key is stored under it.
	NamespaceEvents Namespace = "events"
)

// KeyNamespaces returns the namespaces that hold keys.
func KeyNamespaces() []Namespace {
	return []Namespace{NamespaceKV, NamespaceCounter, NamespaceClaim, NamespaceStreams}
}

// ParseNamespace reads the name of a namespace that holds keys; any other name is
// CodeInvalidNamespace.
func ParseNamespace(name string) (Namespace, error) {
	if ns := Namespace(name); slices.Contains(KeyNamespaces(), ns) {
		return ns, nil
	}
	return "", invalid(CodeInvalidNamespace,
		"namespace %q is not one of kv, counter, claim, streams", name)
}

// Key is the address of one key, taken apart.
type Key struct {
	// Key is what follows the namespace: what KV.Get takes.
	Key       string    `json:"key"`
	Namespace Namespace `json:"namespace"` // the kind of data
	Service   string    `json:"service"`   // whose it is
	// Scopes is the chain from the outermost scope inwards; never nil.
	Scopes []Scope `json:"scopes"`
	// RedisKey is the whole key as Redis holds it.
	RedisKey string `json:"redisKey"`
	// Ambiguous is set where the key can also be read as another address.
	Ambiguous bool `json:"ambiguous,omitzero"`
}

// BuildKey joins an address to the key Redis holds. Nothing is escaped or
// checked: the npm library does not either, and an app must find the same key.
func BuildKey(prefix, service string, scopes []Scope, ns Namespace, key string) string {
	return buildBase(prefix, service, scopes) + ":" + string(ns) + ":" + key
}

// buildBase joins everything that stands before the namespace.
func buildBase(prefix, service string, scopes []Scope) string {
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteByte(':')
	b.WriteString(service)
	for _, s := range scopes {
		b.WriteByte(':')
		b.WriteString(s.Key)
		b.WriteByte(':')
		b.WriteString(s.Identifier)
	}
	return b.String()
}

// ParseKey takes apart a key of the given prefix and service. It reports false
// where redisKey is not one.
//
// Since nothing in a key is escaped, more than one address can stand behind it:
// the key "x:kv:y" of scope a=1 is also the key "y" of scope a="1:kv:x". The rule
// is: scopes come in pairs, and the first namespace name where a scope key could
// stand ends them. Where the service declares its scopes, only those are scope
// keys, and an identifier reaches to the next declared scope key or namespace, so
// that identifiers with colons are read as they were written. Where no pairs fit,
// the first namespace name ends the scopes and the last identifier takes the odd
// part. A key that another reading fits as well is marked Ambiguous.
func ParseKey(redisKey, prefix, service string, declared []ScopeDefinition) (Key, bool) {
	rest, ok := strings.CutPrefix(redisKey, prefix+":"+service+":")
	if !ok {
		return Key{}, false
	}
	return parseRest(Key{Service: service, RedisKey: redisKey}, rest, declared)
}

// ParseAnyKey is [ParseKey] for a key whose service is not known. The service is
// read up to the next colon, and further where nothing else makes a key of it.
func ParseAnyKey(redisKey, prefix string) (Key, bool) {
	return parseAny(redisKey, prefix, parseRest)
}

// parseAny tries one service after the other.
func parseAny(redisKey, prefix string,
	parse func(Key, string, []ScopeDefinition) (Key, bool),
) (Key, bool) {
	rest, ok := strings.CutPrefix(redisKey, prefix+":")
	if !ok {
		return Key{}, false
	}
	for at := strings.Index(rest, ":"); at > 0; {
		key := Key{Service: rest[:at], RedisKey: redisKey}
		if key, ok := parse(key, rest[at+1:], nil); ok {
			key.Ambiguous = key.Ambiguous || strings.Contains(key.Service, ":")
			return key, true
		}
		next := strings.Index(rest[at+1:], ":")
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return Key{}, false
}

// parseRest reads what follows the service, or the scopes that key already has,
// into key.
func parseRest(key Key, rest string, declared []ScopeDefinition) (Key, bool) {
	return parseParts(key, reading{
		parts: strings.Split(rest, ":"), namespaces: KeyNamespaces(), declared: declared,
	})
}

// parseParts reads the parts of a key into key.
func parseParts(key Key, r reading) (Key, bool) {
	scopes, at, ok := r.inPairs()
	if !ok {
		key.Ambiguous = true
		scopes, at, ok = r.withOddPart()
	}
	if !ok {
		return Key{}, false
	}
	key.Scopes = append(append([]Scope{}, key.Scopes...), scopes...)
	key.Namespace = Namespace(r.parts[at])
	key.Key = strings.Join(r.parts[at+1:], ":")
	key.Ambiguous = key.Ambiguous || r.again(at)
	return key, true
}

// reading is the part of a key behind the service, cut at the colons.
type reading struct {
	parts      []string
	namespaces []Namespace
	declared   []ScopeDefinition
}

// inPairs reads scope keys and identifiers in turn up to a namespace, and returns
// them and the namespace's position.
func (r reading) inPairs() (scopes []Scope, at int, ok bool) {
	i := 0
	for i < len(r.parts)-1 && !r.namespaceAt(i) {
		if !r.scopeAt(i) {
			return nil, 0, false
		}
		end := r.identifierEnd(i + 1)
		scopes = append(scopes, r.scope(i, end))
		i = end
	}
	return scopes, i, i < len(r.parts)-1
}

// withOddPart reads pairs up to the first namespace name anywhere and gives the
// last identifier what is left over.
func (r reading) withOddPart() (scopes []Scope, at int, ok bool) {
	for at = 2; at < len(r.parts)-1; at++ {
		if !r.namespaceAt(at) {
			continue
		}
		i := 0
		for ; i+4 <= at; i += 2 {
			scopes = append(scopes, r.scope(i, i+2))
		}
		return append(scopes, r.scope(i, at)), at, true
	}
	return nil, 0, false
}

// scope returns the scope whose key stands at i and whose identifier ends before
// end.
func (r reading) scope(i, end int) Scope {
	return Scope{Key: r.parts[i], Identifier: strings.Join(r.parts[i+1:end], ":")}
}

// again reports whether a namespace name stands where another reading could end.
func (r reading) again(at int) bool {
	for i := range len(r.parts) - 1 {
		if i != at && r.namespaceAt(i) {
			return true
		}
	}
	return false
}

func (r reading) namespaceAt(i int) bool {
	return slices.Contains(r.namespaces, Namespace(r.parts[i]))
}

func (r reading) scopeAt(i int) bool {
	return len(r.declared) == 0 || slices.ContainsFunc(r.declared, func(d ScopeDefinition) bool {
		return d.Key == r.parts[i]
	})
}

// identifierEnd returns the position behind the identifier that begins at i. An
// identifier has at least one part.
func (r reading) identifierEnd(i int) int {
	end := i + 1
	if len(r.declared) == 0 {
		return end
	}
	for end < len(r.parts) && !r.namespaceAt(end) && !r.scopeAt(end) {
		end++
	}
	return end
}

// below reports whether one of the scopes of a key, read from its beginning, ends where
// base does.
func (k *Key) below(prefix, base string) bool {
	for n := range len(k.Scopes) + 1 {
		if buildBase(prefix, k.Service, k.Scopes[:n])+":" == base {
			return true
		}
	}
	return false
}
