package embedded

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/alicebob/miniredis/v2/server"
)

// guard is asked about every command before miniredis sees it. It answers itself (true),
// or lets miniredis do so. Commands of scripts pass here, too.
func (s *Server) guard(peer *server.Peer, name string, args ...string) bool {
	if _, passed := s.inside.Load(peer); passed {
		return false
	}
	if name == strings.ToUpper(s.greeting) {
		s.greet(peer, args)
		return true
	}
	client, known := s.peers.Load(peer)
	if !known { // a script of a client that was let in
		s.judge(peer, nil, name, args)
		return true
	}
	g := client.(*guest)
	defer g.ended()
	defer peer.Flush()
	if !s.login(peer, g, name, args) {
		s.judge(peer, g, name, args)
	}
	return true
}

// greet ties a connection to what miniredis knows of it, for as long as it has commands.
func (s *Server) greet(peer *server.Peer, args []string) {
	g, _ := s.guests.LoadAndDelete(strings.Join(args, ""))
	s.peers.Store(peer, g)
	peer.OnDisconnect(func() { s.peers.Delete(peer) })
}

// judge answers a command, with miniredis' help where that is safe.
func (s *Server) judge(peer *server.Peer, g *guest, name string, args []string) {
	refusal := tooMuch(name, args)
	switch {
	case refusal != "":
	case name == "PSUBSCRIBE":
		for _, pattern := range args {
			if !plainPattern(pattern, true) {
				refusal = "ERR the embedded server does not take this pattern: " +
					"beside * and ? it knows classes of ASCII letters and digits"
			}
		}
	case hasPattern(name):
		if s.answerMatching(peer, g, name, args) {
			return
		}
	}
	if refusal != "" {
		s.spoil(peer, g)
		peer.WriteError(refusal)
		return
	}
	if name == "SUBSCRIBE" || name == "PSUBSCRIBE" {
		if g != nil {
			g.subscribed.Store(true)
		}
	}
	s.pass(peer, g, name, args)
	if g != nil {
		g.follow(name)
	}
}

// follow keeps account of transactions.
func (g *guest) follow(name string) {
	switch name {
	case "MULTI":
		g.inTransaction = true
	case "EXEC", "DISCARD":
		g.inTransaction = false
	}
}

// spoil makes a transaction fail in which a command was refused.
func (s *Server) spoil(peer *server.Peer, g *guest) {
	if g != nil && g.inTransaction {
		s.ask(peer, g, "GET") // without a key it is an error
	}
}

// ask has miniredis answer a command in the name of a client, and returns the reply.
func (s *Server) ask(peer *server.Peer, g *guest, words ...string) *bufio.Reader {
	var reply bytes.Buffer
	w := bufio.NewWriter(&reply)
	inner := server.NewPeer(w)
	inner.Ctx = peer.Ctx
	s.pass(inner, g, words[0], words[1:])
	inner.Flush()
	if peer.Ctx == nil {
		peer.Ctx = inner.Ctx
	}
	return bufio.NewReader(io.MultiReader(&reply))
}

// pass hands a command to miniredis and survives what that does.
func (s *Server) pass(peer *server.Peer, g *guest, name string, args []string) {
	s.inside.Store(peer, struct{}{})
	defer s.inside.Delete(peer)
	defer func() {
		if failure := recover(); failure != nil {
			if g != nil && leftLocked() {
				s.mini.Unlock()
			}
			peer.WriteError(fmt.Sprintf("ERR the embedded server failed at %s: %v", name, failure))
			peer.Close() // part of a reply may have been written
		}
	}()
	s.commands.Add(1)
	s.mini.Server().Dispatch(peer, append([]string{name}, args...))
}

// leftLocked reports whether the panic that is being handled came out of the function of
// miniredis that locks all data and does not unlock it then. EXEC and commands that block
// do.
func leftLocked() bool {
	callers := make([]uintptr, 256)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasSuffix(frame.Function, "miniredis/v2.(*Miniredis).cmdExec"):
			return false
		case strings.HasSuffix(frame.Function, "miniredis/v2.withTx"):
			return true
		case strings.HasSuffix(frame.Function, "embedded.(*Server).guard") || !more:
			return false
		}
	}
}
