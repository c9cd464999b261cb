//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// Scenes of the table of faults in which the server is at fault, or the output.

func stallingScenes() []scene {
	kept := storetest.WithAppendOnly()
	return []scene{
		{"killed in a scan", plain(), sceneKilledInScan},
		{"killed in a batch", plain(kept), sceneKilledInBatch},
		{"restarted", plain(kept), sceneRestarted},
		{"not restarted", plain(), sceneNotRestarted},
		{"clients killed", plain(), sceneClientsKilled},
		{"paused clients", plain(kept), scenePausedClients},
		{"stopped", plain(), sceneStopped},
		{"loading", plain(storetest.WithArgs("--enable-debug-command", "yes",
			"--loading-process-events-interval-bytes", "1024")), sceneLoading},
		{"busy", plain(storetest.WithArgs("--busy-reply-threshold", "50")), sceneBusy},
	}
}

func sceneKilledInScan(w *faultWorld) {
	w.fault("Killed in a scan", "`kill -9` of the server; whether it comes back does not matter, since the "+
		"keys then stand in another order")
	const all = 200_000
	w.fill(all)
	// The shell does not read on before the server is dead, so the scan cannot end before.
	dead := filepath.Join(w.TempDir(), "dead")
	r := w.start(`{ store scan -o raw --count 10; echo $? >code; } | ` +
		`{ read first; touch begun; until [ -e ` + dead + ` ]; do sleep 0.02; done; cat; }; exit $(cat code)`)
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		_, err := os.Stat(filepath.Join(r.cmd.Dir, "begun"))
		return err
	}))
	w.server.Kill()
	w.must(os.WriteFile(dead, nil, 0o600))
	row := r.ends(4, w.cutShort(r, all-1))
	row.command = "store scan -o raw --count 10"
	// Which of the two a system says is chance.
	row.said = strings.Replace(row.said, "the server reset the", "the server closed the", 1)
}

func sceneKilledInBatch(w *faultWorld) {
	w.fault("Killed in a batch", "`kill -9` of the server when 1000 of 2000 rows are written; it stays down")
	r, feed := w.batch("store batch set -f pipe")
	w.server.Kill()
	feed()
	r.ends(5, func(*faultRow) string {
		if got := strings.Join(r.lines(), " "); got != "1000" {
			w.Errorf("it reports %q", got)
		}
		if n, err := w.state.DBSize(w.Context()).Result(); err != nil || n != 1001 {
			w.Errorf("%d keys are there, %v", n, err)
		}
		return "it says that 1000 are written, and they are"
	})
	w.must(w.server.Restart())
}

func sceneRestarted(w *faultWorld) {
	w.fault("Restarted", "`kill -9` of the server, and a start")
	w.followers(func() {
		w.server.Kill()
		w.must(w.server.Restart())
	})
}

func sceneNotRestarted(w *faultWorld) {
	w.fault("Not restarted", "`kill -9` of the server; it stays down")
	sub := w.start("store sub a --max-wait 300ms")
	sub.waitSaid(w.T, "subscribed: ")
	w.server.Kill()
	sub.ends(4, became("waits for as long as it is told, and says that it was deaf"))
}

func sceneClientsKilled(w *faultWorld) {
	w.fault("CLIENT KILL", "an administrator ends the connections")
	w.followers(func() {
		for _, kind := range []string{"pubsub", "normal"} {
			w.must(w.state.Do(w.Context(), "CLIENT", "KILL", "TYPE", kind).Err())
		}
	})
	r, feed := w.batch("store batch set -f pipe -q")
	w.must(w.state.Do(w.Context(), "CLIENT", "KILL", "TYPE", "normal").Err())
	feed()
	r.ends(0, func(*faultRow) string {
		if n, err := w.state.DBSize(w.Context()).Result(); err != nil || n != 2002 {
			w.Errorf("%d keys are there, %v", n, err)
		}
		return "all 2000 are written"
	})
}

func scenePausedClients(w *faultWorld) {
	w.fault("CLIENT PAUSE, short", "for half a second, and `--timeout` is longer")
	pause := func(ms int, kind string) {
		w.must(w.state.Do(w.Context(), "CLIENT", "PAUSE", ms, kind).Err())
	}
	pause(500, "ALL")
	w.read(0)
	pause(500, "ALL")
	w.write(0)
	w.fault("CLIENT PAUSE of writes", "for longer than `--timeout`")
	pause(600_000, "WRITE")
	w.read(0)
	w.write(6, impatient)
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		clients, err := w.state.ClientList(w.Context()).Result()
		if err == nil && strings.Contains(clients, "cmd=incr ") {
			err = errors.New("the server has not noticed that it is gone")
		}
		return err
	}))
	w.must(w.state.Do(w.Context(), "CLIENT", "UNPAUSE").Err())
	w.fault("CLIENT PAUSE of all", "for longer than `--timeout`")
	pause(600_000, "ALL")
	w.read(4, impatient)
	w.write(4, impatient)
	w.must(w.server.Restart())
}

