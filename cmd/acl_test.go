package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// aclWork is what a group is for, as command lines that must all work for a user with the
// group alone; together they use every command that the group allows. Words are separated
// by spaces.
type aclWork struct{ writing, reading []string }

func aclWorks() map[store.ACLGroup]aclWork {
	return map[store.ACLGroup]aclWork{
		store.ACLKV: {
			[]string{
				"kv set k 1", "kv set l 1 --ttl 1h", "kv expire k 1h", "kv touch k 2h", "kv persist k",
				"kv edit k", "kv remove l", "kv set k 1 --if-absent",
			},
			[]string{"kv get k", "kv get k -o json", "kv exists k", "kv ttl k"},
		},
		store.ACLCounter: {
			[]string{
				"counter increment c --ttl 1h", "counter increment c", "counter decrement c",
				"counter expire c 1h", "counter remove c", "counter set c 5",
			},
			[]string{"counter get c", "counter get c -o json", "counter ttl c"},
		},
		store.ACLClaim: {
			[]string{
				"claim once j a --ttl 1m", "claim extend j a --ttl 2m", "claim release j a",
				"claim run r --ttl 60s -- true", "claim once k b", "claim release k --force --yes",
				"claim once j a --ttl 1m",
			},
			[]string{"claim show j"},
		},
		store.ACLBatch: {
			[]string{"batch set a=1 b=2", "batch set d=1 --ttl 1m", "batch remove b d"},
			[]string{"batch get a", "batch get a none"},
		},
		store.ACLEvents: {
			[]string{"pub user:created 1"},
			[]string{
				"sub user:created --for 500ms --probe 50ms", "sub * --for 500ms",
				"sub * --recursive --for 500ms",
			},
		},
		store.ACLStreams: {streamsWriting(), streamsReading()},
		store.ACLScan: {
			nil,
			[]string{
				"scan", "scan --values --ttl --type --memory", "scan --values", "scan --recursive --type",
			},
		},
	}
}

func streamsWriting() []string {
	return []string{
		"stream append s 1", "stream append s 2", "stream append s 3 --max-len 100",
		"stream group ensure s g", "stream group set-id s g 0",
		"stream read s --group g --consumer a --count 1",
		"stream read s --group g --consumer a --pending",
		"stream read s --group g --consumer a --count 1 --ack",
		"stream claim s --group g --consumer b --min-idle 0s",
		"stream claim s --group g --consumer c --min-idle 0s 1-0",
		"stream consumer retire s --group g --consumer b --to a",
		"stream consume s --group g --consumer a --count 1 -- true",
		"stream append s 4",
		"stream consume s --group g --consumer a --count 1 --max-deliveries 1 --dead-letter d -- false",
		"stream consume s --group g --consumer a --count 1 --max-deliveries 1 --dead-letter d -- false",
		"stream ack s --group g 1-0", "stream remove s 1-0", "stream trim s --max-len 2",
		"stream group ensure s h", "stream group remove s h --yes",
	}
}

func streamsReading() []string {
	return []string{
		"stream range s", "stream range s --reverse --count 1", "stream info s",
		"stream tail s -n 1", "stream group list s",
		"stream pending s --group g", "stream pending s --group g --idle 1s",
		"stream consumer list s --group g", "stream check s --group g --max-lag 1000",
		"stream trim s --max-len 1 --dry-run",
	}
}

// aclServer is a server with users.
type aclServer struct{ *storetest.Server }

// login makes a user as `store acl` says, and returns its URL and ACL.
func (s aclServer) login(t *testing.T, p place, flags ...string) (string, store.ACL) {
	t.Helper()
	args := slices.Concat([]string{
		"acl", "visitor", "-o", "json", "-q", "--user-password-file", "-",
	}, flags, p.flags())
	got := runLine(t, s.URL(), "s3cret\n", args...)
	var acl store.ACL
	if err := json.Unmarshal([]byte(got.out), &acl); err != nil || got.code != 0 {
		t.Fatalf("store %q: %+v", args, got)
	}
	words := []any{"acl", "setuser", "visitor"}
	for _, rule := range acl.Rules {
		words = append(words, rule)
	}
	if err := s.Client().Do(t.Context(), words...).Err(); err != nil {
		t.Fatalf("%q: %v", acl.Rules, err)
	}
	return s.as("visitor"), acl
}

