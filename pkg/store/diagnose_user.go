package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// question is a command that store sends, as the server is asked about it.
type question struct {
	name string // as in ACL rules
	args []string
}

// permissions find out which commands this user may send, without sending them.
func (d *Diagnosis) permissions(p *probe, c *Client) error {
	if d.User == "" {
		d.add("permissions", CheckUnknown, "who this user is, is not known", "")
		return nil
	}
	questions := c.questions()
	allowed, why, err := p.dryRun(d.User, questions, c.service != "")
	if err == nil && allowed == nil {
		allowed, why, err = p.granted(d.User, questions)
	}
	if err != nil {
		return err
	}
	if allowed == nil {
		d.add("permissions", CheckUnknown, why, "an administrator sees them with ACL GETUSER "+d.User)
		return nil
	}
	d.Allowed = allowed
	var refused []string
	for _, name := range slices.Sorted(maps.Keys(allowed)) {
		if !allowed[name] {
			refused = append(refused, name)
		}
	}
	place := ""
	if c.service != "" {
		place = " on " + buildBase(c.prefix, c.service, c.chain)
	}
	switch {
	case len(refused) > 0:
		d.add("permissions", CheckWarning, "not allowed"+place+": "+strings.Join(refused, ", "),
			"where these are needed, store acl "+d.User+" prints the line for an administrator to run")
	case len(allowed) < len(questions):
		d.add("permissions", CheckUnknown, fmt.Sprintf("%d of %d commands are allowed%s, the others are "+
			"not known", len(allowed), len(questions), place), "")
	default:
		d.add("permissions", CheckOK, fmt.Sprintf("all %d commands%s", len(questions), place), "")
	}
	return nil
}

// questions are all commands of an operator, on a key of the client's place.
func (c *Client) questions() []question {
	r := ACLRequest{Role: ACLOperator, Groups: ACLGroups(), Cluster: c.onCluster(), ReadOnly: c.readOnly}
	base := buildBase(c.prefix, c.service, c.chain)
	var questions []question
	for _, name := range r.commands() {
		if name != "asking" && name != "command" && name != "command|info" {
			questions = append(questions, question{name, sample(name, base)})
		}
	}
	return questions
}

// onCluster reports whether the URL names a cluster.
func (c *Client) onCluster() bool {
	a, ok := c.adapter.(*redisAdapter)
	return ok && a.cluster
}

// sample returns a call of a command that is well formed, on keys and channels of a place.
func sample(name, base string) []string {
	stream, events := base+":streams:doctor", base+":events:doctor"
	entry := base + ":kv:doctor"
	calls := map[string][]string{
		"set": {"set", entry, "1"}, "expire": {"expire", entry, "1"}, "mset": {"mset", entry, "1"},
		"incrby": {"incrby", base + ":counter:doctor", "1"}, "incr": {"incr", base + ":counter:doctor"},
		"eval": {"eval", "return 1", "1", entry}, "evalsha": {"evalsha", "0", "1", entry},
		"memory|usage": {"memory", "usage", entry}, "scan": {"scan", "0"},
		"multi": {"multi"}, "exec": {"exec"}, "ping": {"ping"},
		"publish": {"publish", events, "1"}, "subscribe": {"subscribe", events},
		"psubscribe":      {"psubscribe", EscapeGlob(base) + ":events:*"},
		"xadd":            {"xadd", stream, "*", "data", "1"},
		"xrange":          {"xrange", stream, "-", "+"},
		"xrevrange":       {"xrevrange", stream, "+", "-"},
		"xread":           {"xread", "STREAMS", stream, "0"},
		"xreadgroup":      {"xreadgroup", "GROUP", "g", "c", "STREAMS", stream, ">"},
		"xack":            {"xack", stream, "g", "1-0"},
		"xclaim":          {"xclaim", stream, "g", "c", "0", "1-0"},
		"xautoclaim":      {"xautoclaim", stream, "g", "c", "0", "0"},
		"xpending":        {"xpending", stream, "g"},
		"xtrim":           {"xtrim", stream, "MAXLEN", "1"},
		"xdel":            {"xdel", stream, "1-0"},
		"xlen":            {"xlen", stream},
		"xinfo|stream":    {"xinfo", "stream", stream},
		"xinfo|groups":    {"xinfo", "groups", stream},
		"xinfo|consumers": {"xinfo", "consumers", stream, "g"},
		"xgroup|create":   {"xgroup", "create", stream, "g", "0"},
		"xgroup|setid":    {"xgroup", "setid", stream, "g", "0"},
		"xgroup|destroy":  {"xgroup", "destroy", stream, "g"},
		"xgroup|delconsumer": {
			"xgroup", "delconsumer", stream, "g", "c",
		},
		"cluster|slots": {"cluster", "slots"}, "cluster|keyslot": {"cluster", "keyslot", entry},
	}
	if call, known := calls[name]; known {
		return call
	}
	return []string{name, entry}
}

// dryRun asks about each command (ACL DRYRUN, since Redis 7.0). Nothing is carried out.
// The answer is nil where that cannot be asked; why says why. Where no place is given,
// that a key or channel is refused does not count.
func (p *probe) dryRun(user string, questions []question, placed bool) (allowed map[string]bool,
	why string, err error,
) {
	allowed = map[string]bool{}
	for _, q := range questions {
		answer, err := p.ask(append([]string{"ACL", "DRYRUN", user}, q.args...)...)
		switch {
		case isReply(err) && len(allowed) == 0:
			return nil, unseen(err), nil
		case isReply(err): // this command is not known to this server
			continue
		case err != nil:
			return nil, "", err
		}
		verdict := text(answer)
		allowed[q.name] = verdict == "OK" || !placed && strings.Contains(verdict, " to access ")
	}
	return allowed, "", nil
}

// granted concludes from the user's rules what it may send: for servers without DRYRUN.
// Only what the rules name, or leave no doubt about, is answered; keys and channels are
// not looked at. The answer is nil where the rules cannot be seen.
func (p *probe) granted(user string, questions []question) (allowed map[string]bool, why string,
	err error,
) {
	answer, err := p.ask("ACL", "GETUSER", user)
	switch {
	case isReply(err):
		return nil, unseen(err), nil
	case err != nil:
		return nil, "", err
	}
	rules := strings.Fields(text(dictionary(answer)["commands"]))
	allowed = map[string]bool{}
	for _, q := range questions {
		if verdict, known := judge(rules, q.name); known {
			allowed[q.name] = verdict
		}
	}
	return allowed, "", nil
}

// judge reads the rules of a user from left to right. known is false where a category
// decides, of which the client does not know what belongs to it.
func judge(rules []string, command string) (allowed, known bool) {
	known = true
	whole, _, _ := strings.Cut(command, "|")
	for _, rule := range rules {
		if rule == "" || rule[0] != '+' && rule[0] != '-' {
			continue
		}
		plus, name := rule[0] == '+', rule[1:]
		switch {
		case name == "@all", name == command, name == whole:
			allowed, known = plus, true
		case strings.HasPrefix(name, "@") && allowed != plus:
			known = false
		}
	}
	return allowed, known
}
