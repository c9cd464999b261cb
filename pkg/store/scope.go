package store

import (
	"slices"
	"strings"
)

// Scope is one step of a scope chain: the tenant "org_1" of the scope key
// "organization".
type Scope struct {
	Key        string `json:"key"`        // what kind of scope: organization
	Identifier string `json:"identifier"` // which one: org_1
}

// ParseScope reads a scope written as KEY=ID. It splits at the first "=", so an
// identifier may hold further ones. Text without one is CodeScopeInvalid, an empty part
// CodeScopeKeyRequired or CodeScopeIDRequired.
func ParseScope(text string) (Scope, error) {
	key, id, found := strings.Cut(text, "=")
	if !found {
		return Scope{}, invalid(CodeScopeInvalid, "scope %q is not of the form KEY=ID", text)
	}
	s := Scope{Key: key, Identifier: id}
	return s, s.check()
}

// String returns the scope as KEY=ID.
func (s Scope) String() string { return s.Key + "=" + s.Identifier }

// check refuses what the npm library's scope() refuses.
func (s Scope) check() error {
	switch {
	case s.Key == "":
		return invalid(CodeScopeKeyRequired, "scope key is required")
	case s.Identifier == "":
		return invalid(CodeScopeIDRequired, "scope %q has no identifier", s.Key)
	}
	return nil
}

// Actor is who acts through a client; it travels in published events.
type Actor struct {
	Key        string `json:"key"`        // what kind of actor: user
	Identifier string `json:"identifier"` // which one: 7
}

// ParseActor reads an actor written as KEY=ID, like [ParseScope]. A part that is missing is
// CodeActorKeyRequired or CodeActorIDRequired.
func ParseActor(text string) (Actor, error) {
	key, id, _ := strings.Cut(text, "=")
	switch {
	case key == "":
		return Actor{}, invalid(CodeActorKeyRequired, "actor key is required")
	case id == "":
		return Actor{}, invalid(CodeActorIDRequired,
			"actor %q has no identifier; the form is KEY=ID", key)
	}
	return Actor{Key: key, Identifier: id}, nil
}

// ScopeDefinition declares a scope key that a service uses. Where a client has
// definitions, other scope keys are refused, and keys are parsed with their help.
type ScopeDefinition struct {
	Key         string // "organization"
	Required    bool   // an operation outside this scope is refused
	Description string // for people; nothing depends on it
}

// CheckScopeDefinitions applies the npm library's naming rules for addScope: a
// key is not empty and holds neither "." nor ":" (CodeInvalidNamespace), is not reserved
// (CodeReservedNamespace), and is declared once (CodeDuplicateScope).
func CheckScopeDefinitions(defs []ScopeDefinition) error {
	seen := map[string]bool{}
	for _, d := range defs {
		if err := checkNamespaceName(d.Key); err != nil {
			return err
		}
		if seen[d.Key] {
			return invalid(CodeDuplicateScope, "scope %q is declared twice", d.Key)
		}
		seen[d.Key] = true
	}
	return nil
}

// checkNamespaceName holds the library's rules for names given to addScope and
// addEvents; its messages call both a namespace.
func checkNamespaceName(name string) error {
	switch {
	case name == "":
		return invalid(CodeInvalidNamespace, "namespace must be a non-empty string")
	case strings.Contains(name, "."):
		return invalid(CodeInvalidNamespace, "namespace %q cannot contain dots", name)
	case strings.Contains(name, ":"):
		return invalid(CodeInvalidNamespace, "namespace %q cannot contain colons", name)
	case reservedNamespace(name):
		return invalid(CodeReservedNamespace, "namespace %q is reserved", name)
	}
	return nil
}

// CheckEventName applies the npm library's naming rules to the name of an event in a
// registry, namespace:event or namespace:group:event: each part is not empty, holds
// neither "." nor a space, and does not begin with "ign" or "__"; the namespace also
// follows the rules of addEvents. The codes are CodeMissingNamespace, CodeInvalidNamespace,
// CodeReservedNamespace and CodeInvalidEventName. Channels are free to have any name.
func CheckEventName(name string) error {
	namespace, rest, found := strings.Cut(name, ":")
	if !found {
		return invalid(CodeMissingNamespace,
			"event %q has no namespace; the form is namespace:event", name)
	}
	if err := checkNamespaceName(namespace); err != nil {
		return err
	}
	for part := range strings.SplitSeq(namespace+":"+rest, ":") {
		if err := checkEventPart(name, part); err != nil {
			return err
		}
	}
	return nil
}

// checkEventPart holds the library's rules for names given to create, event and group.
func checkEventPart(event, part string) error {
	lower := strings.ToLower(part)
	switch {
	case part == "":
		return invalid(CodeInvalidEventName, "event %q has an empty part", event)
	case strings.Contains(part, "."):
		return invalid(CodeInvalidEventName, "event %q cannot contain dots", event)
	case strings.Contains(part, " "):
		return invalid(CodeInvalidEventName, "event %q cannot contain spaces", event)
	case strings.HasPrefix(lower, "ign"), strings.HasPrefix(lower, "__"):
		return invalid(CodeReservedNamespace, "event %q: %q begins as reserved names do", event, part)
	}
	return nil
}

// reservedNamespace reports whether the library keeps the name for itself: the
// words themselves, and the words followed by "-" or "_".
func reservedNamespace(name string) bool {
	lower := strings.ToLower(name)
	for _, word := range []string{"igniter", "ign", "__internal", "__"} {
		rest, ok := strings.CutPrefix(lower, word)
		if ok && (rest == "" || rest[0] == '-' || rest[0] == '_') {
			return true
		}
	}
	return false
}

// checkDeclared refuses a scope key that the definitions do not know.
func checkDeclared(key string, defs []ScopeDefinition) error {
	if len(defs) == 0 || slices.ContainsFunc(defs, func(d ScopeDefinition) bool {
		return d.Key == key
	}) {
		return nil
	}
	names := make([]string, len(defs))
	for i, d := range defs {
		names[i] = d.Key
	}
	return invalid(CodeInvalidScopeKey, "scope key %q is not defined; available scopes: %s",
		key, strings.Join(names, ", "))
}

// checkRequired refuses a chain in which a required scope is missing.
func checkRequired(chain []Scope, defs []ScopeDefinition) error {
	for _, d := range defs {
		present := slices.ContainsFunc(chain, func(s Scope) bool { return s.Key == d.Key })
		if d.Required && !present {
			return invalid(CodeScopeInvalid, "scope %q is required and missing", d.Key)
		}
	}
	return nil
}
