package stream

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"github.com/tenantstore/store/cmd/internal/child"
	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// worker runs a command for every message.
type worker struct {
	tool    *cli.Tool
	stream  string
	path    string   // of the program
	command []string // with its name
	members
	jobs, count int
	options     store.ConsumeOptions

	mu      sync.Mutex
	running map[*child.Child]bool
	counts  counts
}

// counts say what became of the messages.
type counts struct{ done, failed, dead int }

func (w *worker) tally(change func(*counts)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.counts)
}

// run works until it is told to stop, or until the messages asked for are dealt with.
// The commands that run then are waited for.
func (w *worker) run(ctx context.Context) error {
	client, err := w.tool.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	w.running = map[*child.Child]bool{}
	signals := child.Listen()
	defer signals.Stop()
	taking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ended := make(chan struct{})
	defer close(ended)
	go w.obey(signals, stop, ended)

	group := client.Streams().Group(w.stream, w.group)
	err = w.work(taking, group, stop)
	return w.answer(err)
}

// enough is the end of taking messages once there are as many as asked for.
type enough struct{}

func (enough) Error() string { return "there are as many messages as asked for" }

// work runs a command for each message and waits for the last of them.
func (w *worker) work(ctx context.Context, group store.Group, stop func(error)) error {
	var jobs sync.WaitGroup
	defer jobs.Wait()
	room := make(chan struct{}, w.jobs)
	taken := 0
	for d, err := range group.Consume(ctx, w.consumer, w.options) {
		if err != nil {
			return err
		}
		room <- struct{}{}
		jobs.Go(func() {
			defer func() { <-room }()
			if err := w.job(context.WithoutCancel(ctx), d); err != nil {
				stop(err)
			}
		})
		if taken++; taken == w.count {
			return enough{}
		}
		// The next message is taken when there is room to work on it, not before.
		select {
		case room <- struct{}{}:
			<-room
		case <-ctx.Done():
		}
	}
	return nil
}

// job runs the command for one message and acknowledges the message, or leaves it. The
// error is for a command that cannot be run at all.
func (w *worker) job(ctx context.Context, d *store.Delivery) error {
	status, err := w.execute(d)
	if err == nil && status == 0 {
		if err := d.Ack(ctx); err != nil {
			w.tally(func(c *counts) { c.failed++ })
			w.notef("%s: the command succeeded, but the message could not be acknowledged and "+
				"will be delivered again: %v", d.ID, err)
			return nil
		}
		w.tally(func(c *counts) { c.done++ })
		return nil
	}
	w.tally(func(c *counts) { c.failed++ })
	if err == nil {
		w.notef("%s: the command exited with %d (delivery %d)", d.ID, status, d.Deliveries)
	}
	if failure := d.Leave(ctx); failure != nil {
		w.notef("%s: it stays pending: %v", d.ID, failure)
	}
	return err
}

// execute runs the command and returns its exit status.
func (w *worker) execute(d *store.Delivery) (int, error) {
	input, err := d.Message.Message.MarshalJSON()
	if err != nil {
		return 0, err
	}
	c, err := child.Start(w.tool, child.Command{
		Path: w.path, Args: w.command, Env: w.environment(d), In: append(input, '\n'),
	})
	if err != nil {
		return 0, child.CannotRun("stream consume", err)
	}
	w.keep(c, true)
	defer w.keep(c, false)
	<-c.Ended()
	return c.Status(), nil
}

// environment is what the command sees.
func (w *worker) environment(d *store.Delivery) []string {
	return child.Environment(w.tool,
		"STORE_STREAM="+w.stream,
		"STORE_STREAM_ID="+d.ID,
		"STORE_STREAM_GROUP="+w.group,
		"STORE_STREAM_CONSUMER="+w.consumer,
		"STORE_STREAM_DELIVERIES="+strconv.FormatInt(d.Deliveries, 10),
	)
}

// keep remembers which commands run.
func (w *worker) keep(c *child.Child, runs bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if runs {
		w.running[c] = true
	} else {
		delete(w.running, c)
	}
}

// obey stops taking messages at the first signal. A second one is passed on to the
// commands that run, and later ones kill them.
func (w *worker) obey(signals child.Signals, stop func(error), ended <-chan struct{}) {
	for n := 1; ; n++ {
		select {
		case <-ended:
			return
		case s := <-signals:
			switch {
			case n == 1:
				stop(cli.Interrupted{Signal: s})
				w.finishing()
			case n > 2:
				s = os.Kill
			}
			if n > 1 {
				w.signal(s)
			}
		}
	}
}

// finishing says what is waited for.
func (w *worker) finishing() {
	w.mu.Lock()
	n := len(w.running)
	w.mu.Unlock()
	if n > 0 {
		w.notef("told to end; %d commands are let finish (a second signal is passed on to them)", n)
	}
}

func (w *worker) signal(s os.Signal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.running {
		c.Signal(s)
	}
}

// answer sums up, and turns the end into an exit code.
func (w *worker) answer(err error) error {
	c := w.counts
	summary := fmt.Sprintf("done %d, failed %d", c.done, c.failed)
	if c.dead > 0 {
		summary += fmt.Sprintf(", dead-lettered %d", c.dead)
	}
	if !errors.Is(err, enough{}) {
		w.notef("%s", summary)
		return err
	}
	if c.failed > 0 {
		return &cli.Partial{Reason: w.op() + ": " + summary}
	}
	w.notef("%s", summary)
	return nil
}
