package storetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// eventBuffer is how many unread messages a subscription holds.
const eventBuffer = 1024

// Node is a Node.js process that makes calls of @igniter-js/store for us. Its
// methods may be used by several goroutines at once.
type Node struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer  // what it complained about, complete once done is closed
	end    func()        // closes ending and input
	ending chan struct{} // closed when nobody wants to hear more
	done   chan struct{} // closed when the process has ended

	// Writing has a lock of its own: the process may stop reading until we have
	// read what it wrote, which takes mu.
	writing sync.Mutex
	input   io.WriteCloser

	mu      sync.Mutex
	last    int64
	waiting map[int64]chan reply
	feeds   map[int64]chan json.RawMessage
}

// request is a line to the driver.
type request struct {
	ID       int64       `json:"id"`
	Call     string      `json:"call"`
	Service  string      `json:"service,omitempty"`
	Scopes   [][2]string `json:"scopes,omitempty"`
	ArgsText []string    `json:"argsText"`
}

// reply is a line from the driver.
type reply struct {
	ID     int64           `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *NodeError      `json:"error"`
	Event  json.RawMessage `json:"event"`
}

// NodeError is an error the library threw. Only its own errors have a code.
type NodeError struct {
	Name       string          `json:"name"`       // IgniterStoreError, ReplyError…
	Code       string          `json:"code"`       // "" for an error of somebody else
	StatusCode int             `json:"statusCode"` // likewise 0
	Message    string          `json:"message"`    // in words
	Details    json.RawMessage `json:"details"`    // what belongs to the code
}

// Error returns what the library calls the error, and its message.
func (e *NodeError) Error() string { return e.Name + ": " + e.Message }

// RunNode starts the npm library for one test, with the driver of this
// repository.
func RunNode(tb TB, redisURL string) *Node {
	tb.Helper()
	dir, err := InteropDir()
	if err != nil {
		tb.Fatal(err)
	}
	RequireNode(tb, dir)
	node, err := StartNode(dir, redisURL)
	return run(tb, node, err)
}

// StartNode starts the driver in dir and returns once it has reached the server
// at redisURL, a redis:// or redis+cluster:// address. NodeReady tells whether it
// can work.
func StartNode(dir, redisURL string) (*Node, error) {
	n := &Node{
		cmd:     exec.Command("node", "driver.mjs", redisURL),
		ending:  make(chan struct{}),
		done:    make(chan struct{}),
		waiting: map[int64]chan reply{},
		feeds:   map[int64]chan json.RawMessage{},
	}
	n.cmd.Dir, n.cmd.Stderr = dir, &n.stderr
	output, err := n.connect()
	if err != nil {
		return nil, fmt.Errorf("starting node: %w", err)
	}
	go n.receive(output)

	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if _, err := n.Call(ctx, "raw", "", nil, "PING"); err != nil {
		n.Stop()
		return nil, fmt.Errorf("starting node: %w", err)
	}
	return n, nil
}

// connect starts the process with pipes to and from it.
func (n *Node) connect() (io.Reader, error) {
	output, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if n.input, err = n.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	n.end = sync.OnceFunc(func() {
		close(n.ending)
		n.input.Close()
	})
	return output, n.cmd.Start()
}

// Call makes one call of the library, such as "kv.get", in a service and a chain
// of scopes. The arguments are sent as JSON; a json.RawMessage is sent as it is.
// The result is what the library returned, null where that was undefined. What
// the library threw is a [*NodeError].
//
// The calls group.ensure, group.read and group.ack begin with the names of the
// group and of the consumer. The call "raw" sends any Redis command: strings as
// they are, bytes as {"base64":"…"}, which is also how it answers.
func (n *Node) Call(
	ctx context.Context, call, service string, scopes [][2]string, args ...any,
) (json.RawMessage, error) {
	return n.ask(ctx, nil, request{Call: call, Service: service, Scopes: scopes}, args)
}

// Subscribe has the library subscribe to an event and returns the messages its
// handler is given. The channel must be read, and is closed when the process
// ends.
func (n *Node) Subscribe(
	ctx context.Context, service string, scopes [][2]string, event string,
) (<-chan json.RawMessage, error) {
	feed := make(chan json.RawMessage, eventBuffer)
	_, err := n.ask(ctx, feed,
		request{Call: "events.subscribe", Service: service, Scopes: scopes}, []any{event})
	return feed, err
}

// Stop ends the process. It may be called again.
func (n *Node) Stop() {
	n.end()
	select {
	case <-n.done:
	case <-time.After(stopGrace):
		n.cmd.Process.Kill()
		<-n.done
	}
}

// ask sends a request and waits for its answer.
func (n *Node) ask(
	ctx context.Context, feed chan json.RawMessage, r request, args []any,
) (json.RawMessage, error) {
	var err error
	if r.ArgsText, err = jsonTexts(args); err != nil {
		return nil, err
	}
	answer, err := n.send(r, feed)
	if err != nil {
		return nil, err
	}
	select {
	case a := <-answer:
		if a.Error != nil {
			return nil, a.Error
		}
		return a.Result, nil
	case <-n.done:
		return nil, fmt.Errorf("node has ended: %s", bytes.TrimSpace(n.stderr.Bytes()))
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", r.Call, context.Cause(ctx))
	}
}

// send numbers a request and writes it.
func (n *Node) send(r request, feed chan json.RawMessage) (<-chan reply, error) {
	answer := n.expect(&r, feed)
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	n.writing.Lock()
	defer n.writing.Unlock()
	// That the process has ended shows, with its reason, while waiting.
	n.input.Write(append(line, '\n'))
	return answer, nil
}

// expect gives a request its number and a place for what comes back.
func (n *Node) expect(r *request, feed chan json.RawMessage) <-chan reply {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last++
	r.ID = n.last
	answer := make(chan reply, 1)
	n.waiting[r.ID] = answer
	if feed != nil {
		n.feeds[r.ID] = feed
	}
	return answer
}

// receive hands out what the process says, until it ends.
func (n *Node) receive(output io.Reader) {
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		n.deliver(line)
	}
	n.cmd.Wait()
	close(n.done)

	n.mu.Lock()
	defer n.mu.Unlock()
	for _, feed := range n.feeds {
		close(feed)
	}
}

// deliver gives one line to whoever waits for it.
func (n *Node) deliver(line []byte) {
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return // Not ours: something printed by a package.
	}
	n.mu.Lock()
	answer, feed := n.waiting[r.ID], n.feeds[r.ID]
	if r.Event == nil {
		delete(n.waiting, r.ID)
	}
	n.mu.Unlock()

	switch {
	case r.Event != nil:
		select {
		case feed <- r.Event:
		case <-n.ending:
		}
	case answer != nil:
		answer <- r
	}
}

// jsonTexts renders each argument, without the detours of Go's encoder.
func jsonTexts(args []any) ([]string, error) {
	texts := make([]string, len(args))
	for i, arg := range args {
		if text, ok := arg.(json.RawMessage); ok {
			texts[i] = string(text)
			continue
		}
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(arg); err != nil {
			return nil, err
		}
		texts[i] = b.String()
	}
	return texts, nil
}
