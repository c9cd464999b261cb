package store

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// certificateTime is how long before its end a certificate is a warning.
const certificateTime = 30 * 24 * time.Hour

// probe is a connection to one server that questions are asked on, one by one.
type probe struct {
	*wire
	addr    string
	timeout time.Duration
	link    *connector
}

// ask sends a command and returns its answer.
func (p *probe) ask(args ...string) (any, error) {
	if err := p.conn.SetDeadline(time.Now().Add(p.timeout)); err != nil {
		return nil, err
	}
	p.command(args...)
	if err := p.flush(); err != nil {
		return nil, err
	}
	return p.reply()
}

// diagnose goes the way to the server step by step, and then asks it.
func (a *redisAdapter) diagnose(ctx context.Context, d *Diagnosis, c *Client) error {
	addrs, err := a.diagnosedAddrs(ctx, d)
	if err != nil {
		return a.diagnosisError(ctx, err)
	}
	var p *probe
	for _, addr := range addrs { // the seeds of a cluster: one is enough
		attempt := &Diagnosis{}
		if p, err = a.connect(ctx, attempt, addr); err == nil || addr == addrs[len(addrs)-1] {
			d.Checks, d.TLS = append(d.Checks, attempt.Checks...), attempt.TLS
			break
		}
		d.add("connect", CheckWarning, addr+": "+plainStep(err), "take the host out of the URL, or start it")
	}
	if err != nil {
		return a.diagnosisError(ctx, err)
	}
	defer p.conn.Close()
	stop := context.AfterFunc(ctx, func() { p.conn.Close() })
	defer stop()
	if err := a.examine(ctx, d, c, p); err != nil {
		d.add("reachable", CheckFailed, "the connection was lost: "+plainStep(err), "")
		return a.diagnosisError(ctx, err)
	}
	return nil
}

// diagnosisError classifies why the server could not be spoken to. When the context is
// over it was that, whatever the closed connection says.
func (a *redisAdapter) diagnosisError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrInvalid):
		return err
	case isReply(err):
		e := refusal(CodeConnectionFailed, err)
		e.Kind = ErrUnreachable
		return named(e, "doctor", "")
	}
	return named(unreachable(err), "doctor", "")
}

// diagnosedAddrs returns where to connect.
func (a *redisAdapter) diagnosedAddrs(ctx context.Context, d *Diagnosis) ([]string, error) {
	switch a.link.mode {
	case memory:
		return []string{"memory"}, nil
	case sentinel:
		limited, cancel := context.WithTimeout(ctx, a.timeout)
		defer cancel()
		addrs, err := a.primaryAddr(limited)
		if err != nil {
			d.add("sentinel", CheckFailed, strings.Join(a.link.addrs, ", ")+": "+plainStep(err),
				"check the hosts and ?master=NAME in --url")
			return nil, err
		}
		d.add("sentinel", CheckOK, fmt.Sprintf("%s is at %s", a.link.master, addrs[0]), "")
		return addrs, nil
	}
	return a.link.addrs, nil
}

