package store

import (
	"slices"
	"strings"
)

// ACLGroup is a kind of work that a user may be allowed.
type ACLGroup string

// The groups, named as the commands of the store tool.
const (
	ACLKV      ACLGroup = "kv"
	ACLCounter ACLGroup = "counter"
	ACLClaim   ACLGroup = "claim"
	ACLBatch   ACLGroup = "batch"
	ACLEvents  ACLGroup = "events"
	ACLStreams ACLGroup = "streams"
	// ACLScan lists the keys of the other groups, of kv where it stands alone. Lists of
	// claims and of streams need it.
	ACLScan ACLGroup = "scan"
)

// ACLGroups returns all groups.
func ACLGroups() []ACLGroup {
	return []ACLGroup{ACLKV, ACLCounter, ACLClaim, ACLBatch, ACLEvents, ACLStreams, ACLScan}
}

func aclGroupNames() string {
	names := make([]string, 0, len(ACLGroups()))
	for _, g := range ACLGroups() {
		names = append(names, string(g))
	}
	return strings.Join(names, ", ")
}

// spaces returns what stands before the keys of a group.
func (g ACLGroup) spaces(role ACLRole, readOnly bool) []string {
	switch {
	case g == ACLKV, g == ACLBatch:
		return []string{"kv:"}
	case g == ACLCounter:
		return []string{"counter:"}
	case g == ACLClaim && role == ACLOperator && !readOnly:
		return []string{"claim:", "counter:" + fencePrefix} // see Held.Fence
	case g == ACLClaim:
		return []string{"claim:"}
	case g == ACLStreams:
		return []string{"streams:"}
	}
	return nil
}

// aclNeeds are the commands of a group: those that read, and those that come on top where
// it may write. Scripts run their commands as the user, so these are among them. What
// logs in (HELLO, AUTH) is allowed everybody.
type aclNeeds struct{ read, write string }

// operatorNeeds are what this package sends.
func (g ACLGroup) operatorNeeds() aclNeeds {
	switch g {
	case ACLKV:
		return aclNeeds{
			"get exists pttl multi exec",
			"set del expire persist evalsha eval",
		}
	case ACLCounter:
		return aclNeeds{"get pttl", "incr incrby set del expire evalsha eval exists"}
	case ACLClaim:
		return aclNeeds{
			"get pttl multi exec",
			"set del expire evalsha eval incr command|info",
		}
	case ACLBatch:
		return aclNeeds{"get mget", "mset set del"}
	case ACLEvents:
		return aclNeeds{"subscribe psubscribe ping", "publish"}
	case ACLStreams:
		return aclNeeds{
			"xrange xrevrange xread xlen xpending xinfo|stream xinfo|groups xinfo|consumers",
			"xadd xtrim xdel xreadgroup xack xclaim xautoclaim eval " +
				"xgroup|create xgroup|setid xgroup|destroy xgroup|delconsumer",
		}
	}
	return aclNeeds{"scan get mget pttl type memory|usage multi exec", ""}
}

// appNeeds are what the npm library sends.
func (g ACLGroup) appNeeds() aclNeeds {
	switch g {
	case ACLKV:
		return aclNeeds{"get exists", "set del expire"}
	case ACLCounter:
		return aclNeeds{"", "incr incrby expire"}
	case ACLClaim:
		return aclNeeds{"", "setnx set"}
	case ACLBatch:
		return aclNeeds{"mget", "mset set"}
	case ACLEvents:
		return aclNeeds{"subscribe unsubscribe", "publish"}
	case ACLStreams:
		return aclNeeds{"xrange xrevrange", "xadd xreadgroup xack xgroup|create"}
	}
	return aclNeeds{"scan", ""}
}

// commands returns the commands of all groups, each once, in alphabetical order.
func (r *ACLRequest) commands() []string {
	var names []string
	for _, g := range r.Groups {
		needs := g.operatorNeeds()
		if r.Role == ACLApp {
			needs = g.appNeeds()
		}
		names = append(names, strings.Fields(needs.read)...)
		if !r.ReadOnly {
			names = append(names, strings.Fields(needs.write)...)
		}
	}
	names = append(names, r.connecting()...)
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { // part of a whole command
		whole, _, part := strings.Cut(name, "|")
		return part && slices.Contains(names, whole)
	})
}

// connecting returns what clients send when they connect, and on a cluster to find their
// way.
func (r *ACLRequest) connecting() []string {
	var names []string
	if r.Database {
		names = append(names, "select")
	}
	if r.Role == ACLApp {
		// ioredis asks whether the server is ready. It goes on where it may not, but says
		// so in the log of the app every time.
		names = append(names, "info")
	}
	if r.Cluster {
		names = append(names, "cluster|slots", "asking")
		if r.Role == ACLOperator {
			names = append(names, "command", "cluster|keyslot")
		}
	}
	return names
}
