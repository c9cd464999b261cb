package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// notices is a subscription that a test listens to.
type notices struct {
	t      *testing.T
	all    chan store.Notice
	failed chan error // receives the error that ended it
	stop   context.CancelFunc
	ended  chan struct{} // closed when the loop was left
}

// subscribe listens and returns when the server has confirmed.
func subscribe(t *testing.T, client *store.Client, o store.SubscribeOptions) *notices {
	t.Helper()
	n := listen(t, client, o)
	if first := n.next(); first.Subscribed == nil {
		t.Fatalf("the first notice is %+v", first)
	}
	return n
}

func listen(t *testing.T, client *store.Client, o store.SubscribeOptions) *notices {
	ctx, stop := context.WithCancel(t.Context())
	n := &notices{
		t: t, all: make(chan store.Notice, 100_000), failed: make(chan error, 1), stop: stop,
		ended: make(chan struct{}),
	}
	go func() {
		defer close(n.ended)
		for notice, err := range client.Events().Subscribe(ctx, o) {
			if err != nil {
				n.failed <- err
				return
			}
			n.all <- notice
		}
	}()
	t.Cleanup(func() {
		stop()
		<-n.ended
	})
	return n
}

// next waits for the next notice.
func (n *notices) next() store.Notice {
	n.t.Helper()
	select {
	case notice := <-n.all:
		return notice
	case err := <-n.failed:
		n.t.Fatalf("the subscription ended: %v", err)
	case <-time.After(20 * time.Second):
		n.t.Fatal("nothing came")
	}
	return store.Notice{}
}

// event waits for the next event, behind gaps where there are any.
func (n *notices) event() *store.Event {
	n.t.Helper()
	for {
		if notice := n.next(); notice.Event != nil {
			return notice.Event
		}
	}
}

// gap waits for a gap.
func (n *notices) gap() *store.Gap {
	n.t.Helper()
	for {
		if notice := n.next(); notice.Gap != nil {
			return notice.Gap
		}
	}
}

// error waits for the end.
func (n *notices) error() error {
	n.t.Helper()
	select {
	case err := <-n.failed:
		<-n.ended
		return err
	case <-time.After(20 * time.Second):
		n.t.Fatal("the subscription goes on")
	}
	return nil
}