// as returns the URL for a user.
func (s aclServer) as(user string) string {
	u := url.URL{Scheme: "redis", User: url.UserPassword(user, "s3cret"), Host: s.Addr}
	return u.String()
}

// runLine runs a command line in the environment of this process.
func runLine(t *testing.T, server, stdin string, args ...string) answer {
	t.Helper()
	return runLineUntil(t.Context(), t, server, stdin, args...)
}

func runLineUntil(ctx context.Context, t *testing.T, server, stdin string, args ...string) answer {
	t.Helper()
	var out, err bytes.Buffer
	settings := map[string]string{
		"STORE_URL": server, "EDITOR": "sed -i s/1/2/", "PATH": os.Getenv("PATH"),
	}
	code := run(ctx, cli.Env{
		In: strings.NewReader(stdin), Out: &out, Err: &err, Now: time.Now, Environ: os.Environ, Dir: t.TempDir(),
		LookupEnv: func(name string) (string, bool) {
			value, set := settings[name]
			return value, set
		},
	}, args)
	return answer{code, out.String(), err.String()}
}

// works runs command lines that the server must not refuse anything of.
func works(t *testing.T, server string, p place, lines ...string) {
	t.Helper()
	for _, text := range lines {
		words, behind, runs := strings.Cut(text, " -- ")
		args := slices.Concat(strings.Fields(words), p.flags(), []string{"-q"})
		if runs {
			args = slices.Concat(args, []string{"--"}, strings.Fields(behind))
		}
		if got := runLine(t, server, "", args...); got.code > exitNo && got.code != exitPartial ||
			strings.Contains(got.err, "NOPERM") {
			t.Errorf("store %q: %+v", args, got)
		}
	}
}

// refused runs command lines that must end with 3, and a hint.
func refused(t *testing.T, server string, p place, lines ...string) {
	t.Helper()
	for _, text := range lines {
		args := append(strings.Fields(text), p.flags()...)
		got := runLine(t, server, "", args...)
		if got.code != exitRefused || strings.Trim(got.out, "0\n") != "" || !strings.Contains(got.err, "NOPERM") ||
			!strings.Contains(got.err, "\nhint: ") || !strings.Contains(got.err, "store acl USER") {
			t.Errorf("store %q: %+v", args, got)
		}
	}
}

// statLine is one command in INFO commandstats.
var statLine = regexp.MustCompile(`(?m)^cmdstat_([^:]+):calls=(\d+),.*rejected_calls=(\d+)`)

// used returns what was sent since the statistics were reset, and what of it was refused,
// without what this test sends itself and what logs in.
func (s aclServer) used(t *testing.T) (used, rejected []string) {
	t.Helper()
	text, err := s.Client().Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range statLine.FindAllStringSubmatch(text, -1) {
		if slices.Contains([]string{"hello", "auth", "config|resetstat"}, m[1]) {
			continue
		}
		if m[3] != "0" {
			rejected = append(rejected, m[1])
		}
		if m[2] != "0" {
			used = append(used, m[1])
		}
	}
	slices.Sort(used)
	return used, rejected
}

