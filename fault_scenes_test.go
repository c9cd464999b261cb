//go:build unix

package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// The scenes of the table of faults.

// impatient is for commands that are not going to be answered.
const impatient = "--timeout 500ms"

func connectingScenes() []scene {
	return []scene{
		{"down", plain(), sceneDown},
		{"not redis", plain(), sceneNotRedis},
		{"password", plain(storetest.WithPassword("s3cret")), scenePassword},
		{"permissions", plain(), scenePermissions},
		{"clients", plain(), sceneClients},
	}
}

func sceneDown(w *faultWorld) {
	w.fault("Server down", "nothing listens at the port")
	w.server.Kill()
	w.read(4)
	w.write(4)
	w.ask(4, "store batch set a=1 b=2", became("nothing is changed"))
	w.ask(4, "store sub a", became("does not begin"))
	w.ask(4, "store stream tail s --follow", became("does not begin"))
	w.must(w.server.Restart())
}

func sceneNotRedis(w *faultWorld) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	w.fault("Not Redis", "a web server listens at the port")
	w.reach("redis://" + web.Listener.Addr().String())
	w.read(4, impatient)
	w.write(4, impatient)
}

func scenePassword(w *faultWorld) {
	bare := "redis://" + w.server.Addr
	w.reach(bare)
	w.fault("No password", "the server wants one, and none is given")
	w.read(4)
	w.write(4)
	w.fault("Wrong password", "another one than the server's is given")
	w.env = []string{"STORE_PASSWORD=wrong"}
	w.read(4)
	w.write(4)
}

func scenePermissions(w *faultWorld) {
	w.must(w.state.Do(w.Context(), "ACL", "SETUSER", "reader", "on", ">pass",
		"~*", "+get", "+pttl", "+multi", "+exec", "+exists", "+subscribe").Err())
	w.env = []string{"STORE_USERNAME=reader", "STORE_PASSWORD=pass"}
	w.fault("No permission", "the user's ACL allows to read, and no channel")
	w.read(0)
	w.write(3)
	w.ask(3, "store sub a", became("does not begin"))
}

func sceneClients(w *faultWorld) {
	w.fault("Too many clients", "`maxclients` is reached")
	w.must(w.state.ConfigSet(w.Context(), "maxclients", "1").Err())
	for _, ask := range []func(int, ...string){w.read, w.write} {
		w.untilSaid("max number of clients", func() { ask(4, impatient) })
	}
	w.must(w.state.ConfigSet(w.Context(), "maxclients", "100").Err())
}

// untilSaid repeats a command until it says a text: how the end of a connection is found out
// is a matter of chance.
func (w *faultWorld) untilSaid(text string, ask func()) {
	w.Helper()
	f := w.faults[len(w.faults)-1]
	before := len(f.rows)
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		f.rows = f.rows[:before]
		ask()
		if said := f.rows[before].said; !strings.Contains(said, text) {
			return errors.New(said)
		}
		return nil
	}))
}

func networkScenes() []scene {
	return []scene{
		{"latency", plain(), sceneLatency},
		{"bandwidth", plain(), sceneBandwidth},
		{"reset", plain(), sceneReset},
		{"black hole", plain(), sceneBlackHole},
		{"half open", plain(), sceneHalfOpen},
		{"lost replies", plain(), sceneLostReplies},
	}
}

func sceneLatency(w *faultWorld) {
	proxy := w.behindProxy()
	w.fault("Latency", "200 ms each way")
	proxy.Latency(400 * time.Millisecond)
	w.read(0)
	w.write(0)
	w.ask(0, "store batch set a=1 b=2", became("both are written"))
	w.fault("Latency above `--timeout`", "30 s each way")
	proxy.Latency(time.Minute)
	w.read(4, impatient)
	w.write(4, impatient)
	w.ask(4, "store sub a --timeout 500ms", became("does not begin"))
}

