package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// CheckStatus says how a check ended.
type CheckStatus string

// The ends of a check.
const (
	CheckOK      CheckStatus = "ok"
	CheckWarning CheckStatus = "warning" // works, but somebody should look at it
	CheckFailed  CheckStatus = "failed"  // does not work
	CheckUnknown CheckStatus = "unknown" // the server does not tell, or not this user
)

// Check is one thing that was looked at.
type Check struct {
	Name   string      `json:"name"`            // a stable name, such as "round trip"
	Status CheckStatus `json:"status"`          // how it ended
	Found  string      `json:"found"`           // in words
	Advice string      `json:"advice,omitzero"` // what to do about it
}

// Diagnosis is what [Client.Diagnose] found. Parts that could not be found out are nil.
type Diagnosis struct {
	// Status is the worst of all checks; one that is unknown counts as ok.
	Status  CheckStatus `json:"status"`
	Checks  []Check     `json:"checks"`           // in the order in which they were made
	Latency *Latency    `json:"latency,omitzero"` // of a few round trips
	Server  *ServerFact `json:"server,omitzero"`  // what answers
	TLS     *TLSFact    `json:"tls,omitzero"`     // where the connection is encrypted
	Memory  *MemoryFact `json:"memory,omitzero"`  // of the server
	Clock   *ClockFact  `json:"clock,omitzero"`   // of the server
	// User is who the server takes us for; "" where it does not tell.
	User string `json:"user,omitzero"`
	// Allowed tells for each command that is needed whether the user may send it; a
	// command of which that is unknown is missing.
	Allowed map[string]bool `json:"allowed,omitzero"`
	// Nodes are the primaries of a cluster.
	Nodes []NodeFact `json:"nodes,omitzero"`
}

// Latency is how long the server took to answer, in milliseconds.
type Latency struct {
	Count  int     `json:"count"`  // round trips
	Min    float64 `json:"min"`    // the fastest
	Median float64 `json:"median"` // half were faster
	P99    float64 `json:"p99"`    // 99 in 100 were faster
}

// ServerFact is what kind of server answers.
type ServerFact struct {
	Kind    string `json:"kind"`          // redis, valkey, dragonfly, embedded…
	Version string `json:"version"`       // as it calls itself
	Mode    string `json:"mode"`          // standalone, cluster, sentinel
	Role    string `json:"role,omitzero"` // master, slave
	// Sentinel is set where a Sentinel said which server it is.
	Sentinel bool `json:"sentinelManaged"`
}

// TLSFact is what is known of an encrypted connection.
type TLSFact struct {
	Version  string    `json:"version"`  // such as "TLS 1.3"
	Subject  string    `json:"subject"`  // of the server's certificate
	Expires  time.Time `json:"expires"`  // when that certificate does
	Verified bool      `json:"verified"` // false: it was not checked
}

// MemoryFact is how full the server is, in bytes.
type MemoryFact struct {
	Used   int64  `json:"used"`   // used_memory
	Max    int64  `json:"max"`    // 0: no limit
	Policy string `json:"policy"` // maxmemory_policy: what goes when it is full
}

// ClockFact compares the server's clock with ours.
type ClockFact struct {
	// Ahead is how many seconds the server is ahead of us, give or take Error.
	Ahead float64 `json:"ahead"`
	Error float64 `json:"error"`
}

// NodeFact is one primary of a cluster and what was found there.
type NodeFact struct {
	Addr   string  `json:"addr"`   // host:port
	Checks []Check `json:"checks"` // those made of this node
}

// diagnosticAdapter is an [Adapter] that can look closer than reading a key.
type diagnosticAdapter interface {
	diagnose(ctx context.Context, d *Diagnosis, c *Client) error
}

// Diagnose looks at the connection and the server and changes nothing. What a user may
// not see, and what a server does not tell, is CheckUnknown. The error is ErrUnreachable
// where the server could not be spoken to; then the checks end with the step that failed.
// Permissions are judged for the keys and channels of the client's place, for no place
// where there is no service. Of an adapter that is not ours only the answers are timed.
func (c *Client) Diagnose(ctx context.Context) (Diagnosis, error) {
	d := &Diagnosis{Checks: []Check{}}
	var err error
	if a, ok := c.adapter.(diagnosticAdapter); ok {
		err = a.diagnose(ctx, d, c)
	} else {
		err = d.adapter(ctx, c)
	}
	d.Status = worst(d.Checks)
	return *d, err
}

// adapter times the answers of any adapter.
func (d *Diagnosis) adapter(ctx context.Context, c *Client) error {
	err := d.ping(func() error {
		_, err := c.adapter.Read(ctx, []string{c.prefix + ":doctor"}, 0)
		return err
	})
	if err != nil {
		d.add("reachable", CheckFailed, reasonOf(err), "")
		return err
	}
	d.add("server", CheckUnknown, "an adapter of the program, which tells no more", "")
	return nil
}

// add files a check.
func (d *Diagnosis) add(name string, status CheckStatus, found, advice string) {
	d.Checks = append(d.Checks, Check{name, status, found, advice})
}

// worst returns the worst status of checks, of which unknown counts as ok.
func worst(checks []Check) CheckStatus {
	status := CheckOK
	for _, c := range checks {
		switch {
		case c.Status == CheckFailed:
			return CheckFailed
		case c.Status == CheckWarning:
			status = CheckWarning
		}
	}
	return status
}

const (
	pings = 20
	// slowPing is how long an answer may take half of the time before it is a warning.
	slowPing = 100 * time.Millisecond
)

// ping times answers.
func (d *Diagnosis) ping(ask func() error) error {
	took := make([]time.Duration, pings)
	for i := range took {
		begun := time.Now()
		if err := ask(); err != nil {
			return err
		}
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	milliseconds := func(d time.Duration) float64 {
		return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
	}
	median := took[pings/2]
	// Of twenty, the slowest is the one that 99 of 100 are not slower than.
	d.Latency = &Latency{
		pings, milliseconds(took[0]), milliseconds(median), milliseconds(took[pings-1]),
	}
	found := fmt.Sprintf("%d answers: min %.3g ms, median %.3g ms, p99 %.3g ms", pings,
		d.Latency.Min, d.Latency.Median, d.Latency.P99)
	if median > slowPing {
		d.add("round trip", CheckWarning, found, "run store nearer to the server")
		return nil
	}
	d.add("round trip", CheckOK, found, "")
	return nil
}