func (s aclServer) resetStatistics(t *testing.T) {
	t.Helper()
	if err := s.Client().ConfigResetStat(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

// TestACLGroups proves for each group that its commands are what store sends: all its
// command lines work, nothing is refused, and nothing is allowed that is not used.
func TestACLGroups(t *testing.T) {
	t.Parallel()
	s := aclServer{storetest.RunRedis(t)}
	p := tenant(`o*[1\`)
	for _, group := range store.ACLGroups() {
		work := aclWorks()[group]
		t.Run(string(group), func(t *testing.T) {
			visitor, acl := s.login(t, p, "--groups", string(group))
			s.uses(t, acl, func() {
				works(t, visitor, p, work.writing...)
				works(t, visitor, p, work.reading...)
				s.follows(t, visitor, p, group)
			})
		})
		t.Run(string(group)+" read-only", func(t *testing.T) {
			visitor, acl := s.login(t, p, "--groups", string(group), "--read-only")
			s.uses(t, acl, func() {
				works(t, visitor, p, work.reading...)
				s.follows(t, visitor, p, group)
			})
			if len(work.writing) > 0 && group != store.ACLBatch { // of which each row fails for itself
				refused(t, visitor, p, work.writing[0])
			}
		})
	}
}

// follows waits for messages of a stream until the server has seen that, and ends it then.
func (s aclServer) follows(t *testing.T, server string, p place, group store.ACLGroup) {
	t.Helper()
	if group != store.ACLStreams {
		return
	}
	ctx, stop := context.WithCancelCause(t.Context())
	go func() {
		err := storetest.WaitFor(ctx, 20*time.Second, func() error {
			used, _ := s.used(t)
			if !slices.Contains(used, "xread") {
				return errors.New("no XREAD yet")
			}
			return nil
		})
		stop(errors.Join(err, cli.Interrupted{Signal: os.Interrupt}))
	}()
	args := append([]string{"stream", "tail", "s", "--follow"}, p.flags()...)
	if got := runLineUntil(ctx, t, server, "", args...); got.code != exitInterrupted {
		t.Errorf("store %q: %+v", args, got)
	}
}

// uses compares what a user sends with what it may send.
func (s aclServer) uses(t *testing.T, acl store.ACL, work func()) {
	t.Helper()
	s.resetStatistics(t)
	work()
	used, rejected := s.used(t)
	used = slices.DeleteFunc(used, func(name string) bool { return name == "info" }) // by follows
	same(t, "sent", used, acl.Commands)
	same(t, "rejected", rejected, nil)
}

// TestACLPlaces proves that a user stays where it belongs, whatever names there are.
func TestACLPlaces(t *testing.T) {
	t.Parallel()
	s := aclServer{storetest.RunRedis(t)}
	for _, name := range []string{"org_1", "*", "[a-z]", `\`, "a b", "é", "tab\tand\nline", "?", `"'`} {
		for _, flags := range [][]string{nil, {"--server", "6.2"}, {"--this-scope-only"}} {
			t.Run(fmt.Sprint(name, flags), func(t *testing.T) {
				visitor, _ := s.login(t, tenant(name), flags...)
				stays(t, visitor, tenant(name), len(flags) != 1)
			})
		}
	}
	visitor, _ := s.login(t, api())
	stays(t, visitor, api(), true)
	works(t, visitor, tenant("any"), "kv set k 1")
}

// stays tries what a user of a place may do there, and elsewhere.
func stays(t *testing.T, visitor string, p place, children bool) {
	t.Helper()
	lines := []string{
		"kv set k 1", "kv get k", "counter increment k", "claim once k o", "claim release k o",
		"pub e 1", "stream append s 1", "batch set a=1 b=2",
	}
	works(t, visitor, p, lines...)
	works(t, visitor, p, "claim list", "stream list", "scan --values", "sub e --for 1s")
	child := p
	child.scopes = append(slices.Clone(p.scopes), [2]string{"workspace", "w"})
	if children {
		works(t, visitor, child, lines...)
		works(t, visitor, p, "scan --recursive --values")
	} else {
		refused(t, visitor, child, lines[:7]...)
	}
	for _, other := range []place{
		{"api2", p.scopes},
		{"api", [][2]string{{"organization", "org_12"}}},
		{"api", [][2]string{{"organization", "b"}}},
		{"api", [][2]string{{"organization", "a!b"}}},
		{"ap", nil},
	} {
		if len(p.scopes) > 0 || other.service != "api" {
			refused(t, visitor, other, lines[:7]...)
			refused(t, visitor, other, "kv get k", "sub e --for 1s", "sub * --for 1s")
		}
	}
}

// TestACLWrites proves that read-only users write nothing, and that a channel pattern
// works when it was foreseen.
func TestACLWrites(t *testing.T) {
	t.Parallel()
	s := aclServer{storetest.RunRedis(t)}
	works(t, s.URL(), api(), "kv set k 1", "stream append s 1", "stream group ensure s g")
	for _, server := range []string{"7", "6.2"} {
		visitor, _ := s.login(t, api(), "--read-only", "--server", server)
		works(t, visitor, api(), "kv get k", "stream range s", "scan", "sub e --for 1s")
		refused(t, visitor, api(), "kv set k 1", "kv remove k", "counter increment c",
			"claim once c o", "claim release c o", "stream append s 1", "pub e 1",
			"stream read s --group g --consumer c", "stream trim s --max-len 0 --yes")
	}
	visitor, _ := s.login(t, api())
	refused(t, visitor, api(), "sub user:* --for 1s")
	visitor, _ = s.login(t, api(), "--subscribe", "user:*")
	works(t, visitor, api(), "sub user:* --for 1s", "sub user:* --recursive --for 100ms")
}

// TestACLLine has redis-cli read the line.
func TestACLLine(t *testing.T) {
	t.Parallel()
	program := storetest.Require(t, "redis-cli")
	s := aclServer{storetest.RunRedis(t)}
	for _, name := range []string{"org_1", "*", "[a", `a\b`, `a "b" 'c'`, "é\t\n\x01\x00", "\xff"} {
		p := tenant(name)
		got := runLine(t, s.URL(), "s3cret\n", slices.Concat(
			[]string{"acl", "visitor", "-o", "raw", "--user-password-file", "-"}, p.flags())...)
		cmd := exec.CommandContext(t.Context(), program, "-h", "127.0.0.1", "-p", fmt.Sprint(s.Port))
		cmd.Stdin = strings.NewReader(got.out)
		if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "OK" {
			t.Errorf("redis-cli answers %q to %s", out, got.out)
		}
		if strings.Contains(got.out+got.err, "s3cret") {
			t.Errorf("the password shows: %+v", got)
		}
		works(t, s.as("visitor"), p, "kv set k 1", "claim once k o")
		refused(t, s.as("visitor"), tenant("other"), "kv set k 1")
	}
}

// TestACLApp has the npm library do all it can as a user with the role app.
func TestACLApp(t *testing.T) {
	t.Parallel()
	s := aclServer{storetest.RunRedis(t)}
	visitor, acl := s.login(t, tenant("7"), "--role", "app")
	// The driver of the library asks once whether the server is there.
	if err := s.Client().Do(t.Context(), "acl", "setuser", "visitor", "+ping").Err(); err != nil {
		t.Fatal(err)
	}
	s.resetStatistics(t)
	i := &interop{url: visitor, redis: s.Client(), server: s.Server, node: storetest.RunNode(t, visitor)}
	p := tenant("7")
	for _, c := range []struct {
		call string
		args []any
	}{
		{"kv.set", []any{"k", 1}}, {"kv.get", []any{"k"}}, {"kv.exists", []any{"k"}},
		{"kv.set", []any{"k", 1, options{"ttl": 30}}},
		{"kv.expire", []any{"k", 60}}, {"kv.touch", []any{"k", 60}}, {"kv.remove", []any{"k"}},
		{"counter.increment", []any{"c"}}, {"counter.decrement", []any{"c"}},
		{"counter.expire", []any{"c", 60}},
		{"claim.once", []any{"j", "w"}}, {"claim.once", []any{"l", "w", options{"ttl": 30}}},
		{"batch.set", []any{[]options{{"key": "a", "value": 1}, {"key": "b", "value": 2, "ttl": 9}}}},
		{"batch.get", []any{[]string{"a", "b"}}},
		{"events.publish", []any{"user:created", 1}},
		{"streams.append", []any{"s", 1}}, {"streams.range", []any{"s"}},
		{"streams.range", []any{"s", options{"reverse": true}}},
		{"group.ensure", []any{"s", "g", "w"}}, {"group.read", []any{"s", "g", "w"}},
		{"group.ack", []any{"s", "g", "w", []string{"1-0"}}},
		{"dev.scan", []any{"*"}},
	} {
		i.library(t, p, c.call, c.args...)
	}
	if _, err := i.node.Subscribe(t.Context(), p.service, p.scopes, "user:created"); err != nil {
		t.Error(err)
	}
	// The library unsubscribes when the last handler goes, which the driver never does.
	i.library(t, p, "raw", "unsubscribe", "igniter:store:api:organization:7:events:user:created")
	used, _ := s.used(t)
	used = slices.DeleteFunc(used, func(name string) bool { return name == "ping" || name == "acl|setuser" })
	same(t, "sent", used, acl.Commands)
	if thrown := i.throws(t, tenant("70"), "kv.get", "k"); !strings.Contains(thrown.Message, "NOPERM") {
		t.Errorf("another tenant: %v", thrown)
	}
}
