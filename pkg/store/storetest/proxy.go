package storetest

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// Proxy is a TCP connection to a server that misbehaves on demand. It passes
// everything on until told otherwise; what it is told holds for the connections
// that are open as well as for new ones, until it is told something else.
type Proxy struct {
	// Addr is the address it listens on, as host:port.
	Addr string

	target   string
	listener net.Listener
	running  sync.WaitGroup
	stopped  chan struct{}

	mu    sync.Mutex
	fault fault
	delay time.Duration
	rate  int // bytes a second and connection, in each direction; 0 for any number
	links map[*link]bool
	lost  int

	accepted int
}

// fault is what the proxy does wrong at the moment.
type fault struct {
	kind    faultKind
	after   int    // loseReplies: the bytes of replies that still pass
	abort   bool   // loseReplies: whether the connection ends with a reset
	command []byte // loseReplyTo: the command as it stands in a request
}

type faultKind int

const (
	none faultKind = iota
	loseReplies
	loseReplyTo
	blackHole
	reset
)

// link is a client's connection and ours to the server on its behalf.
type link struct {
	client, server net.Conn

	// Both are guarded by Proxy.mu.
	silent bool // it has lost bytes in a black hole and cannot be used any more
	doomed bool // it has asked the command whose reply is to be lost
}

// RunProxy starts a proxy for one test.
func RunProxy(tb TB, target string) *Proxy {
	tb.Helper()
	proxy, err := StartProxy(target)
	return run(tb, proxy, err)
}

// StartProxy starts a proxy to the server at target, a host:port.
func StartProxy(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		Addr: listener.Addr().String(), target: target, listener: listener,
		stopped: make(chan struct{}), links: map[*link]bool{},
	}
	p.running.Go(p.accept)
	return p, nil
}

// URL returns where clients find the proxy. The server's password is not in it.
func (p *Proxy) URL() string { return "redis://" + p.Addr }

// Pass makes the proxy behave. Latency and Bandwidth stay.
func (p *Proxy) Pass() { p.set(fault{}) }

// LoseReplies lets the next n bytes of replies pass. Then requests still reach the
// server, but the connection is closed as soon as the server replies, and the
// client never sees that reply.
func (p *Proxy) LoseReplies(n int) { p.set(fault{kind: loseReplies, after: n}) }

// ResetReplies does the same, but the client sees "connection reset by peer" then.
func (p *Proxy) ResetReplies(n int) { p.set(fault{kind: loseReplies, after: n, abort: true}) }

// LoseReplyTo does what LoseReplies does with the reply to one command, such as "INCR". The
// handshake and other commands pass, except those sent together with it.
func (p *Proxy) LoseReplyTo(command string) {
	request := "\r\n" + command + "\r\n"
	p.set(fault{kind: loseReplyTo, command: bytes.ToLower([]byte(request))})
}

// BlackHole accepts connections and bytes and passes nothing on. A connection
// that lost bytes this way stays silent, even after Pass.
func (p *Proxy) BlackHole() { p.set(fault{kind: blackHole}) }

// HalfOpen is a black hole for the connections that are open, as if the other end had gone
// and never said so. New ones are served.
func (p *Proxy) HalfOpen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.silent = true
	}
}

// Reset breaks all connections, and new ones at once, the way a crashed machine
// does: the client sees "connection reset by peer".
func (p *Proxy) Reset() {
	p.set(fault{kind: reset})
	p.Cut()
}

// Bandwidth limits how many bytes a second pass on each connection, in each direction; 0
// lifts the limit.
func (p *Proxy) Bandwidth(perSecond int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = perSecond
}

// Latency delays every piece of a reply.
func (p *Proxy) Latency(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Cut closes the connections that are open. New ones are served.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.close(p.fault.kind == reset)
	}
}

// Accepted returns how many connections there have been.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Lost returns how many replies LoseReplies and LoseReplyTo have swallowed.
func (p *Proxy) Lost() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// Stop ends the proxy and all its connections. It may be called again.
func (p *Proxy) Stop() {
	if p.listener.Close() == nil {
		close(p.stopped)
	}
	p.Cut()
	p.running.Wait()
}

func (p *Proxy) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	for l := range p.links {
		l.doomed = false
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// serve links a client to the server until either of them is gone.
func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	l := &link{client: client, server: server}
	if !p.admit(l) {
		return
	}
	var pumps sync.WaitGroup
	pumps.Go(func() { p.pump(l, l.client, l.server, p.request) })
	pumps.Go(func() { p.pump(l, l.server, l.client, p.reply) })
	pumps.Wait()

	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// admit takes a new link in, unless there are to be none.
func (p *Proxy) admit(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.stopped:
		l.close(false)
		return false
	default:
	}
	if p.fault.kind == reset {
		l.close(true)
		return false
	}
	p.links[l] = true
	p.accepted++
	return true
}

// verdict is what happens to a piece of traffic.
type verdict struct {
	pass  int           // how much of it is passed on
	end   bool          // whether the link ends then
	abort bool          // whether it ends with a reset
	delay time.Duration // how long it takes on the way
	rate  int           // as that of Proxy
}

// pump moves bytes in one direction, as far as judge lets it.
func (p *Proxy) pump(l *link, from, to net.Conn, judge func(*link, []byte) verdict) {
	defer l.close(false)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			v := judge(l, buffer[:n])
			if !p.wait(v.delay) {
				return
			}
			err := p.send(to, buffer[:v.pass], v.rate)
			if v.abort {
				l.close(true)
			}
			if err != nil || v.end {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// send passes a piece on, as fast as the rate lets it.
func (p *Proxy) send(to net.Conn, piece []byte, rate int) error {
	const steps = 50 // a second
	for rate > 0 && len(piece) > 0 {
		n := min(len(piece), max(rate/steps, 1))
		if !p.wait(time.Second / steps) {
			return net.ErrClosed
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return err
		}
		piece = piece[n:]
	}
	_, err := to.Write(piece)
	return err
}

// wait lets d pass. It returns false when the proxy was stopped meanwhile.
func (p *Proxy) wait(d time.Duration) bool {
	if d == 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-p.stopped:
		return false
	}
}

// request judges what a client sends.
func (p *Proxy) request(l *link, piece []byte) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.swallows(l) {
		return verdict{}
	}
	if p.fault.kind == loseReplyTo && bytes.Contains(bytes.ToLower(piece), p.fault.command) {
		l.doomed = true
	}
	return verdict{pass: len(piece), rate: p.rate}
}

// reply judges what the server sends.
func (p *Proxy) reply(l *link, piece []byte) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.swallows(l) {
		return verdict{}
	}
	v := verdict{pass: len(piece), delay: p.delay, rate: p.rate}
	switch {
	case p.fault.kind == loseReplies:
		v.pass = min(v.pass, p.fault.after)
		p.fault.after -= v.pass
		v.end = v.pass < len(piece)
		v.abort = v.end && p.fault.abort
	case l.doomed:
		v.pass, v.end = 0, true
	}
	if v.end {
		p.lost++
	}
	return v
}

// swallows reports whether a link is in a black hole, or ever was.
func (p *Proxy) swallows(l *link) bool {
	l.silent = l.silent || p.fault.kind == blackHole
	return l.silent
}

// close ends both connections. With abort the client gets a reset.
func (l *link) close(abort bool) {
	if tcp, ok := l.client.(*net.TCPConn); ok && abort {
		tcp.SetLinger(0)
	}
	l.client.Close()
	l.server.Close()
}
