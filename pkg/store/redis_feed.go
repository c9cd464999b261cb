package store

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// feedChunk is how much is read from the server at once, in bytes.
	feedChunk = 256 << 10
	// feedRoom is the least room a read is given.
	feedRoom = 32 << 10
	// manyNames bounds how many names of channels are remembered.
	manyNames = 10_000
	// longestBeat is the most that passes between two questions to the server.
	longestBeat = time.Second
)

// redisFeed is one connection that has subscribed. It speaks the older protocol, in which
// a subscriber receives nothing but messages and the answers to its pings.
type redisFeed struct {
	conn  net.Conn
	probe time.Duration

	// What has been read, of which chunk[at:] is not parsed yet.
	chunk []byte
	at    int
	need  int // the size of the reply that chunk[at:] begins with, where it is known

	logins      int // answers to AUTH that are to come
	unconfirmed int // subscriptions that are
	messages    []ChannelMessage
	names       map[string]string // of channels and patterns, so that each is allocated once
	name        string            // the last one

	heard  atomic.Bool // whether anything came since the last beat
	closed chan struct{}
	close  func()

	mu      sync.Mutex
	certain time.Time
	asked   []time.Time // when the pings were sent that are not answered
	silence error       // why the watch has closed the connection
}

func newRedisFeed(conn net.Conn, probe time.Duration) *redisFeed {
	f := &redisFeed{
		conn: conn, probe: probe, names: map[string]string{}, closed: make(chan struct{}),
	}
	f.close = sync.OnceFunc(func() {
		close(f.closed)
		conn.Close()
	})
	return f
}

// Close ends the connection.
func (f *redisFeed) Close() error {
	f.close()
	return nil
}

// Certain returns when the last ping was sent that was answered.
func (f *redisFeed) Certain() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.certain
}

// Next returns the messages that one read brought.
func (f *redisFeed) Next() ([]ChannelMessage, error) {
	for len(f.messages) == 0 {
		if err := f.fill(); err != nil {
			return nil, f.lost(err)
		}
		if err := f.parse(); err != nil {
			return nil, f.lost(err)
		}
	}
	messages := f.messages
	f.messages = make([]ChannelMessage, 0, min(2*len(messages), cap(messages)+1))
	return messages, nil
}

// lost says why the connection is lost. A server that closes it while a ping waits behind
// messages has probably done so because there were too many; it does not say.
func (f *redisFeed) lost(err error) error {
	f.close()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.silence != nil {
		return f.silence
	}
	if len(f.asked) == 0 {
		return err
	}
	behind := time.Since(f.asked[0]).Round(time.Millisecond)
	if behind < f.beat()/2 {
		return err
	}
	return fmt.Errorf("%s while we were %s behind with reading; "+
		"it may have cut us off as too slow (client-output-buffer-limit)", plain(err), behind)
}

// fill reads once, into what is left of the chunk or into a new one. Messages point into
// chunks, so none is used twice.
func (f *redisFeed) fill() error {
	if rest := f.chunk[f.at:]; cap(f.chunk)-len(f.chunk) < feedRoom || f.need > cap(rest) {
		size := max(feedChunk, f.need+feedRoom, len(rest)+feedRoom)
		f.chunk = append(make([]byte, 0, size), rest...)
		f.at = 0
	}
	n, err := f.conn.Read(f.chunk[len(f.chunk):cap(f.chunk)])
	f.chunk = f.chunk[:len(f.chunk)+n]
	if n > 0 {
		f.heard.Store(true)
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// parse takes complete replies from the chunk.
func (f *redisFeed) parse() error {
	f.need = 0
	for {
		var words [4][]byte
		r := replyReader{text: f.chunk[f.at:]}
		count, err := r.reply(&words)
		if err != nil || r.short {
			f.need = r.need
			return err
		}
		f.at += r.at
		if err := f.take(words[:count]); err != nil {
			return err
		}
	}
}

// take files one reply.
func (f *redisFeed) take(words [][]byte) error {
	switch kind := string(words[0]); {
	case kind == "message" && len(words) == 3:
		f.messages = append(f.messages, ChannelMessage{Channel: f.intern(words[1]), Payload: words[2]})
	case kind == "pmessage" && len(words) == 4:
		f.messages = append(f.messages, ChannelMessage{Channel: f.intern(words[2]), Payload: words[3]})
	case kind == "subscribe" || kind == "psubscribe":
		f.unconfirmed--
	case kind == "pong":
		f.answered()
	case kind == "+OK" && f.logins > 0:
		f.logins--
	case kind[0] == '-' && f.unconfirmed > 0:
		return serverError(kind[1:])
	case kind[0] == '-': // a user who may not ping is answered as well
		f.answered()
	case kind[0] == '+':
		f.answered()
	default:
		return errProtocol
	}
	return nil
}

// intern returns a name as a string that is allocated once.
func (f *redisFeed) intern(name []byte) string {
	if string(name) == f.name {
		return f.name
	}
	known, ok := f.names[string(name)]
	if !ok {
		if len(f.names) >= manyNames {
			clear(f.names)
		}
		known = string(name)
		f.names[known] = known
	}
	f.name = known
	return known
}
