package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tenantstore/store/pkg/store/storetest"
)

func TestInteropEvents(t *testing.T) {
	t.Parallel()
	i := newInterop(t)
	t.Run("bytes", i.eventBytes)
	t.Run("theirs", i.eventsTheirs)
	t.Run("ours", i.eventsOurs)
	t.Run("foreign", i.eventsForeign)
	t.Run("wildcards", i.eventsWildcards)
	t.Run("commands", i.eventCommands)
}

// payloads are data of events that JavaScript writes as they stand here.
func payloads() []string {
	return []string{
		`{"id":"u1","n":[1,2.5,-3e-7],"nested":{"a":null,"b":true}}`, `"text"`, `""`, `42`, `null`, `[]`,
		`"<&>'` + "\u2028\u007f\ufeff日本é😀" + `"`, `"\u0000\u001b[31m\n\t\"\\"`, `"\ud83d"`,
	}
}

// eventNames are names of events, any of which the library publishes.
func eventNames() []string {
	return []string{
		"user:created", "a.b c", "user:*", "events:x", "日本é😀", `a "b" \ c`, "line\nbreak",
		"<&>\u2028\u007f", "\x1b[31m",
	}
}

// moment is the timestamp of an envelope.
var moment = regexp.MustCompile(`"timestamp":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)

// messages listens to a channel with the driver, past both sides.
func (i *interop) messages(t *testing.T, channel string) <-chan *redis.Message {
	t.Helper()
	subscription := i.server.Client().Subscribe(t.Context(), channel)
	t.Cleanup(func() { subscription.Close() })
	if _, err := subscription.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	return subscription.Channel()
}

// await receives from a channel, or gives up.
func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// eventBytes has both sides publish the same, in every place. What travels is the same to
// the byte, but for the time.
func (i *interop) eventBytes(t *testing.T) {
	places := []place{api(), tenant("7"), hostile()}
	for n, event := range eventNames() {
		p, data := places[n%len(places)], payloads()[n%len(payloads())]
		var channel strings.Builder
		channel.WriteString("igniter:store:" + p.service)
		for _, s := range p.scopes {
			channel.WriteString(":" + s[0] + ":" + s[1])
		}
		messages := i.messages(t, channel.String()+":events:"+event)
		i.library(t, p, "events.publish", event, json.RawMessage(data))
		theirs := await(t, messages).Payload
		i.prints(t, "1\n", p, "pub", "--", event, data)
		ours := await(t, messages).Payload
		if !moment.MatchString(theirs) ||
			moment.ReplaceAllString(ours, "T") != moment.ReplaceAllString(theirs, "T") {
			t.Errorf("%q: store publishes\n%q, the library\n%q", event, ours, theirs)
		}
	}
}

// listening runs `store sub` until it has printed count lines.
func (i *interop) listening(t *testing.T, p place, count int, args ...string) <-chan []string {
	t.Helper()
	before := i.subscribers(t)
	lines := make(chan []string, 1)
	go func() {
		got := i.store(t, p, append([]string{"sub", "-q", "--count", fmt.Sprint(count)}, args...)...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("store sub %q: %+v", args, got)
		}
		lines <- strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
	}()
	err := storetest.WaitFor(t.Context(), 20*time.Second, func() error {
		if i.subscribers(t) == before {
			return errors.New("store does not listen yet")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// subscribers counts the connections that listen.
func (i *interop) subscribers(t *testing.T) int {
	t.Helper()
	list, err := i.server.Client().Do(t.Context(), "CLIENT", "LIST", "TYPE", "PUBSUB").Text()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(list, "\n")
}

// eventsTheirs publishes with the library and listens with the command line.
func (i *interop) eventsTheirs(t *testing.T) {
	names, data := eventNames(), payloads()
	raw := i.listening(t, tenant("7"), len(names), "*", "-o", "raw")
	lines := i.listening(t, tenant("7"), len(names), "*", "-o", "jsonl")
	for n, event := range names {
		i.library(t, tenant("7"), "events.publish", event, json.RawMessage(data[n]))
		i.library(t, tenant("8"), "events.publish", event, "another tenant's")
		i.library(t, api(), "events.publish", event, "nobody's")
	}
	for n, line := range await(t, raw) {
		if line != data[n] {
			t.Errorf("the data of %q is %q, want %q", names[n], line, data[n])
		}
	}
	for n, line := range await(t, lines) {
		var e struct{ Channel, Type string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Channel != names[n] || e.Type != names[n] {
			t.Errorf("%q is shown as %s, %v", names[n], line, err)
		}
		if !strings.Contains(line, `,"data":`+data[n]+`,"timestamp":"`) ||
			!strings.HasSuffix(line, `Z","scope":{"key":"organization","identifier":"7"}}`) {
			t.Errorf("%q is shown as %s", names[n], line)
		}
	}
}