// publish publishes and fails the test if it cannot.
func publish(t *testing.T, client *store.Client, event, data string) store.Published {
	t.Helper()
	p, err := client.Events().Publish(t.Context(), event, store.Value(data), store.PublishOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// scoped returns the client of a chain of scopes, written a=1,b=2.
func scoped(t *testing.T, client *store.Client, chain string) *store.Client {
	t.Helper()
	for text := range strings.SplitSeq(chain, ",") {
		if text == "" {
			continue
		}
		s, err := store.ParseScope(text)
		if err == nil {
			client, err = client.Scope(s.Key, s.Identifier)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return client
}

// timestamp is what toISOString gives.
var timestamp = regexp.MustCompile(`"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)

func TestEventsEnvelope(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		client := open(t, url, store.WithMemory(sharedMemory(t)))
		acting, err := client.Actor("user", `a"<&>`)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			client            *store.Client
			event, data, want string
		}{
			{client, "user:created", `{"b":1,"a":12345678901234567890}`,
				`{"type":"user:created","data":{"b":1,"a":12345678901234567890},T}`},
			{scoped(t, client, "org=1,ws=\u2028<7>"), "a b.c*", `"<&>"`,
				`{"type":"a b.c*","data":"<&>",T,"scope":{"key":"ws","identifier":"` + "\u2028" + `<7>"}}`},
			{scoped(t, acting, "org=1"), "x", `null`,
				`{"type":"x","data":null,T,"scope":{"key":"org","identifier":"1"},` +
					`"actor":{"key":"user","identifier":"a\"<&>"}}`},
			{acting, "\x1b\u009b\n", `1`,
				`{"type":"\u001b` + "\u009b" + `\n","data":1,T,"actor":{"key":"user","identifier":"a\"<&>"}}`},
		} {
			n := subscribe(t, test.client, store.SubscribeOptions{Channels: []string{"*"}})
			before := time.Now().UTC().Truncate(time.Millisecond)
			if p := publish(t, test.client, test.event, test.data); p.Channel != test.event {
				t.Errorf("published on %q, want %q", p.Channel, test.event)
			}
			e := n.event()
			got := timestamp.ReplaceAllString(string(e.Payload), "T")
			if got != test.want {
				t.Errorf("%q is published as\n%s, want\n%s", test.event, got, test.want)
			}
			if e.Channel != test.event || string(e.Data) != test.data {
				t.Errorf("%q arrives as %q with %s", test.event, e.Channel, e.Data)
			}
			var at time.Time
			if json.Unmarshal(e.Timestamp, &at); at.Before(before) || at.After(time.Now()) {
				t.Errorf("published at %s, not between %s and now", at, before)
			}
		}
	})
}

// sharedMemory is an embedded server for the clients of one test.
func sharedMemory(t *testing.T) *store.Memory {
	m := store.NewMemory()
	t.Cleanup(m.Close)
	return m
}

func TestEventsPatterns(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		client := open(t, url, store.WithMemory(sharedMemory(t)))
		events := []string{"user:created", "user:?", "user:[a]", `user:\`, "user", "job:user:x", "user:"}
		for i, test := range []struct {
			channels []string
			want     string
		}{
			{[]string{"user:created"}, "user:created"},
			{[]string{"user:*"}, `user:created user:? user:[a] user:\ user:`},
			{[]string{"*user*"}, strings.Join(events, " ")},
			{[]string{"*"}, strings.Join(events, " ")},
			{[]string{"user:?"}, "user:?"},
			{[]string{"user:[a]*"}, "user:[a]"},
			{[]string{`*\`, "u*r"}, `user:\ user`},
			{[]string{"*:x", "job:*", "job:user:x", "*", "*"}, strings.Join(events, " ")},
			{[]string{"user:created", "user:created", "u*d"}, "user:created"},
		} {
			// In a cluster events of the last round may still be on their way.
			client := scoped(t, client, fmt.Sprint("round=", i))
			n := subscribe(t, client, store.SubscribeOptions{Channels: test.channels})
			for _, event := range events {
				publish(t, client, event, fmt.Sprint(i))
			}
			end := strings.ReplaceAll(test.channels[0], "*", "end")
			publish(t, client, end, fmt.Sprint(i))
			var want []string
			for _, channel := range append(strings.Fields(test.want), end) {
				want = append(want, fmt.Sprint(channel, " ", i))
			}
			sameEvents(t, fmt.Sprint(test.channels), n, want, func(e *store.Event) string {
				return e.Channel + " " + string(e.Data)
			})
			n.stop()
		}
	})
}

// sameEvents waits for events, described by text, in any order: those of different channels
// can overtake each other in a cluster.
func sameEvents(t *testing.T, what string, n *notices, want []string,
	text func(*store.Event) string,
) {
	t.Helper()
	var got []string
	for range want {
		got = append(got, text(n.event()))
	}
	slices.Sort(got)
	if sorted := slices.Sorted(slices.Values(want)); !slices.Equal(got, sorted) {
		t.Errorf("%s: received %q, want %q", what, got, sorted)
	}
}

func TestEventsRecursive(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		memory := store.WithMemory(sharedMemory(t))
		client := open(t, url, memory)
		other := open(t, url, memory, store.WithService("web"))
		below := subscribe(t, scoped(t, client, "org=1"), store.SubscribeOptions{
			Channels: []string{"x:*"}, Recursive: true,
		})
		all := subscribe(t, open(t, url, memory, store.WithService("")), store.SubscribeOptions{
			Channels: []string{"*"}, AllServices: true,
		})
		publish(t, client, "x:0", "0")
		publish(t, scoped(t, client, "org=1"), "x:1", "1")
		publish(t, scoped(t, client, "org=10"), "x:no", "2")
		publish(t, scoped(t, client, "org=1,ws=2"), "x:2", "3")
		publish(t, scoped(t, client, "org=1,ws=2,kv=3"), "x:events:2", "4")
		publish(t, other, "x:0", "5")
		publish(t, scoped(t, client, "org=1"), "x:end", "6")

		sameEvents(t, "recursive", below, []string{
			`x:1 org=1`, `x:2 org=1 ws=2`, `x:events:2 org=1 ws=2 kv=3`, `x:end org=1`,
		}, compactEvent)
		sameEvents(t, "all services", all, []string{
			`api x:0`, `api x:1 org=1`, `api x:no org=10`, `api x:2 org=1 ws=2`,
			`api x:events:2 org=1 ws=2 kv=3`, `web x:0`, `api x:end org=1`,
		}, func(e *store.Event) string { return e.Service + " " + compactEvent(e) })
	})
}

func compactEvent(e *store.Event) string {
	var text strings.Builder
	text.WriteString(e.Channel)
	for _, s := range e.Scopes {
		text.WriteString(" " + s.String())
	}
	return text.String()
}

// TestEventsTenants gives tenants names that mean something in patterns and in keys. None
// hears another.
func TestEventsTenants(t *testing.T) {
	server := storetest.RunRedis(t)
	ids := []string{`*`, `a`, `a*`, `?`, `[a]`, `\`, `\*`, `a:events:x`, `^`, "日本", "\n", `a:org:b`}
	client := open(t, server.URL())
	var listening []*notices
	for _, id := range ids {
		for _, channel := range []string{"x", "x*", "*x"} {
			listening = append(listening, subscribe(t, scoped(t, client, "org="+id),
				store.SubscribeOptions{Channels: []string{channel}}))
		}
	}
	for _, id := range ids {
		publish(t, scoped(t, client, "org="+id), "x", `"`+fmt.Sprintf("%x", id)+`"`)
		publish(t, scoped(t, client, "org="+id), "xendx", `"end"`)
		publish(t, scoped(t, client, "org="+id), "x", `"end"`)
	}
	for i, n := range listening {
		want := fmt.Sprintf(`"%x"`, ids[i/3])
		for e := n.event(); string(e.Data) != `"end"`; e = n.event() {
			if string(e.Data) != want {
				t.Errorf("tenant %q hears %s", ids[i/3], e.Payload)
			}
		}
	}
}

func TestEventsRefused(t *testing.T) {
	client := open(t, "memory://")
	for _, test := range []struct {
		err  func() error
		code store.Code
	}{
		{func() error {
			_, err := client.Events().Publish(t.Context(), "", 1, store.PublishOptions{})
			return err
		}, store.CodeKeyRequired},
		{func() error {
			_, err := client.Events().Publish(t.Context(), "\xff", 1, store.PublishOptions{})
			return err
		}, store.CodeSerializationFailed},
		{func() error {
			_, err := client.Events().Publish(t.Context(), "x", make(chan int), store.PublishOptions{})
			return err
		}, store.CodeSerializationFailed},
		{func() error {
			_, err := client.Events().Publish(t.Context(), "x", 1, store.PublishOptions{Strict: true})
			return err
		}, store.CodeSchemaChannelNotFound},
		{func() error {
			readOnly := open(t, "memory://", store.WithReadOnly())
			_, err := readOnly.Events().Publish(t.Context(), "x", 1, store.PublishOptions{})
			return err
		}, store.CodeReadOnly},
		{func() error {
			deaf := open(t, "", store.WithAdapter(noEvents{}))
			_, err := deaf.Events().Publish(t.Context(), "x", 1, store.PublishOptions{})
			return err
		}, store.CodeConfigurationInvalid},
		{func() error { return listen(t, client, store.SubscribeOptions{}).error() }, store.CodeKeyRequired},
		{func() error {
			return listen(t, client, store.SubscribeOptions{Channels: []string{"a", ""}}).error()
		}, store.CodeKeyRequired},
		{func() error {
			nobody := open(t, "memory://", store.WithService(""))
			return listen(t, nobody, store.SubscribeOptions{Channels: []string{"a"}}).error()
		}, store.CodeServiceRequired},
		{func() error {
			deaf := open(t, "", store.WithAdapter(noEvents{}))
			return listen(t, deaf, store.SubscribeOptions{Channels: []string{"a"}}).error()
		}, store.CodeConfigurationInvalid},
	} {
		err := test.err()
		if !errors.Is(err, test.code) || !errors.Is(err, store.ErrInvalid) {
			t.Errorf("got %v, want %s", err, test.code)
		}
	}
}

// noEvents is an adapter that knows nothing of events.
type noEvents struct{ store.Adapter }

func (noEvents) Close() error { return nil }

// schemas judges the events known:…, whose data must be a number.
type schemas struct{}

func (schemas) Validate(event string, data store.Value) (bool, []store.Violation, error) {
	switch {
	case event == "broken":
		return false, nil, errors.New("no such draft")
	case !strings.HasPrefix(event, "known"):
		return false, nil, nil
	case json.Unmarshal(data, new(float64)) != nil || string(data) == "null":
		return true, []store.Violation{{Path: "/id", Keyword: "type", Message: "is no number"}}, nil
	}
	return true, nil, nil
}

func TestEventsValidate(t *testing.T) {
	memory := sharedMemory(t)
	lax := store.ValidationOptions{ValidatePublish: true}
	for _, test := range []struct {
		name, event string
		data        any
		validation  store.ValidationOptions
		strict      bool
		want        store.Code
	}{
		{"valid", "known:a", 1, store.DefaultValidation(), true, ""},
		{"broken schema", "known:a", "x", store.DefaultValidation(), false, store.CodeSchemaValidation},
		{"never judged", "known:a", "x", store.ValidationOptions{}, false, ""},
		{"not thrown", "known:a", "x", lax, false, ""},
		{"unknown", "a", "x", store.DefaultValidation(), false, ""},
		{"strict", "a", 1, store.DefaultValidation(), true, store.CodeSchemaChannelNotFound},
		{"unusable", "broken", 1, store.DefaultValidation(), false, store.CodeConfigurationInvalid},
	} {
		client := open(t, "memory://", store.WithMemory(memory), store.WithEvents(schemas{}, test.validation))
		n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"*"}})
		let := 0
		_, err := client.Events().Publish(t.Context(), test.event, test.data, store.PublishOptions{
			Strict: test.strict, OnInvalid: func(v []store.Violation) { let += len(v) },
		})
		if passed := test.name == "not thrown"; passed != (let == 1) {
			t.Errorf("%s: told of %d violations", test.name, let)
		}
		if test.want == "" != (err == nil) || err != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
		if err == nil {
			n.event()
			continue
		}
		failure, _ := errors.AsType[*store.Error](err)
		if judged := test.want == store.CodeSchemaValidation; judged != (len(failure.Details) == 1) {
			t.Errorf("%s: the details are %v", test.name, failure.Details)
		}
		publish(t, open(t, "memory://", store.WithMemory(memory)), "end", "1")
		if e := n.event(); e.Channel != "end" {
			t.Errorf("%s: %s was sent", test.name, e.Payload)
		}
	}
}

// TestEventsJudged listens with schemas. They go by the type in the envelope.
func TestEventsJudged(t *testing.T) {
	memory := store.WithMemory(sharedMemory(t))
	client := open(t, "memory://", memory, store.WithEvents(schemas{}, store.DefaultValidation()))
	n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"*"}, Validate: true})
	plain := subscribe(t, client, store.SubscribeOptions{Channels: []string{"*"}})
	past := open(t, "memory://", memory)
	for _, test := range []struct{ event, data, want string }{
		{"known:a", "1", `,"valid":true}`},
		{"known:a", `"x"`, `,"valid":false,"violations":[{"path":"/id","keyword":"type","message":"is no number"}]}`},
		{"a", `"x"`, `Z"}`},
		{"broken", `1`, `"valid":false,"violations":[{"path":"","keyword":"",` +
			`"message":"the schema cannot be used: no such draft"}]}`},
	} {
		publish(t, past, test.event, test.data)
		e := n.event()
		got, err := e.AppendJSON(nil)
		if err != nil || !strings.HasSuffix(string(got), test.want) || !json.Valid(got) {
			t.Errorf("%s %s is shown as %s, %v", test.event, test.data, got, err)
		}
		if e := plain.event(); e.Judged {
			t.Errorf("%s was judged although nobody asked", e.Payload)
		}
	}
}

