package store_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// span is when something happened, no earlier and no later.
type span struct{ from, to time.Time }

// account checks numbered events that were published one after the other against what a
// subscriber saw: in order, none twice, and none missing but in a gap.
func account(t *testing.T, published []span, seen []store.Notice) (gaps int) {
	t.Helper()
	var deaf []span
	received := make([]bool, len(published))
	last := -1
	for _, n := range seen {
		switch {
		case n.Gap != nil:
			deaf = append(deaf, span{n.Gap.From, n.Gap.To})
		case n.Event != nil:
			i, err := strconv.Atoi(string(n.Event.Data))
			if err != nil || i <= last {
				t.Fatalf("%s comes behind %d (%v)", n.Event.Data, last, err)
			}
			received[i], last = true, i
		}
	}
	for i, when := range published {
		if !received[i] && !within(when, deaf) {
			t.Errorf("%d, published at %s, is missing outside of all gaps", i, when.from)
		}
	}
	return len(deaf)
}

// within reports whether something may have happened in one of the gaps.
func within(when span, deaf []span) bool {
	for _, gap := range deaf {
		if !when.to.Before(gap.from) && !when.from.After(gap.to) {
			return true
		}
	}
	return false
}

// gather collects notices until the last number has come.
func (n *notices) gather(last int) []store.Notice {
	n.t.Helper()
	var all []store.Notice
	for {
		notice := n.next()
		all = append(all, notice)
		if notice.Event != nil && string(notice.Event.Data) == fmt.Sprint(last) {
			return all
		}
	}
}

// numbers publishes numbers while something is done to the subscriber again and again, and
// then one more once it has recovered.
func numbers(t *testing.T, client *store.Client, count int, every int, disturb func()) []span {
	t.Helper()
	var published []span
	for i := range count {
		if i%every == every-1 {
			disturb()
		}
		begun := time.Now()
		publish(t, client, "n", fmt.Sprint(i))
		published = append(published, span{begun, time.Now()})
	}
	begun := time.Now()
	err := storetest.WaitFor(t.Context(), 30*time.Second, func() error {
		if publish(t, client, "n", fmt.Sprint(count)).Receivers == 0 {
			return errors.New("nobody listens")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(published, span{begun, time.Now()})
}

// TestSubscribeKilled kills the connection of a subscriber 200 times during 10,000 events.
func TestSubscribeKilled(t *testing.T) {
	server := storetest.RunRedis(t)
	client := open(t, server.URL())
	n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"n"}})
	kills := 0
	published := numbers(t, client, 10_000, 50, func() {
		killed, err := server.Client().ClientKillByFilter(t.Context(), "TYPE", "pubsub").Result()
		if err != nil {
			t.Fatal(err)
		}
		kills += int(killed)
		if kills < 200 { // every kill is to hit somebody
			waitListening(t, server, "igniter:store:api:events:n")
		}
	})
	gaps := account(t, published, n.gather(10_000))
	if kills != 200 || gaps != kills {
		t.Errorf("%d kills and %d gaps", kills, gaps)
	}
}

