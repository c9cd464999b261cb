package embedded

import (
	"strings"

	"github.com/alicebob/miniredis/v2/server"
)

// Refusals, as Redis words them.
const (
	wrongPassword = "WRONGPASS invalid username-password pair or user is disabled."
	noLogin       = "NOAUTH Authentication required."
)

// login answers what has to do with logging in, and everything as long as a client has
// not. miniredis itself knows no password: its commands check theirs one by one.
func (s *Server) login(peer *server.Peer, g *guest, name string, args []string) (answered bool) {
	switch {
	case name == "AUTH" && (len(args) == 2 || len(args) == 1 && s.password != ""):
		user := "default"
		if len(args) == 2 {
			user = args[0]
		}
		if s.enter(peer, g, user, args[len(args)-1]) {
			peer.WriteOK()
		}
		return true
	case name == "HELLO" && len(args) > 0:
		rest, ok := s.enterByHello(peer, g, args)
		if ok {
			s.pass(peer, g, name, rest)
		}
		return true
	case g.isLoggedIn() || name == "QUIT":
		return false
	}
	peer.WriteError(noLogin)
	return true
}

// enter lets a client in, or says why not.
func (s *Server) enter(peer *server.Peer, g *guest, user, password string) bool {
	if !s.admits(user, password) {
		peer.WriteError(wrongPassword)
		return false
	}
	g.logIn()
	return true
}

// enterByHello carries out the part of HELLO that logs in, and returns the rest.
func (s *Server) enterByHello(peer *server.Peer, g *guest, args []string) ([]string, bool) {
	for i := 1; i+2 < len(args); i++ {
		if strings.EqualFold(args[i], "SETNAME") {
			i++
			continue
		}
		if strings.EqualFold(args[i], "AUTH") {
			if !s.enter(peer, g, args[i+1], args[i+2]) {
				return nil, false
			}
			return append(args[:i:i], args[i+3:]...), true
		}
	}
	if !g.isLoggedIn() {
		peer.WriteError("NOAUTH HELLO must be called with the client already authenticated, " +
			"otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate " +
			"the client and select the RESP protocol version at the same time")
		return nil, false
	}
	return args, true
}