func sceneBandwidth(w *faultWorld) {
	proxy := w.behindProxy()
	w.fault("Little bandwidth", "100 kB/s")
	proxy.Bandwidth(100_000)
	rows := `seq 500 | sed 's/.*/{"key":"b&","value":"` + strings.Repeat("x", 100) + `"}/'`
	w.ask(0, rows+" >rows; store batch set -f rows -q", func(*faultRow) string {
		n, err := w.state.DBSize(w.Context()).Result()
		w.must(err)
		if n != 501 {
			w.Errorf("%d keys are there, want 501", n)
		}
		return "all 500 are written"
	}).command = "store batch set -f rows -q"
	r := w.start("seq 500 | sed s/^/b/ | store batch get -f - -o raw")
	r.ends(0, func(*faultRow) string {
		if n := len(r.lines()); n != 500 {
			w.Errorf("%d values were read", n)
		}
		return "all 500 are read"
	}).command = "store batch get -f keys -o raw"
	w.fault("Too little bandwidth", "100 B/s, a value of 100 kB")
	w.must(w.state.Set(w.Context(), "igniter:store:api:kv:k", `"`+strings.Repeat("x", 100_000)+`"`, 0).Err())
	proxy.Bandwidth(1000)
	w.read(4, "--timeout 1s")
}

func sceneReset(w *faultWorld) {
	proxy := w.behindProxy()
	w.fault("Connection reset", "in the middle of a reply")
	w.fill(3000)
	proxy.ResetReplies(10_000)
	r := w.start("store scan --count 100 -o raw")
	r.ends(4, w.cutShort(r, 3000))
	proxy.ResetReplies(10_000)
	r = w.start("seq 3000 | store batch get -f - -o raw")
	r.ends(4, w.cutShort(r, 3000)).command = "store batch get -f keys -o raw"
	w.fault("Connections reset at once", "as by a firewall")
	proxy.Reset()
	for _, ask := range []func(int, ...string){w.read, w.write} {
		w.untilSaid("reset the connection", func() { ask(4) })
	}
}

// fill stores n entries.
func (w *faultWorld) fill(n int) {
	w.Helper()
	const script = `for i = 1, ARGV[1] do redis.call('SET', 'igniter:store:api:kv:'..i, i) end return 1`
	w.must(w.state.Eval(w.Context(), script, nil, n).Err())
}

// cutShort says what became of a list that could not be read to its end.
func (w *faultWorld) cutShort(r *faultRun, all int) func(*faultRow) string {
	return func(row *faultRow) string {
		if n := len(r.lines()); n >= all {
			w.Errorf("%s: exit code %d, and prints %d of %d lines", r.line, row.code, n, all)
		}
		return "a part is printed, and the exit code says so"
	}
}

func sceneBlackHole(w *faultWorld) {
	proxy := w.behindProxy()
	w.fault("Black hole", "packets are swallowed, and let through again later")
	proxy.BlackHole()
	w.read(4, impatient)
	w.write(4, impatient)
	w.ask(4, "store sub a "+impatient, became("does not begin"))
	proxy.Pass()
	w.followers(func() {
		proxy.BlackHole()
		proxy.HalfOpen() // also what has nothing to say at the moment
		w.deaf()
		proxy.Pass()
	})
}

// followers has a subscriber and a follower of a stream go through a fault and hear of what
// comes after it.
func (w *faultWorld) followers(play func()) {
	w.Helper()
	sub := w.start("store sub a --probe 300ms --count 2 -o raw --timeout 1s")
	sub.waitSaid(w.T, "subscribed: ")
	w.append("0")
	tail := w.start("exec store stream tail s -n 1 --follow -o raw --timeout 1s")
	tail.waitFor(w.T, "0")
	w.publish("1")
	sub.waitFor(w.T, "1")
	play()
	sub.waitSaid(w.T, "gap: ")
	w.publish("2")
	w.append("1")
	sub.ends(0, func(*faultRow) string {
		if !strings.Contains(sub.said(), "gap: ") {
			w.Errorf("%s: the gap is not told: %s", sub.line, sub.said())
		}
		return "goes on, and tells when it was deaf"
	})
	tail.waitFor(w.T, "1")
	w.must(tail.cmd.Process.Signal(os.Interrupt))
	tail.ends(130, func(*faultRow) string {
		if got := strings.Join(tail.lines(), " "); got != "0 1" {
			w.Errorf("%s: prints %q", tail.line, got)
		}
		return "goes on where it was: nothing is missed, nothing comes twice"
	}).command = strings.TrimPrefix(tail.line, "exec ")
}

