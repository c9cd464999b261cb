package store

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// ACLRole is who an ACL is for.
type ACLRole string

// The roles.
const (
	// ACLOperator sends what this package and the store tool send.
	ACLOperator ACLRole = "operator"
	// ACLApp sends what an app with the npm library sends.
	ACLApp ACLRole = "app"
)

// ACLServer is the oldest server that is to take the rules of an ACL.
type ACLServer string

// The servers. Valkey takes the rules of Redis 7.
const (
	// ACLRedis7 tells keys that are only read from others (%R~).
	ACLRedis7 ACLServer = "7"
	// ACLRedis62 does not: there, what may be done is a matter of the commands alone.
	ACLRedis62 ACLServer = "6.2"
)

// ACLRequest says what a user of the server is to be allowed. Service is required; the
// zero value of everything else has a meaning.
type ACLRequest struct {
	User    string     // its name; no white space
	Role    ACLRole    // "" for ACLOperator
	Groups  []ACLGroup // none for all
	Prefix  string     // "" for DefaultPrefix
	Service string     // as in WithService
	// Scopes narrow the ACL to one place; Declared is as in WithScopes. Required scopes
	// may be missing: whoever serves all tenants has no scope of its own.
	Scopes   []Scope
	Declared []ScopeDefinition
	// ThisScopeOnly leaves child scopes out.
	ThisScopeOnly bool
	ReadOnly      bool // no command that writes
	// Subscribe are channels with a *, as users write them. A server compares the
	// pattern of a subscription with those of the ACL letter by letter, so that each has
	// to be foreseen; "*" always is.
	Subscribe []string
	// PasswordHash is what HashACLPassword returns, or "" for no word about passwords.
	PasswordHash string
	Server       ACLServer // "" for ACLRedis7
	Cluster      bool      // the server is a cluster
	Database     bool      // the user chooses a database other than 0
}

// ACL is the least that a user needs, as rules of ACL SETUSER.
type ACL struct {
	User     string     `json:"user"`     // as asked for, like the four below; defaults are filled in
	Role     ACLRole    `json:"role"`     // who it is for
	Groups   []ACLGroup `json:"groups"`   // the work it allows
	ReadOnly bool       `json:"readOnly"` // no command that writes
	Server   ACLServer  `json:"server"`   // the oldest that takes the rules
	// Keys and Channels are glob patterns without the sign before them.
	Keys     []string `json:"keys"`
	Channels []string `json:"channels"`
	Commands []string `json:"commands"` // in lower case, a subcommand behind "|"
	// Rules are the arguments behind ACL SETUSER USER. They leave passwords alone
	// unless a hash was given.
	Rules []string `json:"rules"`
	// Line is the whole command as redis-cli reads it.
	Line string `json:"line"`
	// Notes are what the rules do not do, or not exactly.
	Notes []string `json:"notes"`
}

// BuildACL works out the least that a user needs. It speaks to no server. Mistakes are
// ErrInvalid.
func BuildACL(r ACLRequest) (ACL, error) {
	if err := r.complete(); err != nil {
		return ACL{}, err
	}
	a := ACL{
		User: r.User, Role: r.Role, Groups: r.Groups, ReadOnly: r.ReadOnly, Server: r.Server,
		Keys: r.keys(), Channels: r.channels(), Commands: r.commands(),
	}
	a.Rules = r.rules(&a)
	words := []string{"ACL", "SETUSER", quoteWord(r.User)}
	for _, rule := range a.Rules {
		words = append(words, quoteWord(rule))
	}
	a.Line = strings.Join(words, " ")
	a.Notes = r.notes(&a)
	return a, nil
}