func sceneStopped(w *faultWorld) {
	w.fault("SIGSTOP", "the server stands still and keeps its port; it goes on later")
	w.must(w.server.Pause())
	w.read(4, impatient)
	w.write(4, impatient)
	w.ask(4, "store sub a "+impatient, became("does not begin"))
	w.must(w.server.Resume())
	proxy := w.behindProxy()
	sub := w.start("store sub a --probe 300ms --count 2 -o raw")
	sub.waitSaid(w.T, "subscribed: ")
	w.publish("1")
	sub.waitFor(w.T, "1")
	before := proxy.Accepted()
	w.must(w.server.Pause())
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		if proxy.Accepted() == before {
			return errors.New("it has not noticed")
		}
		return nil
	}))
	w.must(w.server.Resume())
	w.publish("2")
	sub.ends(0, became("goes on, and tells when it was deaf"))
}

func sceneLoading(w *faultWorld) {
	w.fault("LOADING", "the server is reading its data from disk")
	w.fill(50_000)
	w.must(w.state.ConfigSet(w.Context(), "key-load-delay", "1000").Err())
	loaded := make(chan error, 1)
	go func() { loaded <- w.state.Do(context.WithoutCancel(w.Context()), "DEBUG", "RELOAD").Err() }()
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		if err := w.state.Get(w.Context(), "x").Err(); err == nil || !strings.HasPrefix(err.Error(), "LOADING") {
			return fmt.Errorf("not loading: %v", err)
		}
		return nil
	}))
	w.read(3)
	w.write(3)
	w.must(w.state.ConfigSet(w.Context(), "key-load-delay", "0").Err())
	w.must(<-loaded)
}

func sceneBusy(w *faultWorld) {
	w.fault("BUSY", "a script on the server does not end")
	ended := make(chan error, 1)
	go func() {
		ended <- w.state.Eval(context.WithoutCancel(w.Context()), "while true do end", nil).Err()
	}()
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		if err := w.state.Get(w.Context(), "x").Err(); err == nil || !strings.HasPrefix(err.Error(), "BUSY") {
			return fmt.Errorf("not busy: %v", err)
		}
		return nil
	}))
	w.read(3)
	w.write(3)
	w.must(w.state.ScriptKill(w.Context()).Err())
	<-ended
}

func refusingScenes() []scene {
	return []scene{
		{"wrong type", plain(), sceneWrongType},
		{"replica", plain(), sceneReplica},
		{"memory", plain(), sceneMemory},
		{"disk", plain(), sceneDisk},
		{"replicas", plain(), sceneNoReplicas},
	}
}

func sceneWrongType(w *faultWorld) {
	w.fault("WRONGTYPE", "the keys hold lists")
	for _, key := range []string{"kv:list", "counter:list"} {
		w.must(w.state.RPush(w.Context(), "igniter:store:api:"+key, "x").Err())
	}
	w.ask(3, "store kv get list", became("nothing is read"))
	w.ask(3, "store counter increment list", func(*faultRow) string {
		if kind := w.state.Type(w.Context(), "igniter:store:api:counter:list").Val(); kind != "list" {
			w.Errorf("it is a %s now", kind)
		}
		return "nothing is changed"
	})
}

func sceneReplica(w *faultWorld) {
	replica := storetest.RunRedis(w, storetest.WithReplicaOf(w.server),
		storetest.WithArgs("--replica-serve-stale-data", "no"))
	w.reach(replica.URL())
	w.fault("READONLY", "the server is a replica")
	w.read(0)
	w.write(3)
	w.settle()
	w.fault("MASTERDOWN", "the server is a replica that has lost its primary, and must not answer")
	w.server.Kill()
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		err := replica.Client().Get(w.Context(), "x").Err()
		if err == nil || !strings.HasPrefix(err.Error(), "MASTERDOWN") {
			return fmt.Errorf("it answers %v", err)
		}
		return nil
	}))
	w.read(3)
	w.write(3)
	w.must(w.server.Restart())
}

func sceneMemory(w *faultWorld) {
	w.fault("OOM", "`maxmemory` is reached, and the policy is `noeviction`")
	w.must(w.state.ConfigSet(w.Context(), "maxmemory", "1").Err())
	w.read(0)
	w.write(3)
	w.ask(5, "store batch set a=1 b=2", became("nothing is changed"))
}

func sceneDisk(w *faultWorld) {
	w.fault("MISCONF", "the server cannot write its snapshot, and refuses writes until it can")
	w.must(os.MkdirAll(filepath.Join(w.server.Dir, "dump.rdb", "full"), 0o700))
	w.must(w.state.ConfigSet(w.Context(), "save", "3600 1000").Err())
	w.must(w.state.Do(w.Context(), "BGSAVE").Err())
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		info, err := w.state.Info(w.Context(), "persistence").Result()
		if err == nil && !strings.Contains(info, "rdb_last_bgsave_status:err") {
			err = errors.New("the snapshot has not failed")
		}
		return err
	}))
	w.read(0)
	w.write(3)
}

