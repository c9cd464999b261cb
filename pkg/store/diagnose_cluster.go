package store

import (
	"context"
	"fmt"
	"net"
	"strings"
)

// examineCluster checks the cluster as a whole, and each of its primaries.
func (a *redisAdapter) examineCluster(ctx context.Context, d *Diagnosis, p *probe) error {
	answer, err := p.ask("CLUSTER", "INFO")
	if err != nil && !isReply(err) {
		return err
	}
	d.cluster(parseFacts(text(answer)), err)
	answer, err = p.ask("CLUSTER", "SLOTS")
	switch {
	case isReply(err):
		d.add("primaries", CheckUnknown, unseen(err), "")
		return nil
	case err != nil:
		return err
	}
	addrs, unreached := primaryAddrs(answer, p.addr), []string{}
	for _, addr := range addrs {
		checks, err := a.examineNode(ctx, d, addr)
		d.Nodes = append(d.Nodes, NodeFact{addr, checks})
		if err != nil {
			unreached = append(unreached, addr+": "+plainStep(err))
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if len(unreached) > 0 {
		d.add("primaries", CheckFailed, fmt.Sprintf("%d of %d not reached: %s", len(unreached),
			len(addrs), strings.Join(unreached, "; ")), "keys on these nodes cannot be reached from here")
	} else {
		d.add("primaries", CheckOK, fmt.Sprintf("all %d reached", len(addrs)), "")
	}
	d.summarise()
	return nil
}

// cluster says whether the cluster is complete.
func (d *Diagnosis) cluster(f facts, err error) {
	if err != nil {
		d.add("cluster", CheckUnknown, unseen(err), "")
		return
	}
	assigned, _ := f.number("cluster_slots_assigned")
	found := fmt.Sprintf("%s, %d of %d slots covered, %s nodes, %s primaries, epoch %s",
		f["cluster_state"], assigned, clusterSlots, f["cluster_known_nodes"], f["cluster_size"],
		f["cluster_current_epoch"])
	failing := f["cluster_slots_pfail"] != "0" || f["cluster_slots_fail"] != "0"
	switch {
	case f["cluster_state"] != "ok" || assigned < clusterSlots:
		d.add("cluster", CheckFailed, found, "keys in slots that no primary serves cannot be reached")
	case failing:
		d.add("cluster", CheckWarning, found+", nodes are failing", "see CLUSTER NODES")
	default:
		d.add("cluster", CheckOK, found, "")
	}
}

// primaryAddrs reads the answer to CLUSTER SLOTS. A node that does not know its own host
// is where we asked.
func primaryAddrs(answer any, asked string) []string {
	var addrs []string
	seen := map[string]bool{}
	for _, entry := range list(answer) {
		slots := list(entry)
		if len(slots) < 3 {
			continue
		}
		node := list(slots[2])
		if len(node) < 2 {
			continue
		}
		host := text(node[0])
		if host == "" {
			host, _, _ = net.SplitHostPort(asked)
		}
		addr := net.JoinHostPort(host, fmt.Sprint(integer(node[1])))
		if !seen[addr] {
			seen[addr] = true
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// examineNode checks one primary. The error says that it was not reached.
func (a *redisAdapter) examineNode(ctx context.Context, d *Diagnosis, addr string) ([]Check, error) {
	way := &Diagnosis{}
	p, err := a.connect(ctx, way, addr)
	if err != nil {
		return way.Checks, err
	}
	defer p.conn.Close()
	stop := context.AfterFunc(ctx, func() { p.conn.Close() })
	defer stop()
	info, err := p.info()
	if err != nil {
		return way.Checks, err
	}
	return d.node(p, info)
}

// summarise makes one check of those that all nodes have: the worst of them, with the
// nodes that it is about.
func (d *Diagnosis) summarise() {
	var names []string
	byName := map[string][]nodeCheck{}
	for _, node := range d.Nodes {
		for _, c := range withoutSteps(node.Checks) {
			if byName[c.Name] == nil {
				names = append(names, c.Name)
			}
			byName[c.Name] = append(byName[c.Name], nodeCheck{c, node.Addr})
		}
	}
	for _, name := range names {
		d.Checks = append(d.Checks, gist(byName[name]))
	}
}

// nodeCheck is a check of one node.
type nodeCheck struct {
	Check
	addr string
}

// gist returns the worst of checks with the same name. Where all found the same, that is
// said once.
func gist(checks []nodeCheck) Check {
	rank := map[CheckStatus]int{CheckOK: 1, CheckWarning: 2, CheckFailed: 3}
	result := checks[0].Check
	alike := true
	for _, c := range checks {
		alike = alike && c.Check == checks[0].Check
		if rank[c.Status] > rank[result.Status] {
			result = c.Check
		}
	}
	if alike {
		return result
	}
	var found []string
	for _, c := range checks {
		if c.Status == result.Status {
			found = append(found, c.addr+": "+c.Found)
		}
	}
	result.Found = strings.Join(found, "; ")
	return result
}
