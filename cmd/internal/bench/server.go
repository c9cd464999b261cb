package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// server is a redis-server of our own: empty, without persistence, gone when we are.
//
// It is spoken to through redis-cli rather than a client library. The kernel counts a parent's
// memory into the peak of the children it starts, so this program has to stay small.
type server struct {
	cli     string
	env     []string
	port    string
	version string
	data    string // the data set it holds, "" when empty or unknown
	stop    func() // ends the process and waits for it
}

// startServer runs daemon on a free loopback port and returns once it answers.
func startServer(ctx context.Context, daemon, cli, dir string, env []string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log := filepath.Join(dir, "server.log")
	running, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(running, daemon, "--port", port, "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--dir", dir, "--logfile", log)
	cmd.Env = env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("starting redis-server: %w", err)
	}
	s := &server{cli: cli, env: env, port: port, stop: func() { cancel(); _ = cmd.Wait() }}
	if err := s.await(ctx, cmd.Process.Pid); err != nil {
		s.stop()
		text, _ := os.ReadFile(log)
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	return s, nil
}

// freePort asks the kernel for a port nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, cmp.Or(l.Close(), err)
}

// await waits until the server answers, and makes sure that it is the one we started: what
// follows empties it.
func (s *server) await(ctx context.Context, pid int) error {
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		info, err := s.ask(ctx, "INFO", "server")
		if err == nil && strings.Contains(info, "redis_version:") {
			s.version = infoField(info, "redis_version")
			if got := infoField(info, "process_id"); got != strconv.Itoa(pid) {
				return fmt.Errorf("port %s is served by process %s, not ours", s.port, got)
			}
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return cmp.Or(ctx.Err(), fmt.Errorf("redis-server on port %s does not answer", s.port))
}

// infoField returns the value of the first "name:value" line of an INFO answer.
func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (s *server) url() string { return "redis://127.0.0.1:" + s.port + "/0" }

// client is redis-cli, connected to the server.
func (s *server) client(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.cli, append([]string{"-p", s.port}, args...)...)
	cmd.Env = s.env
	return cmd
}

// ask sends one command and returns the answer's text.
func (s *server) ask(ctx context.Context, args ...string) (string, error) {
	cmd := s.client(ctx, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("redis-cli %s: %w: %s", args[0], err, out)
	}
	return strings.TrimRight(string(out), "\r\n"), nil
}

// expect sends one command that must be answered with want.
func (s *server) expect(ctx context.Context, want string, args ...string) error {
	got, err := s.ask(ctx, args...)
	if err == nil && got != want {
		err = fmt.Errorf("%s: got %.200q, want %.200q", strings.Join(args, " "), got, want)
	}
	return err
}

// empty removes everything.
func (s *server) empty(ctx context.Context) error {
	s.data = ""
	return s.expect(ctx, "OK", "FLUSHALL")
}

// load makes the server hold the named data set and nothing else. Lines that share a data set
// and follow each other share the loading too.
func (s *server) load(
	ctx context.Context, name string, keys int, write func(io.Writer) error,
) error {
	if s.data == name {
		return nil
	}
	if err := s.empty(ctx); err != nil {
		return err
	}
	if err := s.pipe(ctx, write); err != nil {
		return err
	}
	if err := s.expect(ctx, strconv.Itoa(keys), "DBSIZE"); err != nil {
		return err
	}
	s.data = name
	return nil
}

// pipe sends the commands that write produces.
func (s *server) pipe(ctx context.Context, write func(io.Writer) error) error {
	var out bytes.Buffer
	cmd := s.client(ctx, "--pipe")
	cmd.Stdout, cmd.Stderr = &out, &out
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = cmp.Or(write(in), in.Close())
	if ended := cmd.Wait(); cmp.Or(ended, err) != nil {
		return fmt.Errorf("redis-cli --pipe: %w: %s", cmp.Or(ended, err), out.Bytes())
	}
	return nil
}

// spent is the time the server has spent executing a command since it started.
func (s *server) spent(ctx context.Context, command string) (time.Duration, error) {
	info, err := s.ask(ctx, "INFO", "commandstats")
	if err != nil {
		return 0, err
	}
	return parseSpent(info, command)
}

// parseSpent finds a command's time in INFO commandstats; one never executed took none.
func parseSpent(info, command string) (time.Duration, error) {
	stats := infoField(info, "cmdstat_"+command)
	if stats == "" {
		return 0, nil
	}
	usec := regexp.MustCompile(`\busec=(\d+)`).FindStringSubmatch(stats)
	if usec == nil {
		return 0, fmt.Errorf("INFO commandstats: no usec in %q", stats)
	}
	n, err := strconv.ParseInt(usec[1], 10, 64)
	return time.Duration(n) * time.Microsecond, err
}
