package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenantstore/store/pkg/store"
)

// radio is an adapter whose connections a test makes and breaks.
type radio struct {
	store.Adapter
	mu     sync.Mutex
	asked  []time.Time // when a connection was asked for
	refuse []error     // what is answered, in turn; then connections are made
	feeds  chan *radioFeed
}

func newRadio(refuse ...error) *radio {
	return &radio{refuse: refuse, feeds: make(chan *radioFeed, 1)}
}

func (*radio) Close() error { return nil }

func (*radio) Publish(context.Context, []store.ChannelMessage) []store.Result { return nil }

func (r *radio) Listen(context.Context, store.ListenRequest) (store.Feed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, time.Now())
	if len(r.refuse) > 0 {
		err := r.refuse[0]
		r.refuse = r.refuse[1:]
		if err != nil {
			return nil, err
		}
	}
	f := &radioFeed{since: time.Now(), sent: make(chan []store.ChannelMessage), closed: make(chan struct{})}
	r.feeds <- f
	return f, nil
}

// radioFeed is one of its connections.
type radioFeed struct {
	since  time.Time
	sent   chan []store.ChannelMessage
	once   sync.Once
	closed chan struct{}
}

func (f *radioFeed) Next() ([]store.ChannelMessage, error) {
	select {
	case messages := <-f.sent:
		return messages, nil
	case <-f.closed:
		return nil, io.EOF
	}
}

func (f *radioFeed) Certain() time.Time { return f.since }

func (f *radioFeed) Close() error {
	f.once.Do(func() { close(f.closed) })
	return nil
}

// send sends payloads on the channel x.
func (f *radioFeed) send(payloads ...string) {
	var messages []store.ChannelMessage
	for _, p := range payloads {
		messages = append(messages, store.ChannelMessage{
			Channel: "igniter:store:api:events:x", Payload: []byte(p),
		})
	}
	f.sent <- messages
}

func refused(text string) error {
	return &store.Error{
		Kind: store.ErrUnreachable, Code: store.CodeConnectionFailed, Err: errors.New(text), Reason: text,
	}
}

func TestSubscribeBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failures []error
		for range 20 {
			failures = append(failures, refused("connection refused"))
		}
		r := newRadio(append([]error{nil}, failures...)...)
		n := subscribe(t, open(t, "", store.WithAdapter(r)), store.SubscribeOptions{Channels: []string{"x"}})
		feed := <-r.feeds
		feed.send("1")
		n.event()
		feed.Close()
		lost := time.Now()
		<-r.feeds
		gap := n.next().Gap
		if gap == nil || gap.From.After(lost) || gap.To.Before(time.Now()) ||
			gap.Reason != "the server closed the connection" {
			t.Errorf("the gap is %+v", gap)
		}
		if len(r.asked) != 22 {
			t.Fatalf("asked %d times", len(r.asked))
		}
		for i, delay := 2, 100*time.Millisecond; i < len(r.asked); i++ {
			delay = min(2*delay, time.Second)
			wait := r.asked[i].Sub(r.asked[i-1])
			if wait < delay/2 || wait > delay {
				t.Errorf("wait %d is %s, want up to %s", i, wait, delay)
			}
		}
		n.stop()
		n.error()
	})
}

func TestSubscribeGivesUp(t *testing.T) {
	denied := &store.Error{Kind: store.ErrRefused, Code: store.CodeSubscribeFailed, Err: noPermission("NOPERM x"), Reason: "NOPERM x"}
	loading := &store.Error{Kind: store.ErrRefused, Code: store.CodeSubscribeFailed, Err: noPermission("LOADING x"), Reason: "LOADING x"}
	down := refused("connection refused")
	for _, test := range []struct {
		name    string
		answers []error
		want    error
		gaps    int
		after   time.Duration // of the loss, at most
	}{
		{"at first", []error{down}, store.ErrUnreachable, 0, 0},
		{"denied at first", []error{denied}, store.ErrRefused, 0, 0},
		{"loading at first", []error{loading}, store.ErrRefused, 0, 0},
		{"denied later", []error{nil, down, loading, denied}, store.ErrRefused, 1, time.Second},
		{"too long", slices.Concat([]error{nil, down, loading}, slices.Repeat([]error{down}, 20)), store.ErrUnreachable, 1, 5 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRadio(test.answers...)
				n := listen(t, open(t, "", store.WithAdapter(r)), store.SubscribeOptions{
					Channels: []string{"x"}, MaxWait: 5 * time.Second,
				})
				begun := time.Now()
				if test.answers[0] == nil {
					(<-r.feeds).Close()
				}
				err := n.error()
				if !errors.Is(err, test.want) || time.Since(begun) > test.after {
					t.Errorf("got %v after %s", err, time.Since(begun))
				}
				gaps := 0
				for len(n.all) > 0 {
					if gap := (<-n.all).Gap; gap != nil {
						gaps++
						if !strings.HasSuffix(gap.Reason, "; not connected again") {
							t.Errorf("the gap is %+v", gap)
						}
					}
				}
				if gaps != test.gaps {
					t.Errorf("%d gaps, want %d", gaps, test.gaps)
				}
			})
		})
	}
}