// eventsOurs publishes with the command line and listens with the library, which hands the
// envelope over as it is; the actor, which it has forgotten, too.
func (i *interop) eventsOurs(t *testing.T) {
	for n, event := range eventNames() {
		if strings.Contains(event, "*") {
			continue // see eventsWildcards
		}
		data := payloads()[n]
		feed, err := i.node.Subscribe(t.Context(), "api", tenant("9").scopes, event)
		if err != nil {
			t.Fatal(err)
		}
		i.prints(t, "1\n", tenant("9"), "--actor", "user=ada=1", "pub", "--", event, data)
		got := moment.ReplaceAllString(string(await(t, feed)), "T")
		quoted, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		var want, have any
		text := `{"type":` + string(quoted) + `,"data":` + data + `,"timestamp":"T",` +
			`"scope":{"key":"organization","identifier":"9"},"actor":{"key":"user","identifier":"ada=1"}}`
		if json.Unmarshal([]byte(text), &want) != nil ||
			json.Unmarshal([]byte(strings.Replace(got, "T,", `"timestamp":"T",`, 1)), &have) != nil ||
			fmt.Sprint(want) != fmt.Sprint(have) {
			t.Errorf("the library is given\n%s, want\n%s", got, text)
		}
	}
}

// eventsForeign sends what neither side publishes. Both wrap what is no envelope; what is
// no JSON the library drops, and we show.
func (i *interop) eventsForeign(t *testing.T) {
	const channel = "igniter:store:api:events:foreign"
	feed, err := i.node.Subscribe(t.Context(), "api", nil, "foreign")
	if err != nil {
		t.Fatal(err)
	}
	lines := i.listening(t, api(), 6, "foreign", "-o", "jsonl")
	for _, payload := range []string{
		`{"timestamp":1,"data":null,"type":null}`, `{"type":"a","data":1}`, `[1]`, `null`, `oops`, `2`,
	} {
		if err := i.redis.(*redis.Client).Publish(t.Context(), channel, payload).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for n, line := range await(t, lines) {
		if n == 4 {
			if !strings.Contains(line, `"data":"oops"`) || !strings.HasSuffix(line, `"invalid":"json"}`) {
				t.Errorf("text is shown as %s", line)
			}
			continue
		}
		var ours, theirs struct{ Type, Data json.RawMessage }
		if json.Unmarshal([]byte(line), &ours) != nil || json.Unmarshal(await(t, feed), &theirs) != nil ||
			fmt.Sprintf("%s", ours) != fmt.Sprintf("%s", theirs) {
			t.Errorf("store shows %s, the library gives %s", ours, theirs)
		}
	}
}

// eventsWildcards subscribes both sides to user:*. The library takes it for the name of an
// event and says nothing; we mean it.
func (i *interop) eventsWildcards(t *testing.T) {
	feed, err := i.node.Subscribe(t.Context(), "api", nil, "user:*")
	if err != nil {
		t.Fatal(err)
	}
	lines := i.listening(t, api(), 3, "user:*", "-o", "raw")
	i.library(t, api(), "events.publish", "user:created", 1)
	i.prints(t, "1\n", api(), "pub", "user:removed", "2")
	i.library(t, api(), "events.publish", "users", 0)
	i.prints(t, "2\n", api(), "pub", "user:*", "3")
	if got := strings.Join(await(t, lines), " "); got != "1 2 3" {
		t.Errorf("store shows %s", got)
	}
	if got := string(await(t, feed)); !strings.Contains(got, `"data":3`) {
		t.Errorf("the library is given %s first", got)
	}
}

// eventCommands compares what either side sends.
func (i *interop) eventCommands(t *testing.T) {
	m := watch(t, i.server)
	want := `publish "igniter:store:api:events:x" "{\"type\":\"x\",\"data\":1,\"timestamp\":`
	i.library(t, api(), "events.publish", "x", 1)
	theirs := m.commands(t)
	i.prints(t, "0\n", api(), "pub", "x", "1")
	ours := m.commands(t)
	for side, got := range map[string][]string{"library": theirs, "store": ours} {
		if len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s sends %q, want %q", side, got, want)
		}
	}
}
