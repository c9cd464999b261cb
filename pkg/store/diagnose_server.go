package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// facts are what INFO tells.
type facts map[string]string

// parseFacts reads the answer to INFO.
func parseFacts(text string) facts {
	f := facts{}
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		if found && !strings.HasPrefix(name, "#") {
			f[name] = value
		}
	}
	return f
}

// number returns a fact that is a number; ok is false where the server does not tell.
func (f facts) number(name string) (n int64, ok bool) {
	n, err := strconv.ParseInt(f[name], 10, 64)
	return n, err == nil
}

// examine asks a server it has reached. The error is a lost connection.
func (a *redisAdapter) examine(ctx context.Context, d *Diagnosis, c *Client, p *probe) error {
	err := d.ping(func() error {
		_, err := p.ask("PING")
		if isReply(err) { // refused, but answered
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	info, err := p.info()
	if err != nil {
		return err
	}
	d.server(a.link, info)
	if err := d.user(p); err != nil {
		return err
	}
	if err := d.permissions(p, c); err != nil {
		return err
	}
	if a.cluster && d.Server == nil || d.Server != nil && d.Server.Mode == "cluster" {
		return a.examineCluster(ctx, d, p)
	}
	d.role(a.link, info)
	checks, err := d.node(p, info)
	d.Checks = append(d.Checks, checks...)
	return err
}

// info asks for all that INFO tells by default; nothing where it may not be asked.
func (p *probe) info() (facts, error) {
	answer, err := p.ask("INFO")
	if err != nil && !isReply(err) {
		return nil, err
	}
	f := parseFacts(text(answer))
	if err != nil {
		f[unseenFact] = unseen(err)
	}
	return f, nil
}

// unseenFact is the name under which facts hold why there are none.
const unseenFact = ""

// why says why a fact is missing.
func (f facts) why() string {
	if f[unseenFact] != "" {
		return f[unseenFact]
	}
	return "this server does not tell"
}

// server says what kind of server answers.
func (d *Diagnosis) server(c *connector, f facts) {
	s := &ServerFact{Mode: f["redis_mode"], Role: f["role"], Sentinel: c.mode == sentinel}
	switch {
	case c.mode == memory:
		s.Kind, s.Mode = "embedded", "standalone"
	case f["valkey_version"] != "":
		s.Kind, s.Version, s.Mode = "valkey", f["valkey_version"], f["server_mode"]
		if s.Mode == "" {
			s.Mode = f["redis_mode"]
		}
	case f["dragonfly_version"] != "":
		s.Kind, s.Version = "dragonfly", f["dragonfly_version"]
	case f["redis_version"] != "":
		s.Kind, s.Version = "redis", f["redis_version"]
	default:
		d.add("server", CheckUnknown, f.why(), "")
		return
	}
	d.Server = s
	found := strings.Join(strings.Fields(s.Kind+" "+s.Version+" "+s.Mode), " ")
	if s.Sentinel {
		found += ", managed by Sentinel"
	}
	switch {
	case s.Mode == "cluster" && c.mode != cluster:
		d.add("server", CheckWarning, found, "this is a node of a cluster; write redis+cluster:// in the URL")
	case s.Mode == "sentinel":
		d.add("server", CheckFailed, found, "this is a Sentinel; write redis+sentinel://…?master=NAME")
	case s.Mode == "standalone" && c.mode == cluster:
		d.add("server", CheckFailed, found, "this is no cluster; write redis:// in the URL")
	default:
		d.add("server", CheckOK, found, "")
	}
}

// role says whether this server takes writes.
func (d *Diagnosis) role(c *connector, f facts) {
	switch f["role"] {
	case "":
		d.add("role", CheckUnknown, f.why(), "")
	case "master":
		d.add("role", CheckOK, "primary", "")
	default:
		primary := f["master_host"] + ":" + f["master_port"]
		d.add("role", CheckWarning, "replica of "+primary+", writes are refused",
			"name the primary in --url")
	}
}

// user says who the server takes us for.
func (d *Diagnosis) user(p *probe) error {
	answer, err := p.ask("ACL", "WHOAMI")
	switch {
	case err == nil:
		d.User = text(answer)
		d.add("user", CheckOK, d.User, "")
	case isReply(err):
		d.User = p.link.username
		d.add("user", CheckUnknown, unseen(err), "")
	default:
		return err
	}
	return nil
}

// unseen says why something is unknown.
func unseen(err error) string {
	if strings.HasPrefix(err.Error(), "NOPERM") {
		return "this user may not see it"
	}
	return "this server does not tell"
}

// node checks one server: what it is set to, and how it is.
func (d *Diagnosis) node(p *probe, f facts) ([]Check, error) {
	node := &Diagnosis{}
	node.memory(f)
	node.replication(f)
	node.clients(f)
	for _, check := range []func(*probe) error{
		func(p *probe) error { return node.persistence(p, f) }, node.outputBuffer, node.clock, node.notifications, node.events,
	} {
		if err := check(p); err != nil {
			return node.Checks, err
		}
	}
	if d.Memory == nil {
		d.Memory, d.Clock = node.Memory, node.Clock
	}
	return node.Checks, nil
}

// memory warns of a server that may drop keys by itself, or is nearly full.
func (d *Diagnosis) memory(f facts) {
	used, known := f.number("used_memory")
	limit, _ := f.number("maxmemory")
	if !known {
		d.add("memory", CheckUnknown, f.why(), "")
		return
	}
	d.Memory = &MemoryFact{used, limit, f["maxmemory_policy"]}
	policy := d.Memory.Policy
	found := fmt.Sprintf("%s used, no limit (%s)", size(used), policy)
	if limit > 0 {
		found = fmt.Sprintf("%s of %s used (%d %%), %s", size(used), size(limit), used*100/limit, policy)
	}
	switch {
	case limit > 0 && policy != "noeviction" && policy != "":
		d.add("memory", CheckWarning, found, "when memory is full this policy drops keys of tenants, also "+
			"claims and streams; set maxmemory-policy noeviction")
	case limit > 0 && used*10 > limit*9:
		d.add("memory", CheckWarning, found, "raise maxmemory or remove data, before writes are refused")
	default:
		d.add("memory", CheckOK, found, "")
	}
}

// size shows bytes.
func size(bytes int64) string {
	value, units := float64(bytes), []string{"B", "kB", "MB", "GB", "TB"}
	for value >= 1000 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	return strconv.FormatFloat(value, 'g', 3, 64) + " " + units[0]
}

// slowReplica is how many seconds a replica may be silent.
const slowReplica = 10

// replication warns of replicas that do not keep up, and of a primary that is gone.
func (d *Diagnosis) replication(f facts) {
	if f["role"] == "" {
		d.add("replication", CheckUnknown, f.why(), "")
		return
	}
	if f["role"] != "master" {
		found := fmt.Sprintf("link to the primary %s, last heard %s s ago",
			f["master_link_status"], f["master_last_io_seconds_ago"])
		if f["master_link_status"] != "up" {
			d.add("replication", CheckWarning, found, "the data here is getting old; see why the link is down")
			return
		}
		d.add("replication", CheckOK, found, "")
		return
	}
	count, _ := f.number("connected_slaves")
	var found strings.Builder
	found.WriteString(fmt.Sprintf("%d replicas", count))
	status, advice := CheckOK, ""
	for i := range count {
		replica := f["slave"+strconv.FormatInt(i, 10)]
		lag, _ := strconv.ParseInt(field(replica, "lag"), 10, 64)
		found.WriteString(fmt.Sprintf("; %s:%s %s, %d bytes behind, heard %d s ago", field(replica, "ip"),
			field(replica, "port"), field(replica, "state"), f.behind(replica), lag))
		if field(replica, "state") != "online" || lag > slowReplica {
			status, advice = CheckWarning, "a failover to this replica would lose writes; see its log"
		}
	}
	d.add("replication", status, found.String(), advice)
}

// behind returns how many bytes a replica has not confirmed.
func (f facts) behind(replica string) int64 {
	ours, _ := f.number("master_repl_offset")
	theirs, _ := strconv.ParseInt(field(replica, "offset"), 10, 64)
	return max(0, ours-theirs)
}

// field returns one value of "ip=10.0.0.1,port=6379,state=online".
func field(list, name string) string {
	for part := range strings.SplitSeq(list, ",") {
		if value, found := strings.CutPrefix(part, name+"="); found {
			return value
		}
	}
	return ""
}

// clients warns when there is hardly room for more.
func (d *Diagnosis) clients(f facts) {
	connected, known := f.number("connected_clients")
	limit, limited := f.number("maxclients")
	if !known {
		d.add("clients", CheckUnknown, f.why(), "")
		return
	}
	found := fmt.Sprintf("%d connected", connected)
	if limited {
		found += fmt.Sprintf(" of %d", limit)
	}
	if limited && connected*10 >= limit*9 {
		d.add("clients", CheckWarning, found, "raise maxclients, or find out who opens so many connections")
		return
	}
	d.add("clients", CheckOK, found, "")
}
