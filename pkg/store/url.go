package store

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// mode is the kind of deployment a URL names.
type mode uint8

const (
	standalone mode = iota
	cluster
	sentinel
	memory
)

// target is where a URL points.
type target struct {
	mode               mode
	network            string // tcp or unix
	addrs              []string
	db                 int
	username, password string
	tls                bool
	master             string // the name Sentinel knows the primary by
	sentinelUsername   string
	sentinelPassword   string
}

// scheme is what a URL scheme stands for.
type scheme struct {
	mode    mode
	network string
	tls     bool
	port    string
}

func schemes() map[string]scheme {
	return map[string]scheme{
		"redis":           {standalone, "tcp", false, "6379"},
		"valkey":          {standalone, "tcp", false, "6379"},
		"rediss":          {standalone, "tcp", true, "6379"},
		"valkeys":         {standalone, "tcp", true, "6379"},
		"unix":            {standalone, "unix", false, ""},
		"redis+cluster":   {cluster, "tcp", false, "6379"},
		"rediss+cluster":  {cluster, "tcp", true, "6379"},
		"redis+sentinel":  {sentinel, "tcp", false, "26379"},
		"rediss+sentinel": {sentinel, "tcp", true, "26379"},
		"memory":          {memory, "", false, ""},
	}
}

// parseURL reads a server URL. Its errors never repeat the URL: what cannot be
// read may well be a password. Whatever would have no effect is refused.
func parseURL(text string) (target, error) {
	name, rest, found := strings.Cut(text, "://")
	if !found {
		return target{}, badURL("there is no scheme; write redis://HOST:PORT")
	}
	s, known := schemes()[name]
	if !known {
		return target{}, badURL("the scheme is not one of redis, rediss, unix, redis+cluster, " +
			"rediss+cluster, redis+sentinel, rediss+sentinel, memory")
	}
	t := target{mode: s.mode, network: s.network, tls: s.tls}
	if s.mode == memory {
		return t, t.nothingBehind(rest)
	}
	rest, query, _ := strings.Cut(rest, "?")
	rest, err := t.userinfo(rest, query)
	if err != nil {
		return target{}, err
	}
	if err := t.place(rest, s); err != nil {
		return target{}, err
	}
	return t, t.parameters(query)
}

func badURL(reason string) *Error {
	return invalid(CodeConfigurationInvalid, "the server URL cannot be used: %s", reason)
}

func (t *target) nothingBehind(rest string) error {
	if strings.Trim(rest, "/") != "" {
		return badURL("memory:// takes nothing behind it")
	}
	return nil
}

// userinfo takes USER:PASSWORD@ off the front and returns what follows it.
func (t *target) userinfo(rest, query string) (string, error) {
	encode := badURL("special characters in the user name or password " +
		"must be percent-encoded (/ is %2F, ? is %3F, # is %23, @ is %40, % is %25)")
	authority, path, slash := strings.Cut(rest, "/")
	if strings.Contains(path, "@") && t.network == "tcp" || strings.Contains(query, "@") ||
		strings.ContainsAny(rest, "# ") || strings.Count(authority, "@") > 1 {
		return "", encode
	}
	info, host, found := strings.Cut(authority, "@")
	if !found {
		return rest, nil
	}
	user, password, _ := strings.Cut(info, ":")
	var errUser, errPassword error
	t.username, errUser = url.PathUnescape(user)
	t.password, errPassword = url.PathUnescape(password)
	if errUser != nil || errPassword != nil {
		return "", encode
	}
	if slash {
		host += "/" + path
	}
	return host, nil
}

// place reads HOST:PORT,…/DB, or the path of a unix socket.
func (t *target) place(rest string, s scheme) error {
	if t.network == "unix" {
		path, err := url.PathUnescape(rest)
		if err != nil || !strings.HasPrefix(path, "/") {
			return badURL("unix:// wants the absolute path of a socket, as in unix:///run/redis.sock")
		}
		t.addrs = []string{path}
		return nil
	}
	hosts, path, _ := strings.Cut(rest, "/")
	for host := range strings.SplitSeq(hosts, ",") {
		addr, err := address(host, s.port)
		if err != nil {
			return err
		}
		t.addrs = append(t.addrs, addr)
	}
	if len(t.addrs) > 1 && t.mode == standalone {
		return badURL("several hosts need redis+cluster:// or redis+sentinel://")
	}
	return t.database(path)
}

// address fills in what HOST:PORT leaves out. An IPv6 address stands in brackets.
func address(host, port string) (string, error) {
	if !strings.Contains(host, ":") || strings.HasSuffix(host, "]") {
		host += ":" + port
	}
	host, number, err := net.SplitHostPort(host)
	if err != nil || strings.ContainsAny(host, "[]%") {
		return "", badURL("a host is not of the form HOST:PORT")
	}
	if n, err := strconv.ParseUint(number, 10, 16); err != nil || n == 0 {
		return "", badURL("a port is a number from 1 to 65535")
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, number), nil
}

// database reads the path of a URL.
func (t *target) database(path string) error {
	if path == "" {
		return nil
	}
	n, err := strconv.ParseUint(path, 10, 31)
	if err != nil {
		return badURL("the path is the number of a database, as in redis://HOST:6379/0")
	}
	if t.mode == cluster && n != 0 {
		return badURL("a cluster has only database 0")
	}
	t.db = int(n)
	return nil
}

// parameters reads the query of a URL.
func (t *target) parameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return badURL("the part behind ? is not a list of NAME=VALUE")
	}
	known := map[string]*string{}
	if t.mode == sentinel {
		known = map[string]*string{
			"master":            &t.master,
			"sentinel_username": &t.sentinelUsername,
			"sentinel_password": &t.sentinelPassword,
		}
	}
	for name, v := range values {
		into, ok := known[name]
		if !ok || len(v) != 1 {
			return badURL("parameter " + strconv.Quote(name) + " is unknown or repeated")
		}
		*into = v[0]
	}
	if t.mode == sentinel && t.master == "" {
		return badURL("Sentinel needs the name of the primary: ?master=NAME")
	}
	return nil
}

// RedactURL returns a server URL with everything that could be a secret replaced
// by ***: for messages and for showing settings.
func RedactURL(text string) string {
	name, rest, found := strings.Cut(text, "://")
	if !found {
		return "***"
	}
	// The last @ ends the user name and password however they are written.
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		user, _, hasPassword := strings.Cut(rest[:at], ":")
		if hasPassword {
			name += "://" + user + ":***"
		} else {
			name += "://***"
		}
		rest = rest[at:]
	} else {
		name += "://"
	}
	rest, query, hasQuery := strings.Cut(rest, "?")
	if hasQuery && strings.Contains(strings.ToLower(query), "password") {
		query = "***"
	}
	if hasQuery {
		rest += "?" + query
	}
	return name + rest
}

// Place is what a server URL says of the server besides where it is and who logs in.
type Place struct {
	Cluster  bool // the server is a cluster
	Database int  // the number of the database; 0 where none is chosen
}

// ParsePlace reads a server URL. Mistakes are as those of [Open].
func ParsePlace(url string) (Place, error) {
	t, err := parseURL(url)
	return Place{Cluster: t.mode == cluster, Database: t.db}, err
}
