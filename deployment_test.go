//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// step is a command line for sh, the exit code it must have, and what it must print.
type step struct {
	code int
	line string
	want string // a pattern for the whole of stdout and stderr
}

// session runs command lines against one deployment.
type session struct {
	dir string
	env []string
}

// newSession returns a session with nothing but a URL and a service.
func newSession(t *testing.T, url, service string, env ...string) *session {
	t.Helper()
	s := &session{dir: t.TempDir()}
	s.env = append([]string{
		"HOME=" + s.dir, "STORE_URL=" + url, "STORE_SERVICE=" + service, "URL=" + url,
	}, env...)
	for _, name := range []string{"PATH", "TMPDIR", "GORACE", "GOCOVERDIR"} {
		if value, set := os.LookupEnv(name); set {
			s.env = append(s.env, name+"="+value)
		}
	}
	return s
}

// command returns a command line, not started. It is killed when it takes too long.
func (s *session) command(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir, cmd.Env = s.dir, s.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// run runs a command line and returns what it printed, and its exit code.
func (s *session) run(t *testing.T, line string) (output string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	text, err := s.command(ctx, line).CombinedOutput()
	if ctx.Err() != nil {
		t.Errorf("%s: not done after %s", line, waitLimit)
	}
	if exit, ended := errors.AsType[*exec.ExitError](err); ended {
		return string(text), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text), 0
}

// steps runs command lines, one after the other.
func (s *session) steps(t *testing.T, steps []step) {
	t.Helper()
	for _, step := range steps {
		output, code := s.run(t, step.line)
		if code != step.code {
			t.Errorf("%s: exit code %d, want %d:\n%s", step.line, code, step.code, output)
		}
		if !regexp.MustCompile(`(?s)^` + step.want + `$`).MatchString(output) {
			t.Errorf("%s printed\n%s\nnot\n%s", step.line, output, step.want)
		}
	}
}

// listen is the beginning of a line whose rest may publish.
func listen(args string) string {
	return "store sub -o raw 2>log " + args + " & until grep -q ^subscribed log; do sleep 0.02; done; "
}

// everyCommand calls every command that speaks to a server, on keys of many slots.
func everyCommand() []step {
	return []step{
		{0, `store kv set a 1 --ttl 1h && store kv set b '"x"' && store kv set c null`, "true\ntrue\ntrue\n"},
		{0, `store kv get b; store kv exists c; store kv get a --ttl -o json`, `"x"` + "\ntrue\n.*\"ttl\":3\\d{3}.*"},
		{1, `store kv get missing`, `store: kv get "missing": not found` + "\n"},
		{0, `store kv persist a; store kv expire a 60; store kv touch a 61; store kv ttl a`, "true\ntrue\ntrue\n61\n"},
		{0, `printf '#!/bin/sh\necho 2 >"$1"\n' >ed; chmod +x ed; EDITOR=$PWD/ed store kv edit a -q; store kv get a`, "true\n2\n"},
		{0, `store kv remove a b c missing -q`, "3\n"},
		{0, `seq 500 | sed 's/.*/{"key":"k&","value":&}/' | store batch set -f - -q`, "500\n"},
		{0, `store batch get k9 k1 k500 -o raw`, "9\n1\n500\n"},
		{1, `store batch get k9 missing k1 -o jsonl -q`, `{"key":"k9".*\n{"key":"missing","found":false}\n{"key":"k1".*`},
		{0, `store scan 'k*' -o raw | sort -u | wc -l`, ` *500\n`},
		{0, `store scan -o jsonl --values --ttl --type | wc -l`, ` *500\n`},
		{0, `c=0; n=0; while :; do p=$(store scan --cursor $c --count 50 -o json); c=$(echo "$p" | sed 's/.*"cursor":"\([0-9]*\)".*/\1/'); n=$((n + $(echo "$p" | tr , '\n' | grep -c '"key":"k'))); [ "$c" = 0 ] && break; done; echo $n`, "500\n"},
		{0, `store scan 'k*' -o raw | store batch remove -f - -q -y`, "500\n"},
		{0, `store counter increment n; store counter increment m --by 5 --ttl 60; store counter decrement n --by 3`, "1\n5\n-2\n"},
		{0, `store counter get n; store counter set n 7; store counter expire n 60; store counter ttl n; store counter remove n`, "-2\n.*60\ntrue\n"},
		{0, `store claim once job w1 --ttl 60`, "true\n"},
		{1, `store claim once job w2 --ttl 60 -q`, "false\n"},
		{0, `store claim extend job w1 --ttl 90; store claim show job; store claim list -o raw`, "true\n.*w1.*job\n"},
		{1, `store claim release job w2 -q`, "false\n"},
		{0, `store claim release job w1`, "true\n"},
		{7, `store claim run job --ttl 60 -- sh -c 'echo "run $STORE_CLAIM_FENCE"; exit 7'`, "run 1\n"},
		{0, listen("'a:*' b --count 2") + `store pub a:1 1 >n && store pub b '"two"' >n; wait`, "1\n\"two\"\n"},
		{0, `seq 10 | store pub b -f - -q`, "10\n"},
		{0, `store stream append s 0 -o json; seq 20 | store stream append s -f - -q; store stream append s2 '{}'`, ".*20\n.*"},
		{0, `store stream range s --count 2 -o raw; store stream tail s s2 -n 1 -o raw`, "0\n1\n20\n{}\n"},
		{0, `store stream list -o raw | sort; store stream info s --jq .length`, "s\ns2\n21\n"},
		{0, `store stream group ensure s g; store stream group list s -o raw; store stream group set-id s g 0`, "created\ng\n.*"},
		{0, `store stream read s --group g --consumer c1 --count 2 --ack -o raw`, "0\n1\n"},
		{0, `store stream read s --group g --consumer c1 --count 3 -o raw`, "2\n3\n4\n"},
		{0, `store stream pending s --group g --jq .pending; store stream claim s --group g --consumer c2 --min-idle 0s -o raw`, "3\n2\n3\n4\n"},
		{0, `store stream consumer list s --group g -o raw; store stream consumer retire s --group g --consumer c2 --to c1 -q`, "(?:.*\n)*"},
		{0, `store stream consume s --group g --consumer c1 --count 19 -q --jobs 3 -- cat | sort -n | tail -1`, "20\n"},
		{0, `store stream check s --group g --max-pending 0 --max-lag 5`, ".*"},
		{0, `id=$(store stream range s --count 1 --jq '.[0].id'); store stream remove s "$id" -q; store stream trim s --max-len 5 -q -y; store stream range s -o raw | wc -l`, ".* *5\n"},
		{0, `store stream group remove s g -y -q; store stream group list s -o jsonl`, ".*"},
		{0, `store --scope tenant='*' kv set x 1; store scan --recursive -o raw; store scan --all-services --tree | head -1`, "true\n(?:.*\n)*"},
	}
}

// someCommands are a few of each kind, for connections that have been tried with all on
// another deployment.
func someCommands() []step {
	return []step{
		{0, `seq 50 | sed 's/.*/{"key":"k&","value":&}/' | store batch set -f - -q`, "50\n"},
		{0, `store batch get k1 k2 -o raw; store scan -o raw | wc -l`, "1\n2\n *50\n"},
		{0, `store counter increment n --ttl 60; store claim run job --ttl 60 -- echo ran`, "1\nran\n"},
		{0, listen("'a:*' --count 1") + `store pub a:1 1 >n; wait`, "1\n"},
		{0, `store stream append s 1 -q; store stream group ensure s g; store stream consume s --group g --consumer c --count 1 -q -- cat`, ".*created\n1\n"},
		{0, `store stream tail s -n 1 --follow -o raw >tail & until grep -qs 1 tail; do sleep 0.02; done; store stream append s 2 -q >n; until grep -q 2 tail; do sleep 0.02; done; kill $!; cat tail`, "1\n2\n"},
	}
}

// TestCommandsOnCluster calls every command on a cluster of six nodes.
func TestCommandsOnCluster(t *testing.T) {
	t.Parallel()
	cluster := storetest.RunCluster(t, 3, storetest.WithReplicas(1))
	newSession(t, cluster.URL(), "api").steps(t, everyCommand())

	t.Run("as a single server", func(t *testing.T) {
		s := newSession(t, "redis://"+cluster.Servers[0].Addr, "api")
		const hint = `.*hint: .*redis\+cluster://.*`
		keys := strings.Repeat(" k%d=1", 9)
		for i := range 9 {
			keys = strings.Replace(keys, "%d", fmt.Sprint(i), 1)
		}
		s.steps(t, []step{
			{3, `store scan`, `store: scan: this is one node of a cluster and holds only part of the keys` + hint},
			{5, `store batch set` + keys, ".*" + hint},
			{3, `store batch get k1 k2 k3 k4`, ".*" + hint},
			{3, `for i in 1 2 3 4 5 6 7 8 9; do store kv get k$i -q >/dev/null || [ $? = 1 ] || exit 3; done`, ".*" + hint},
			{3, `for i in 1 2 3 4 5 6 7 8 9; do store stream append k$i 1 >/dev/null || exit 3; done`, ".*" + hint},
		})
	})
}

// TestCommandsBehindSentinel calls every command on what three Sentinels watch.
func TestCommandsBehindSentinel(t *testing.T) {
	t.Parallel()
	group := storetest.RunSentinels(t, storetest.WithPassword("s3cret"))
	newSession(t, group.URL(), "api").steps(t, everyCommand())

	t.Run("misconfigured", func(t *testing.T) {
		plain := storetest.RunRedis(t)
		s := newSession(t, group.URL(), "api", "PLAIN="+plain.Addr, "SENTINEL="+group.Sentinels[0].Addr)
		const wrongName = `.*Sentinel knows no primary called "wrong"\nhint: .*\?master=NAME.*`
		s.steps(t, []step{
			{4, `STORE_URL=$(echo $URL | sed s/master=main/master=wrong/) store kv get a`, wrongName},
			{4, `STORE_URL=$(echo $URL | sed s/master=main/master=wrong/) store kv set a 1`, wrongName},
			{4, `STORE_URL=$(echo $URL | sed s/master=main/master=wrong/) store sub a --for 1s`, wrongName},
			{4, `STORE_URL=$(echo $URL | sed s/master=main/master=wrong/) store stream tail a`, wrongName},
			{4, `STORE_URL=$(echo $URL | sed s/sentinel_password=/sentinel_password=x/) store kv get a`, `.*WRONGPASS.*`},
			{4, `STORE_URL=$(echo $URL | sed s/:s3cret@//) store kv get a`, `.*NOAUTH.*`},
			{3, `store -u redis+sentinel://$PLAIN?master=main kv get a`, `.*hint: this is no Sentinel; write redis://.*`},
			{3, `store -u redis+cluster://$PLAIN kv get a`, `.*hint: this server is no cluster; write redis://.*`},
			{3, `store -u redis+cluster://$PLAIN scan`, `.*hint: this server is no cluster; write redis://.*`},
			{4, `store -u redis+sentinel://127.0.0.1:1?master=main kv get a`, `.*connection refused.*hint: .*`},
		})
	})
}

// TestCommandsOverTLS works over TLS with a private authority on every kind of deployment.
func TestCommandsOverTLS(t *testing.T) {
	t.Parallel()
	c, env := certificates(t)
	password := storetest.WithPassword("s3cret")
	for name, url := range map[string]func() string{
		"alone":    func() string { return storetest.RunRedis(t, storetest.WithTLS(c), password).URL() },
		"cluster":  func() string { return storetest.RunCluster(t, 3, storetest.WithTLS(c), password).URL() },
		"sentinel": func() string { return storetest.RunSentinels(t, storetest.WithTLS(c), password).URL() },
	} {
		t.Run(name, func(t *testing.T) { newSession(t, url(), "api", env...).steps(t, someCommands()) })
	}
}

// TestTLSRefused is about everything that can be wrong with certificates.
func TestTLSRefused(t *testing.T) {
	t.Parallel()
	c, err := storetest.NewCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := func(name string, ends time.Time, hosts ...string) *storetest.Server {
		pair, err := c.Sign(name, ends, hosts...)
		if err != nil {
			t.Fatal(err)
		}
		return storetest.RunRedis(t, storetest.WithTLS(c.WithServer(pair)))
	}
	hour := time.Now().Add(time.Hour)
	good := storetest.RunRedis(t, storetest.WithTLS(c))
	expired := server("expired", time.Now().Add(-time.Minute), "127.0.0.1")
	other := server("other", hour, "redis.example.com")
	client := c.Client()
	s := newSession(t, good.URL(), "api", "CA="+c.CA, "CERT="+client.Cert, "KEY="+client.Key,
		"EXPIRED="+expired.URL(), "OTHER="+other.URL(), "PORT="+fmt.Sprint(good.Port),
		"PLAIN="+storetest.RunRedis(t).Addr)
	const mutual = ` --tls-cert $CERT --tls-key $KEY`
	const all = ` --tls-ca $CA` + mutual
	s.steps(t, []step{
		{1, `store kv get a` + all, `.*not found\n`},
		{4, `store kv get a` + mutual, `.*signed by unknown authority\nhint: .*--tls-ca.*`},
		{1, `store kv get a --tls-skip-verify` + mutual, `.*warning: the server's certificate is not checked\n.*not found\n`},
		{4, `store kv get a --tls-ca $CA`, `.*certificate.*\nhint: .*--tls-cert.*`},
		{4, `store sub a --for 1s --tls-ca $CA`, `.*\nhint: .*--tls-cert.*`},
		{4, `store -u $EXPIRED kv get a` + all, `.*certificate has expired.*\nhint: .*`},
		{4, `store -u $OTHER kv get a` + all, `.*127.0.0.1.*\nhint: .*--tls-server-name.*`},
		{1, `store -u $OTHER kv get a --tls-server-name redis.example.com` + all, `.*not found\n`},
		{4, `store kv get a --tls-server-name wrong.example.com` + all, `.*wrong.example.com.*\nhint: .*`},
		{1, `store -u rediss://localhost:$PORT kv get a` + all, `.*not found\n`},
		{4, `store -u redis://localhost:$PORT kv get a`, `.*\nhint: .*rediss:// is for one with TLS.*`},
		{4, `store -u redis://localhost:$PORT sub a --for 1s`, `.*\nhint: .*rediss:// is for one with TLS.*`},
		{4, `store -u rediss://$PLAIN kv get a --timeout 1s` + all, `.*\nhint: .*redis://.*`},
		{4, `store -u rediss+cluster://$PLAIN kv get a --timeout 1s` + all, `.*\nhint: .*`},
	})
}

// TestUnixSocket works over a socket, whose name may hold anything.
func TestUnixSocket(t *testing.T) {
	t.Parallel()
	server := storetest.RunRedis(t, storetest.WithUnixSocket(), storetest.WithPassword("s3cret"))
	odd := filepath.Join(t.TempDir(), "a b%41.sock")
	if err := os.Symlink(server.Socket, odd); err != nil {
		t.Fatal(err)
	}
	s := newSession(t, "unix://"+server.Socket, "api", "STORE_PASSWORD=s3cret",
		"ODD=unix://"+strings.NewReplacer("%", "%25", " ", "%20").Replace(odd), "DIR="+filepath.Dir(odd))
	s.steps(t, append(someCommands(), []step{
		{0, `store -u $ODD kv get k1`, "1\n"},
		{4, `store -u unix://$DIR/none kv get k1`, `.*no such file or directory\nhint: .*`},
		{4, `store -u unix://$DIR kv get k1`, `.*hint: .*`},
	}...))
	listener, err := net.Listen("unix", filepath.Join(filepath.Dir(odd), "silent"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s.steps(t, []step{
		{4, `store -u unix://$DIR/silent kv get k1 --timeout 300ms`, `.*no answer in time\nhint: .*`},
	})
}
