package sub

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tenantstore/store/cmd/internal/child"
	"github.com/tenantstore/store/pkg/store"
)

// execGrace is how long commands get to finish by themselves, and then again after
// SIGTERM, when sub is stopped.
const execGrace = 5 * time.Second

// execute runs the command for what arrives until span ends. What has arrived by then is
// still given to it, unless ctx has ended as well: then we are told to stop.
func (l *tail) execute(ctx, span context.Context, client *store.Client) error {
	jobs := newJobs(l)
	defer jobs.running.Wait()
	for r, err := range l.records(client.Events().Subscribe(span, l.options)) {
		switch {
		case err != nil:
			return err
		case r.event != nil:
			jobs.start(ctx, r.event)
		}
	}
	return nil
}

// jobs are the commands that run.
type jobs struct {
	tail    *tail
	slots   chan struct{} // holds a token for each
	running sync.WaitGroup
	mu      sync.Mutex // guards the count of failures
}

func newJobs(l *tail) *jobs {
	return &jobs{tail: l, slots: make(chan struct{}, l.flags.jobs)}
}

// start runs the command for one event, as soon as it may.
func (j *jobs) start(ctx context.Context, e *store.Event) {
	select {
	case <-ctx.Done():
	case j.slots <- struct{}{}:
	}
	if ctx.Err() != nil {
		j.tail.counts.skipped++
		return
	}
	j.running.Go(func() {
		defer func() { <-j.slots }()
		if err := j.run(ctx, e); err != nil {
			j.failed(e, err)
		}
	})
}

// run runs the command for one event. When ctx ends it has some time to finish.
func (j *jobs) run(ctx context.Context, e *store.Event) error {
	document, err := e.AppendJSON(nil)
	if err != nil {
		return err
	}
	t, words := j.tail.tool, j.tail.words
	c, err := child.Start(t, child.Command{
		Path: words[0], Args: words[1:], In: append(document, '\n'),
		Env: child.Environment(t, "STORE_EVENT_CHANNEL="+e.Channel),
	})
	if err != nil {
		return err
	}
	select {
	case <-c.Ended():
	case <-ctx.Done():
		select {
		case <-c.Ended():
		case <-time.After(execGrace):
			c.End(execGrace)
		}
	}
	if status := c.Status(); status != 0 {
		return fmt.Errorf("the command ended with exit code %d", status)
	}
	return nil
}

// failed counts a command that failed, and tells about it.
func (j *jobs) failed(e *store.Event, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tail.counts.failed++
	j.tail.say("store: sub %q: %v", e.Channel, err)
}