// noPermission is an answer of the server.
type noPermission string

func (e noPermission) Error() string { return string(e) }
func (noPermission) RedisError()     {}

// TestSubscribeStops ends a subscription while it is connected, and while it is not: then
// it was deaf until the end, and says so.
func TestSubscribeStops(t *testing.T) {
	for _, connected := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := newRadio(nil, refused("no"), refused("no"), refused("no"), refused("no"))
			n := subscribe(t, open(t, "", store.WithAdapter(r)), store.SubscribeOptions{Channels: []string{"x"}})
			feed := <-r.feeds
			feed.send("1", "2", "3")
			if !connected {
				feed.Close()
				synctest.Wait()
			}
			n.stop()
			if err := n.error(); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			events, gaps := 0, 0
			for len(n.all) > 0 {
				if (<-n.all).Event != nil {
					events++
				} else {
					gaps++
				}
			}
			if want := map[bool]int{true: 0, false: 1}[connected]; events != 3 || gaps != want {
				t.Errorf("connected %t: %d events and %d gaps", connected, events, gaps)
			}
		})
	}
}

// TestSubscribeDrops lets the loop take nothing while much arrives. What does not fit is
// counted, and everything is accounted for.
func TestSubscribeDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRadio()
		client := open(t, "", store.WithAdapter(r))
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		release := make(chan struct{})
		var got []string
		ended := make(chan error)
		go func() {
			for n, err := range client.Events().Subscribe(ctx, store.SubscribeOptions{
				Channels: []string{"x"}, Backlog: 10_000,
			}) {
				switch {
				case err != nil:
					ended <- err
				case n.Gap != nil:
					got = append(got, fmt.Sprint("dropped ", n.Gap.Dropped))
				case n.Event != nil:
					got = append(got, string(n.Event.Data))
					<-release
				}
			}
		}()
		feed := <-r.feeds
		send := func(from, to int) {
			for i := from; i < to; i++ {
				feed.send(fmt.Sprint(i))
				synctest.Wait()
			}
		}
		send(0, 1000)
		for range 60 { // more than half of those that fit
			release <- struct{}{}
		}
		synctest.Wait()
		send(1000, 1010)
		close(release)
		synctest.Wait()
		send(1010, 1011)
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		next := 0
		for _, text := range got {
			dropped := 0
			if _, err := fmt.Sscanf(text, "dropped %d", &dropped); err == nil {
				next += dropped
				continue
			}
			if text != fmt.Sprint(next) {
				t.Fatalf("%s comes where %d should in %q", text, next, got)
			}
			next++
		}
		if next != 1011 || len(got) < 80 || len(got) > 120 {
			t.Errorf("%d of 1011 events are accounted for in %d notices", next, len(got))
		}
	})
}

// TestSubscribeLarge lets an event through that is larger than the backlog.
func TestSubscribeLarge(t *testing.T) {
	client := open(t, "memory://")
	n := subscribe(t, client, store.SubscribeOptions{Channels: []string{"x"}, Backlog: 1})
	large := `"` + strings.Repeat("a", 10<<20) + `"`
	publish(t, client, "x", large)
	if e := n.event(); string(e.Data) != large {
		t.Errorf("got %d bytes", len(e.Data))
	}
}

// TestSubscribeIdle flushes when there is nothing more, and ends with what that says.
func TestSubscribeIdle(t *testing.T) {
	full := errors.New("no space left on device")
	n := listen(t, open(t, "memory://"), store.SubscribeOptions{
		Channels: []string{"x"}, OnIdle: func() error { return full },
	})
	if err := n.error(); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// restless is an adapter whose subscriptions end at once, and which after that answers with
// one error after the other.
type restless struct {
	broken
	answers []error
}

func (r *restless) Listen(context.Context, store.ListenRequest) (store.Feed, error) {
	answer := r.answers[0]
	if r.answers = r.answers[1:]; answer != nil {
		return nil, answer
	}
	return silent{}, nil
}

// TestSubscribeRefusedAgain ends a subscription when an adapter refuses to listen again, and
// goes on after what may pass.
func TestSubscribeRefusedAgain(t *testing.T) {
	away := &store.Error{Kind: store.ErrUnreachable, Code: store.CodeConnectionFailed}
	for _, kind := range []store.Kind{store.ErrRefused, store.ErrInvalid} {
		synctest.Test(t, func(t *testing.T) {
			final := &store.Error{Kind: kind, Code: store.CodeOperationFailed, Reason: "no more"}
			r := &restless{answers: []error{nil, away, nil, away, away, final}}
			client := open(t, "", store.WithAdapter(r))
			gaps := 0
			var failed error
			o := store.SubscribeOptions{Channels: []string{"x"}}
			for n, err := range client.Events().Subscribe(t.Context(), o) {
				if failed = err; n.Gap != nil {
					gaps++
				}
			}
			if !errors.Is(failed, kind) || !errors.Is(failed, store.CodeSubscribeFailed) {
				t.Errorf("got %v, want the kind %q", failed, kind)
			}
			if gaps != 2 || len(r.answers) != 0 {
				t.Errorf("%d gaps, and %d answers were not asked for", gaps, len(r.answers))
			}
		})
	}
}