// HashACLPassword returns a password as ACL rules and ACL files have it: its SHA-256 in
// hexadecimal digits.
func HashACLPassword(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

// complete fills in what the zero value stands for and refuses what cannot be.
func (r *ACLRequest) complete() error {
	if r.Prefix == "" {
		r.Prefix = DefaultPrefix
	}
	if r.Role == "" {
		r.Role = ACLOperator
	}
	if r.Server == "" {
		r.Server = ACLRedis7
	}
	if len(r.Groups) == 0 {
		r.Groups = ACLGroups()
	}
	switch {
	case r.User == "":
		return invalid(CodeConfigurationInvalid, "the user has no name")
	case strings.ContainsFunc(r.User, aclSpace):
		return invalid(CodeConfigurationInvalid, "user %q: servers take no spaces in the name of a user",
			r.User)
	case r.Role != ACLOperator && r.Role != ACLApp:
		return invalid(CodeConfigurationInvalid, "role %q is not one of operator, app", r.Role)
	case r.Server != ACLRedis7 && r.Server != ACLRedis62:
		return invalid(CodeConfigurationInvalid, "server %q is not one of 7, 6.2", r.Server)
	case r.Service == "":
		return invalid(CodeServiceRequired, "no service is given")
	}
	return r.check()
}

// check refuses scopes and groups that there are not.
func (r *ACLRequest) check() error {
	for _, scope := range r.Scopes {
		if err := scope.check(); err != nil {
			return err
		}
		if err := checkDeclared(scope.Key, r.Declared); err != nil {
			return err
		}
	}
	for _, g := range r.Groups {
		if !slices.Contains(ACLGroups(), g) {
			return invalid(CodeConfigurationInvalid, "group %q is not one of %s", g, aclGroupNames())
		}
	}
	for _, channel := range r.Subscribe {
		if channel == "" || !r.has(ACLEvents) {
			return invalid(CodeConfigurationInvalid,
				"patterns to subscribe to are not empty, and need the group events")
		}
	}
	return nil
}

func (r *ACLRequest) has(g ACLGroup) bool { return slices.Contains(r.Groups, g) }

// rules puts the ACL into words for the server. The user's earlier rights are dropped
// first; that this also holds for other databases and selectors is why the order matters.
func (r *ACLRequest) rules(a *ACL) []string {
	rules := []string{"on"}
	if r.PasswordHash != "" {
		rules = append(rules, "resetpass", "#"+r.PasswordHash)
	}
	if r.Server == ACLRedis7 {
		rules = append(rules, "clearselectors")
	}
	rules = append(rules, "resetkeys", "resetchannels", "-@all")
	sign := "~"
	if r.ReadOnly && r.Server == ACLRedis7 {
		sign = "%R~"
	}
	for _, key := range a.Keys {
		rules = append(rules, sign+key)
	}
	for _, channel := range a.Channels {
		rules = append(rules, "&"+channel)
	}
	for _, command := range a.Commands {
		rules = append(rules, "+"+command)
	}
	return rules
}

// notes say what the rules do not do, or not exactly.
func (r *ACLRequest) notes(a *ACL) []string {
	var notes []string
	note := func(yes bool, text string) {
		if yes {
			notes = append(notes, text)
		}
	}
	base := buildBase(r.Prefix, r.Service, r.Scopes)
	note(r.PasswordHash == "", "passwords are left as they are: a new user has none and cannot log in "+
		"until it gets one (--user-password-file, or ACL SETUSER NAME #SHA256)")
	note(r.User == "default", "the user is default: the rules hold for every client that logs in "+
		"without a name")
	note(r.has(ACLScan), "SCAN shows the names of all keys of the server, those of other services and "+
		"tenants too; an ACL cannot hide them, except by leaving the group scan out")
	note(!r.ThisScopeOnly, "child scopes are included; --this-scope-only leaves them out")
	note(strings.ContainsFunc(base, aclSpace), "rules cannot hold white space: where the name has a "+
		"space the patterns match a space or a NUL, for other white space any of it; in such a "+
		"place channels can be subscribed to by name only, not by a pattern")
	note(slices.Contains(a.Commands, "psubscribe"), "a pattern is only subscribed to if it is allowed "+
		"letter by letter: * is, others are added with --subscribe")
	note(r.Cluster, "on a cluster every node has its own users: run the line on all of them")
	return notes
}