// deaf waits until the subscriber has given its connection up.
func (w *faultWorld) deaf() {
	w.Helper()
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		n, err := w.server.Client().PubSubNumSub(w.Context(), "igniter:store:api:events:a").Result()
		if err == nil && n["igniter:store:api:events:a"] > 0 {
			err = errors.New("the subscriber has noticed nothing")
		}
		return err
	}))
}

// append appends to a stream past everything that is broken.
func (w *faultWorld) append(message string) {
	w.Helper()
	client := open(w.T, w.server.URL())
	_, err := client.Streams().Append(w.Context(), "s", store.Value(message), store.AppendOptions{})
	w.must(err)
}

// publish publishes an event as soon as there is somebody who hears it.
func (w *faultWorld) publish(data string) {
	w.Helper()
	client := open(w.T, w.server.URL())
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		p, err := client.Events().Publish(w.Context(), "a", store.Value(data), store.PublishOptions{})
		if err == nil && p.Receivers == 0 {
			err = errors.New("nobody hears it")
		}
		return err
	}))
}

func sceneHalfOpen(w *faultWorld) {
	proxy := w.behindProxy()
	w.fault("Half-open connection", "the other end is gone and never said so; new connections work")
	w.followers(proxy.HalfOpen)
	r, feed := w.batch("store batch set -f pipe " + impatient)
	proxy.HalfOpen()
	feed()
	r.ends(6, func(*faultRow) string {
		if n, err := w.state.Exists(w.Context(), "igniter:store:api:kv:c0").Result(); n != 0 || err != nil {
			w.Errorf("what was lost is there: %d, %v", n, err)
		}
		return "the report tells the rows that are written from those it cannot know"
	})
}

// batch starts a batch that has written 1000 of 2000 rows and waits for more.
func (w *faultWorld) batch(line string) (r *faultRun, feed func()) {
	w.Helper()
	pipe := filepath.Join(w.TempDir(), "pipe")
	var first, rest strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&first, "{\"key\":\"b%d\",\"value\":1}\n", i)
		fmt.Fprintf(&rest, "{\"key\":\"c%d\",\"value\":1}\n", i)
	}
	w.must(syscall.Mkfifo(pipe, 0o600))
	before, err := w.state.DBSize(w.Context()).Result()
	w.must(err)
	file, err := os.OpenFile(pipe, os.O_RDWR, 0)
	w.must(err)
	w.Cleanup(func() { file.Close() })
	r = w.start(strings.Replace(line, "-f pipe", "-f "+pipe, 1))
	_, err = file.WriteString(first.String())
	w.must(err)
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		n, err := w.state.DBSize(w.Context()).Result()
		if err == nil && n < before+1000 {
			err = fmt.Errorf("%d keys", n)
		}
		return err
	}))
	w.must(w.state.Ping(w.Context()).Err()) // the answer to the batch has left by now
	r.line = line
	return r, func() {
		_, err := file.WriteString(rest.String())
		w.must(err)
		w.must(file.Close())
	}
}

func sceneLostReplies(w *faultWorld) {
	proxy := w.behindProxy()
	w.fault("Reply lost", "the connection ends when the server has carried the command out")
	proxy.LoseReplyTo("INCR")
	w.write(6)
	proxy.LoseReplyTo("XADD")
	w.ask(6, "store stream append s 1", w.effect("igniter:store:api:streams:s", func(key string) int64 {
		n, err := w.state.XLen(w.Context(), key).Result()
		w.must(err)
		return n
	}))
	proxy.LoseReplyTo("PUBLISH")
	w.ask(6, "store pub a 1", func(*faultRow) string {
		if n := calls(w.T, w.server)["publish"]; n != 1 {
			w.Errorf("published %d times", n)
		}
		return "done, and not repeated"
	})
	proxy.LoseReplyTo("GET")
	w.read(4)
}