func sceneNoReplicas(w *faultWorld) {
	w.fault("NOREPLICAS", "`min-replicas-to-write` asks for a replica, and there is none")
	w.must(w.state.ConfigSet(w.Context(), "min-replicas-to-write", "1").Err())
	w.read(0)
	w.write(3)
}

func deploymentScenes() []scene {
	return []scene{
		{"cluster", nil, sceneCluster},
		{"sentinel", nil, sceneSentinel},
	}
}

// sceneCluster has a key k in each of a few slots.
func sceneCluster(w *faultWorld) {
	cluster := storetest.RunCluster(w, 3)
	w.server, w.state = cluster.Servers[0], cluster.Client()
	key := "igniter:store:api:kv:k"
	w.must(w.state.Set(w.Context(), key, "1", 0).Err())
	slot := int(w.state.ClusterKeySlot(w.Context(), key).Val())
	at := slot * len(cluster.Servers) / 16384
	from, other := cluster.Servers[at], cluster.Servers[(at+1)%len(cluster.Servers)]

	w.fault("A cluster's node", "the URL is `redis://` and names one node of a cluster, which does not hold the key")
	w.reach("redis://" + other.Addr)
	w.read(3)
	w.ask(3, "store scan", became("nothing is listed"))

	w.fault("Slot on the move", "the key's slot is moving to another node, the key is there already")
	w.reach(cluster.URL())
	w.must(cluster.OpenSlot(w.Context(), slot, from, other))
	w.must(cluster.MoveKeys(w.Context(), slot, from, other))
	w.read(0)
	w.ask(0, "store kv set k 1", became("done, once"))
	w.must(cluster.CloseSlot(w.Context(), slot, other))

	w.fault("Node lost", "a node of a cluster is dead and has no replica")
	other.Kill()
	w.read(4, "--timeout 1s")
	w.ask(4, "store kv set k 2 --timeout 1s", became("nothing is changed"))
	w.ask(4, "store scan --timeout 1s", became("nothing is listed"))
	alive := keyOf(w, cluster, from)
	w.must(storetest.WaitFor(w.Context(), waitLimit, func() error {
		err := from.Client().Get(w.Context(), key).Err()
		if err == nil || !strings.HasPrefix(err.Error(), "CLUSTERDOWN") {
			return fmt.Errorf("it answers %v", err)
		}
		return nil
	}))
	w.fault("CLUSTERDOWN", "so all others refuse as well, as `cluster-require-full-coverage` wants it")
	w.ask(3, "store kv get "+alive+" --timeout 1s", became("nothing is read"))
	w.ask(3, "store kv set "+alive+" 1"+" --timeout 1s", became("nothing is changed"))
}

// keyOf returns a key whose entry belongs to one of a cluster's primaries.
func keyOf(w *faultWorld, cluster *storetest.Cluster, s *storetest.Server) string {
	w.Helper()
	for i := 0; ; i++ {
		key := fmt.Sprintf("k%d", i)
		slot := cluster.Client().ClusterKeySlot(w.Context(), "igniter:store:api:kv:"+key).Val()
		if cluster.Servers[int(slot)*len(cluster.Servers)/16384] == s {
			return key
		}
	}
}

func sceneSentinel(w *faultWorld) {
	group := storetest.RunSentinels(w)
	w.server = group.Servers[0]
	w.seed()
	w.reach(group.URL())
	w.fault("Failover", "the primary is killed; Sentinels put a replica in its place")
	_, err := group.FailOver(w.Context())
	w.must(err)
	primary, err := group.Primary(w.Context())
	w.must(err)
	w.state = primary.Client()
	w.read(0)
	w.write(0)
	w.settle()
	w.fault("No Sentinel", "none of the Sentinels answers")
	for _, s := range group.Sentinels {
		s.Kill()
	}
	w.read(4)
	w.write(4)
}

func outputScenes() []scene {
	return []scene{
		{"disk full", plain(), sceneDiskFull},
		{"closed", plain(), sceneOutputClosed},
	}
}

func sceneDiskFull(w *faultWorld) {
	w.Helper()
	storetest.Require(w, "/dev/full")
	w.fault("Disk full", "stdout cannot be written to")
	w.ask(3, "store kv get k >/dev/full", became("nothing is printed"))
	w.ask(3, "store counter increment n >/dev/full", func(*faultRow) string {
		if n := w.counted("igniter:store:api:counter:n"); n != 1 {
			w.Errorf("done %d times", n)
		}
		return "done, once"
	})
	w.fill(1000)
	w.ask(3, "store scan >/dev/full", became("the exit code says so"))
}

func sceneOutputClosed(w *faultWorld) {
	w.fault("Reader gone", "stdout is a pipe whose reader has ended")
	w.fill(100_000)
	for _, command := range []string{"store scan -o raw", "store scan -o json", "seq 100000 | store batch get -f -"} {
		row := w.ask(0, `{ { `+command+`; echo $? >code; } | head -1 >/dev/null; }; exit $(cat code)`,
			became("ends quietly"))
		row.command = command + " | head -1"
	}
}
