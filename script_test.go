package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// waitLimit is how long a script waits for what is bound to happen.
const waitLimit = 20 * time.Second

// commands are those that scripts have beside the usual ones:
//
//	exits N PROGRAM ARGS…     runs a program that must end with exactly this code
//	redis COMMAND ARGS…       sends a command to the server and prints the reply as
//	                          redis-cli does; $"…" is an argument with Go's escapes,
//	                          for bytes that a script cannot hold
//	waitfor RE COMMAND ARGS…  repeats a Redis command until its reply matches
//	server kill|stop|pause|resume|restart
//	                          does that to the server, which must be a real one
//	replica                   starts a replica of it; $REPLICA_URL says where
//	proxy lose COMMAND|cut N|silent|pass
//	                          puts a bad connection to the server at $PROXY_URL: it
//	                          loses the reply to a command, breaks after N bytes of
//	                          replies, answers nothing, or works
//	feed FIFO [FILE]          writes a file to a named pipe, which stays open; without
//	                          a file it closes it
//	signal INT|TERM           signals the last program started in the background
//	status N                  says with what code that program must have ended
//	needs PROGRAM|/FILE       skips the script, with a notice, where there is no such
//	                          program or file; in CI it fails
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits":   exits,
		"redis":   redisCommand,
		"waitfor": waitFor,
		"server":  controlServer,
		"replica": startReplica,
		"proxy":   controlProxy,
		"feed":    feed,
		"signal":  signalLast,
		"status":  checkStatus,
		"needs":   needs,
	}
}

// expect ends a script whose command is not used as it is meant to be.
func expect(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	expect(ts, !neg && len(args) > 1, "exits N PROGRAM ARGS…")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func needs(ts *testscript.TestScript, neg bool, args []string) {
	expect(ts, !neg && len(args) == 1, "needs PROGRAM|/FILE")
	storetest.Require(scriptT{ts}, args[0])
}

// scriptT is a script that can be given up.
type scriptT struct{ *testscript.TestScript }

func (s scriptT) Fatal(args ...any) { s.Fatalf("%s", fmt.Sprint(args...)) }

func (s scriptT) Skip(args ...any) { s.Value(worldKey{}).(*world).t.Skip(args...) }

func redisCommand(ts *testscript.TestScript, neg bool, args []string) {
	expect(ts, len(args) > 0, "[!] redis COMMAND ARGS…")
	reply, err := ask(ts, args)
	if (err != nil) != neg {
		ts.Fatalf("redis answered %q, error %v", reply, err)
	}
	if err != nil {
		reply = "(error) " + err.Error()
	}
	fmt.Fprintln(ts.Stdout(), reply)
}

// ask sends a command to the server and returns its reply as text.
func ask(ts *testscript.TestScript, args []string) (string, error) {
	words := make([]any, len(args))
	for i, arg := range args {
		words[i] = arg
		if quoted, ok := strings.CutPrefix(arg, "$"); ok {
			text, err := strconv.Unquote(quoted)
			ts.Check(err)
			words[i] = text
		}
	}
	reply := worldOf(ts).client.Do(context.Background(), words...)
	if errors.Is(reply.Err(), redis.Nil) {
		return "(nil)", nil
	}
	return replyText(reply.Val()), reply.Err()
}

// replyText shows a reply as redis-cli does in a pipe.
func replyText(reply any) string {
	switch r := reply.(type) {
	case nil:
		return "(nil)"
	case []any:
		lines := make([]string, len(r))
		for i, element := range r {
			lines[i] = replyText(element)
		}
		return strings.Join(lines, "\n")
	}
	return fmt.Sprint(reply)
}

func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	expect(ts, !neg && len(args) > 1, "waitfor RE COMMAND ARGS…")
	pattern, err := regexp.Compile(`(?m)` + args[0])
	ts.Check(err)
	ts.Check(storetest.WaitFor(context.Background(), waitLimit, func() error {
		reply, err := ask(ts, args[1:])
		if err == nil && !pattern.MatchString(reply) {
			err = fmt.Errorf("no match for %s in %s", args[0], reply)
		}
		return err
	}))
}

func controlServer(ts *testscript.TestScript, neg bool, args []string) {
	server := worldOf(ts).server
	expect(ts, !neg && len(args) == 1 && server != nil,
		"server kill|stop|pause|resume|restart, not for the embedded server")
	switch args[0] {
	case "kill":
		server.Kill()
	case "stop":
		server.Stop()
	case "pause":
		ts.Check(server.Pause())
	case "resume":
		ts.Check(server.Resume())
	case "restart":
		ts.Check(server.Restart())
	default:
		ts.Fatalf("unknown: server %s", args[0])
	}
}

func startReplica(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	expect(ts, !neg && len(args) == 0 && w.server != nil, "replica, not for the embedded server")
	replica, err := storetest.StartRedis(storetest.WithReplicaOf(w.server))
	ts.Check(err)
	w.defers(replica.Stop)
	ts.Setenv("REPLICA_URL", replica.URL())
}

func controlProxy(ts *testscript.TestScript, neg bool, args []string) {
	expect(ts, !neg && len(args) > 0, "proxy lose COMMAND|cut N|silent|pass")
	w := worldOf(ts)
	if w.proxy == nil {
		proxy, err := storetest.StartProxy(w.addr)
		ts.Check(err)
		w.defers(proxy.Stop)
		w.proxy = proxy
		ts.Setenv("PROXY_URL", proxy.URL())
	}
	switch {
	case args[0] == "lose" && len(args) == 2:
		w.proxy.LoseReplyTo(args[1])
	case args[0] == "cut" && len(args) == 2:
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		w.proxy.LoseReplies(n)
	case args[0] == "silent":
		w.proxy.BlackHole()
	case args[0] == "pass":
		w.proxy.Pass()
	default:
		ts.Fatalf("unknown: proxy %s", strings.Join(args, " "))
	}
}

func feed(ts *testscript.TestScript, neg bool, args []string) {
	expect(ts, !neg && (len(args) == 1 || len(args) == 2), "feed FIFO [FILE]")
	feeds := worldOf(ts).feeds
	pipe := feeds[args[0]]
	if len(args) == 1 {
		delete(feeds, args[0])
		ts.Check(pipe.Close())
		return
	}
	if pipe == nil {
		// Opened for both directions, so that neither side waits for the other.
		var err error
		pipe, err = os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
		ts.Check(err)
		feeds[args[0]] = pipe
		worldOf(ts).defers(func() { pipe.Close() })
	}
	_, err := pipe.WriteString(ts.ReadFile(args[1]))
	ts.Check(err)
}

func signalLast(ts *testscript.TestScript, neg bool, args []string) {
	running := ts.BackgroundCmds()
	expect(ts, !neg && len(args) == 1 && len(running) > 0, "signal INT|TERM, with a program running")
	worldOf(ts).last = running[len(running)-1]
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}
	signal, known := signals[args[0]]
	expect(ts, known, "signal INT|TERM")
	ts.Check(worldOf(ts).last.Process.Signal(signal))
}

// checkStatus comes after wait, which is what knows that the program has ended.
func checkStatus(ts *testscript.TestScript, neg bool, args []string) {
	last := worldOf(ts).last
	expect(ts, !neg && len(args) == 1 && last != nil && last.ProcessState != nil,
		"status N, after signal and wait")
	if code := strconv.Itoa(last.ProcessState.ExitCode()); code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}