// waitListening waits until somebody listens to a channel.
func waitListening(t *testing.T, server *storetest.Server, channel string) {
	t.Helper()
	err := storetest.WaitFor(t.Context(), 20*time.Second, func() error {
		counts, err := server.Client().PubSubNumSub(t.Context(), channel).Result()
		if err == nil && counts[channel] == 0 {
			err = errors.New("nobody listens to " + channel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSubscribeKilledUnderLoad kills the connection while another one publishes as fast as
// it can, so that events are lost on their way.
func TestSubscribeKilledUnderLoad(t *testing.T) {
	server := storetest.RunRedis(t)
	client := open(t, server.URL())
	n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"*"}})
	ctx, stop := context.WithCancel(t.Context())
	killed := make(chan int)
	go func() {
		kills := 0
		defer func() { killed <- kills }()
		for ctx.Err() == nil && kills < 100 {
			k, _ := server.Client().ClientKillByFilter(ctx, "TYPE", "pubsub").Result()
			kills += int(k)
		}
	}()
	var published []span
	kills := 0
	for more := true; more; {
		select {
		case kills = <-killed:
			more = false
		default:
		}
		begun := time.Now()
		publish(t, client, "n", fmt.Sprint(len(published)))
		published = append(published, span{begun, time.Now()})
	}
	stop()
	err := storetest.WaitFor(t.Context(), 20*time.Second, func() error {
		if subscribers, err := server.Client().PubSubNumPat(t.Context()).Result(); subscribers == 0 {
			return fmt.Errorf("nobody listens (%v)", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	publish(t, client, "n", fmt.Sprint(len(published)))
	published = append(published, span{begun, time.Now()})
	gaps := account(t, published, n.gather(len(published)-1))
	// One that is killed while it is being made counts to the gap before it.
	if kills < 100 || gaps > kills || gaps < kills/2 {
		t.Errorf("%d kills and %d gaps", kills, gaps)
	}
}

// TestSubscribeBlackHole lets the network swallow everything. It takes no longer than two
// probes to notice.
func TestSubscribeBlackHole(t *testing.T) {
	server := storetest.RunRedis(t)
	proxy := storetest.RunProxy(t, server.Addr)
	client := open(t, server.URL())
	const probe = 500 * time.Millisecond
	n := subscribe(t, open(t, proxy.URL()), store.SubscribeOptions{
		Channels: []string{"n"}, Probe: probe,
	})
	publish(t, client, "n", "0")
	n.event()
	proxy.BlackHole()
	begun := time.Now()
	publish(t, client, "n", "1")
	published := []span{{}, {begun, time.Now()}}
	err := storetest.WaitFor(t.Context(), 20*time.Second, func() error {
		if listeners := publish(t, client, "n", "2").Receivers; listeners > 0 {
			return fmt.Errorf("%d listen", listeners)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	noticed := time.Since(begun)
	proxy.Pass()
	waitListening(t, server, "igniter:store:api:events:n")
	publish(t, client, "n", "3")
	gap := n.gap()
	if !strings.HasPrefix(gap.Reason, "the server did not answer for ") {
		t.Errorf("the gap is %+v", gap)
	}
	if !within(published[1], []span{{gap.From, gap.To}}) {
		t.Errorf("the gap from %s to %s leaves out %s", gap.From, gap.To, begun)
	}
	if e := n.event(); string(e.Data) != "3" {
		t.Errorf("then came %s", e.Payload)
	}
	t.Logf("noticed after %s", noticed)
}

// TestSubscribeRestart restarts the server, which is down for a while.
func TestSubscribeRestart(t *testing.T) {
	server := storetest.RunRedis(t)
	n := subscribe(t, open(t, server.URL()), store.SubscribeOptions{Channels: []string{"n*"}})
	server.Kill()
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if gap := n.gap(); !gap.To.After(gap.From) {
		t.Errorf("the gap is %+v", gap)
	}
	publish(t, open(t, server.URL()), "n", "1")
	n.event()
}

// TestSubscribePaused pauses all clients for longer than the timeout. A subscription does
// not break of it, as long as the probe is longer.
func TestSubscribePaused(t *testing.T) {
	server := storetest.RunRedis(t)
	client := open(t, server.URL())
	n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"n"}})
	if err := server.Client().Do(t.Context(), "CLIENT", "PAUSE", 1500, "ALL").Err(); err != nil {
		t.Fatal(err)
	}
	publish(t, client, "n", "1")
	if first := n.next(); first.Event == nil {
		t.Errorf("got %+v", first)
	}
}

// rejectedPings matches statistics with several pings that were refused.
var rejectedPings = regexp.MustCompile(`cmdstat_ping:.*rejected_calls=([5-9]|\d\d)`)

// TestSubscribeRefused is about what trying again would not help. It ends a subscription
// at once, whether at first or later.
func TestSubscribeRefused(t *testing.T) {
	server := storetest.RunRedis(t)
	admin := server.Client()
	allow := func(rules ...any) {
		t.Helper()
		if err := admin.Do(t.Context(), append([]any{"ACL", "SETUSER", "sub"}, rules...)...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	allow("on", ">pass", "resetchannels", "&igniter:store:api:events:n", "+subscribe", "+psubscribe")
	login := func(password string) *store.Client {
		return open(t, server.URL(), store.WithCredentials("sub", password))
	}
	for _, test := range []struct {
		password, channel string
		kind              store.Kind
		code              store.Code
	}{
		{"pass", "m", store.ErrRefused, store.CodeSubscribeFailed},
		{"pass", "*", store.ErrRefused, store.CodeSubscribeFailed},
		{"wrong", "n", store.ErrUnreachable, store.CodeConnectionFailed},
	} {
		o := store.SubscribeOptions{Channels: []string{test.channel}}
		err := listen(t, login(test.password), o).error()
		if !errors.Is(err, test.kind) || !errors.Is(err, test.code) {
			t.Errorf("%s with %s: %v", test.channel, test.password, err)
		}
	}
	// The user may not even ping; that is an answer as well.
	n := subscribe(t, login("pass"), store.SubscribeOptions{
		Channels: []string{"n"}, Probe: 50 * time.Millisecond,
	})
	err := storetest.WaitFor(t.Context(), 20*time.Second, func() error {
		stats, err := admin.Info(t.Context(), "commandstats").Result()
		if err == nil && !rejectedPings.MatchString(stats) {
			err = errors.New("not five pings yet")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	publish(t, open(t, server.URL()), "n", "1")
	if first := n.next(); first.Event == nil {
		t.Errorf("got %+v", first)
	}
	allow("resetchannels") // which ends the connection
	if err := n.error(); !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), "NOPERM") {
		t.Errorf("got %v", err)
	}
	if gap := n.gap(); !strings.HasSuffix(gap.Reason, "not connected again") {
		t.Errorf("the gap is %+v", gap)
	}
}

// TestSubscribeCutOff lets the server cut off a subscriber that does not read: the network
// to it stands still while more is published than the server keeps for it.
func TestSubscribeCutOff(t *testing.T) {
	server := storetest.RunRedis(t, storetest.WithArgs(
		"--client-output-buffer-limit", "pubsub 1mb 1mb 1"))
	proxy := storetest.RunProxy(t, server.Addr)
	client := open(t, server.URL())
	n := subscribe(t, open(t, proxy.URL()), store.SubscribeOptions{Channels: []string{"n"}})
	proxy.Latency(3 * time.Second) // each piece takes that long
	large := strings.Repeat("x", 100_000)
	var published []span
	listeners := int64(1)
	for i := 0; listeners > 0; i++ {
		begun := time.Now()
		listeners = publish(t, client, "n", `"`+fmt.Sprintf("%06d", i)+large+`"`).Receivers
		published = append(published, span{begun, time.Now()})
	}
	proxy.Latency(0)
	waitListening(t, server, "igniter:store:api:events:n")
	publish(t, client, "n", `"end"`)
	received := map[int]bool{}
	var deaf []span
	for end := false; !end; {
		switch notice := n.next(); {
		case notice.Gap != nil:
			deaf = append(deaf, span{notice.Gap.From, notice.Gap.To})
			if !strings.Contains(notice.Gap.Reason, "client-output-buffer-limit") {
				t.Errorf("the reason is %q", notice.Gap.Reason)
			}
		case string(notice.Event.Data) == `"end"`:
			end = true
		default:
			number, err := strconv.Atoi(string(notice.Event.Data[1:7]))
			if err != nil {
				t.Fatal(err)
			}
			received[number] = true
		}
	}
	for i, when := range published {
		if !received[i] && !within(when, deaf) {
			t.Errorf("%d of %d is missing outside of %d gaps", i, len(published), len(deaf))
		}
	}
	if len(received) == len(published) || len(deaf) != 1 {
		t.Errorf("%d of %d received, %d gaps", len(received), len(published), len(deaf))
	}
}

// TestPublishLost loses the answer to a publish. It was delivered, once, and is unknown.
func TestPublishLost(t *testing.T) {
	server := storetest.RunRedis(t)
	proxy := storetest.RunProxy(t, server.Addr)
	n := subscribe(t, open(t, server.URL()), store.SubscribeOptions{Channels: []string{"n"}})
	client := open(t, proxy.URL())
	unknown := 0
	for i := range 50 {
		if i%5 == 4 {
			proxy.LoseReplyTo("PUBLISH")
		} else {
			proxy.Pass()
		}
		_, err := client.Events().Publish(t.Context(), "n", i, store.PublishOptions{})
		if i%5 == 4 && errors.Is(err, store.ErrOutcomeUnknown) {
			unknown++
		} else if err != nil {
			t.Errorf("%d: %v", i, err)
		}
		if e := n.event(); string(e.Data) != fmt.Sprint(i) {
			t.Errorf("%s came for %d", e.Payload, i)
		}
	}
	if unknown != 10 {
		t.Errorf("%d outcomes are unknown, want 10", unknown)
	}
	proxy.LoseReplyTo("PUBLISH")
	report, err := client.Events().PublishAll(t.Context(), "n",
		store.ReadPayloads(strings.NewReader("50\n51\n")), store.PublishOptions{})
	if !errors.Is(err, store.ErrOutcomeUnknown) || report.Unknown == 0 || report.Published != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