// connect resolves, dials, encrypts and logs in, each a check of its own.
func (a *redisAdapter) connect(ctx context.Context, d *Diagnosis, addr string) (*probe, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	if err := d.resolve(ctx, a.link, addr); err != nil {
		return nil, err
	}
	plainLink := *a.link
	plainLink.tls, plainLink.target.tls = nil, false
	begun := time.Now()
	conn, err := plainLink.dial(ctx, a.link.network, addr)
	if err != nil {
		d.add("connect", CheckFailed, addr+": "+plainStep(err), "check --url (or STORE_URL), that the "+
			"server runs, and that no firewall is in between")
		return nil, err
	}
	d.add("connect", CheckOK, fmt.Sprintf("%s, in %.3g ms", addr,
		float64(time.Since(begun).Microseconds())/1000), "")
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if conn, err = d.encrypt(ctx, a.link, conn, addr); err == nil {
		p := &probe{newWire(conn), addr, a.timeout, a.link}
		if err = d.logIn(p); err == nil {
			return p, nil
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return nil, cmp.Or(err, conn.Close())
}

// resolve looks the host up.
func (d *Diagnosis) resolve(ctx context.Context, c *connector, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if c.network != "tcp" || err != nil || net.ParseIP(host) != nil {
		return nil
	}
	found, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		d.add("name", CheckFailed, host+": "+plainStep(err), "check the host in --url (or STORE_URL)")
		return &dialError{addr, err}
	}
	d.add("name", CheckOK, host+" is "+strings.Join(found, ", "), "")
	return nil
}

// encrypt does the TLS handshake where the URL asks for it.
func (d *Diagnosis) encrypt(ctx context.Context, c *connector, conn net.Conn, addr string,
) (net.Conn, error) {
	if !c.target.tls {
		d.add("tls", CheckOK, "off", "")
		return conn, nil
	}
	config := c.tlsFor(addr)
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		d.add("tls", CheckFailed, plainStep(err), tlsAdvice(err))
		return conn, &dialError{addr, err}
	}
	state := secure.ConnectionState()
	certificate := state.PeerCertificates[0]
	d.TLS = &TLSFact{
		tls.VersionName(state.Version), certificate.Subject.String(), certificate.NotAfter.UTC(),
		!config.InsecureSkipVerify,
	}
	found := fmt.Sprintf("%s, %s, expires %s", d.TLS.Version, d.TLS.Subject,
		d.TLS.Expires.Format(time.DateOnly))
	switch left := time.Until(d.TLS.Expires); {
	case !d.TLS.Verified:
		d.add("tls", CheckWarning, found+", not verified", "use --tls-ca in place of --tls-skip-verify")
	case left < certificateTime:
		d.add("tls", CheckWarning, found, "renew the certificate")
	default:
		d.add("tls", CheckOK, found+", verified", "")
	}
	return &tlsConn{Conn: secure}, nil
}

func tlsAdvice(err error) string {
	if strings.Contains(err.Error(), "certificate") {
		return "name the certificate authority with --tls-ca, or the host with --tls-server-name"
	}
	return "check that this port speaks TLS; write redis:// in place of rediss:// if not"
}

// logIn does what the driver does with a new connection, and sees that it is answered.
func (d *Diagnosis) logIn(p *probe) error {
	who := "without a password"
	var steps [][]string
	switch {
	case p.link.username != "" && p.link.password != "":
		who = "as " + p.link.username
		steps = append(steps, []string{"AUTH", p.link.username, p.link.password})
	case p.link.password != "":
		who = "with a password"
		steps = append(steps, []string{"AUTH", p.link.password})
	}
	if p.link.db != 0 {
		steps = append(steps, []string{"SELECT", fmt.Sprint(p.link.db)})
	}
	for _, step := range append(steps, []string{"PING"}) {
		_, err := p.ask(step...)
		switch {
		case err == nil, step[0] == "PING" && isReply(err) && strings.HasPrefix(err.Error(), "NOPERM"):
		default:
			d.add("login", CheckFailed, who+": "+plainStep(err), logInAdvice(err))
			return err
		}
	}
	d.add("login", CheckOK, who, "")
	return nil
}

func logInAdvice(err error) string {
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "NOAUTH"):
		return "give a password: STORE_PASSWORD, --password-file or --ask-password"
	case strings.Contains(text, "without any password configured"):
		return "this server has no password; leave it out, or check --url"
	case strings.HasPrefix(text, "WRONGPASS"), strings.HasPrefix(text, "ERR"):
		return "check --username and the password (STORE_PASSWORD, --password-file, --ask-password)"
	case !isReply(err):
		return "check the port, and the scheme: redis:// is for a plain port, rediss:// for one with TLS"
	}
	return "wait, or ask who runs the server"
}

// plainStep says in a few words why a step failed.
func plainStep(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	switch {
	case isReply(err):
		return reply(err)
	case errors.Is(err, net.ErrClosed): // by us, when the time was over
		return "no answer in time"
	}
	return plain(err)
}

// steps are the checks of the way to a server.
func steps() []string { return []string{"name", "connect", "tls", "login"} }

// withoutSteps leaves out the checks of the way.
func withoutSteps(checks []Check) []Check {
	return slices.DeleteFunc(checks, func(c Check) bool { return slices.Contains(steps(), c.Name) })
}