func TestPublishAll(t *testing.T) {
	onEachServer(t, func(t *testing.T, url string) {
		client := open(t, url, store.WithMemory(sharedMemory(t)),
			store.WithEvents(schemas{}, store.DefaultValidation()))
		n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"known:a"}})
		var text strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&text, "%d\n", i)
		}
		text.WriteString("\n\"wrong\"\n{]\n  5000\r\n")
		var failed []string
		report, err := client.Events().PublishAll(t.Context(), "known:a",
			store.ReadPayloads(strings.NewReader(text.String())), store.PublishOptions{
				OnError: func(e store.RowError) { failed = append(failed, fmt.Sprint(e.Line, " ", e.Err)) },
			})
		if err != nil || report.Published != 5001 || report.Failed != 2 || report.Unknown != 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		want := []string{
			`5002 event payload validation failed for "known:a"`,
			`5003 the value is not valid JSON (byte 1)`,
		}
		if !slices.Equal(failed, want) {
			t.Errorf("failed: %q, want %q", failed, want)
		}
		for i := range 5001 {
			if e := n.event(); string(e.Data) != fmt.Sprint(i) {
				t.Fatalf("event %d is %s", i, e.Payload)
			}
		}
	})
}

func TestEventsTelemetry(t *testing.T) {
	var r recorder
	client := open(t, "memory://", store.WithTelemetry(&r))
	n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"user:*", "x"}})
	n.stop()
	n.error()
	if _, err := client.Events().Publish(t.Context(), "x", 1, store.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(r.events, "\n")
	for _, want := range []string{
		"events.subscribe.started DEBUG store.service=api store.namespace=events " +
			"events.channel=user:* events.wildcard=true",
		"events.subscribe.success DEBUG store.service=api store.namespace=events " +
			"events.channel=x events.wildcard=false",
		"events.unsubscribe.success DEBUG store.service=api store.namespace=events events.channel=user:*",
		"events.publish.success DEBUG store.service=api store.namespace=events events.channel=x",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
