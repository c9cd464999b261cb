package store

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"
)

// Client addresses one place in a store: a service, or a scope of it. It is safe
// for concurrent use.
type Client struct {
	*options
	adapter Adapter
	chain   []Scope
	actor   *Actor
	close   func() error
}

// Open checks the URL and the options and returns a client. It does not connect:
// the first operation does. The URL's schemes are redis, rediss (TLS), unix,
// redis+cluster, rediss+cluster, redis+sentinel and rediss+sentinel (with
// ?master=NAME), and memory. Mistakes are CodeConfigurationInvalid; the message
// never repeats the URL, since it may hold a password.
func Open(url string, opts ...Option) (*Client, error) {
	o := defaults()
	for _, set := range opts {
		set(o)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Client{options: o, adapter: o.adapter}
	if o.adapter != nil {
		c.close = o.adapter.Close
		return c, nil
	}
	link, err := o.connector(url)
	if err != nil {
		return nil, err
	}
	redis.SetLogger(driverLog{o.logger})
	c.adapter = newRedisAdapter(link)
	c.close = c.adapter.Close
	if link.memory != nil && o.memory == nil {
		c.close = func() error {
			err := c.adapter.Close()
			link.memory.Close()
			return err
		}
	}
	return c, nil
}

// check refuses options that cannot work.
func (o *options) check() error {
	switch {
	case o.replaced && o.adapter == nil:
		return invalid(CodeAdapterRequired, "the adapter is nil")
	case o.prefix == "":
		return invalid(CodeConfigurationInvalid, "the prefix must not be empty")
	case o.timeout <= 0:
		return invalid(CodeConfigurationInvalid, "the timeout must be longer than zero")
	case o.logger == nil || o.serializer == nil || slices.Contains(o.telemetry, nil):
		return invalid(CodeConfigurationInvalid,
			"a logger, a serializer or a receiver of telemetry is nil")
	}
	return CheckScopeDefinitions(o.declared)
}

// connector joins the URL and the options.
func (o *options) connector(url string) (*connector, error) {
	t, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if o.tls != nil && !t.tls {
		return nil, invalid(CodeConfigurationInvalid,
			"TLS settings are given, but the URL does not ask for TLS; write rediss://")
	}
	if t.username == "" {
		t.username = o.username
	}
	if t.password == "" {
		t.password = o.password
	}
	c := &connector{target: t, timeout: o.timeout, tls: o.tls}
	if t.mode == memory {
		if c.memory = o.memory; c.memory == nil {
			c.memory = NewMemory()
		}
	}
	return c, nil
}

// Close ends all connections of the client and of every copy of it. What is begun
// afterwards is CodeNotConnected. Closing again does nothing.
func (c *Client) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.close()
}

// open refuses what is begun after Close.
func (c *Client) open() error {
	if c.closed.Load() {
		return invalid(CodeNotConnected, "the client is closed")
	}
	return nil
}

// Scope returns a client for a child scope. The order of calls is the hierarchy.
// Both parts must be non-empty (CodeScopeKeyRequired, CodeScopeIDRequired), and the key
// declared where there are definitions (CodeInvalidScopeKey). That a required scope is
// missing shows only when something is read or written. It sends nothing.
func (c *Client) Scope(key, identifier string) (*Client, error) {
	s := Scope{Key: key, Identifier: identifier}
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := checkDeclared(key, c.declared); err != nil {
		return nil, err
	}
	child := *c
	child.chain = append(slices.Clone(c.chain), s)
	return &child, nil
}

// Scopes returns the client's scope chain from the outermost inwards.
func (c *Client) Scopes() []Scope { return slices.Clone(c.chain) }

// Actor returns a client that acts for somebody; published events name the actor. Both
// parts must be non-empty (CodeActorKeyRequired, CodeActorIDRequired). It sends nothing.
func (c *Client) Actor(key, identifier string) (*Client, error) {
	switch {
	case key == "":
		return nil, invalid(CodeActorKeyRequired, "actor key is required")
	case identifier == "":
		return nil, invalid(CodeActorIDRequired, "actor identifier is required")
	}
	acting := *c
	acting.actor = &Actor{Key: key, Identifier: identifier}
	return &acting, nil
}

// Adapter returns what the client speaks to its server with, to be wrapped in another for
// [WithAdapter]. Closing the client closes it.
func (c *Client) Adapter() Adapter { return c.adapter }

// RedisKey returns the whole key, or channel, that a name stands for in the client's scope.
// It sends nothing. Errors are those of a missing service or scope.
func (c *Client) RedisKey(ns Namespace, key string) (string, error) { return c.key(ns, key) }

// KV returns the key-value entries of the client's scope.
func (c *Client) KV() KV { return KV{c} }

// Batch returns work on many key-value entries of the client's scope at once.
func (c *Client) Batch() Batch { return Batch{c} }

// Counter returns the counters of the client's scope.
func (c *Client) Counter() Counter { return Counter{c} }

// Claim returns the claims of the client's scope.
func (c *Client) Claim() Claim { return Claim{c} }

// Events returns the events of the client's scope.
func (c *Client) Events() Events { return Events{c} }

// Streams returns the streams of the client's scope.
func (c *Client) Streams() Streams { return Streams{c} }

// key returns the whole key that Redis holds.
func (c *Client) key(ns Namespace, key string) (string, error) {
	base, err := c.base()
	return base + ":" + string(ns) + ":" + key, err
}

// base returns what all keys of the client's scope begin with, without the colon
// before the namespace.
func (c *Client) base() (string, error) {
	if err := c.open(); err != nil {
		return "", err
	}
	if c.service == "" {
		return "", invalid(CodeServiceRequired, "no service is given")
	}
	if err := checkRequired(c.chain, c.declared); err != nil {
		return "", err
	}
	return buildBase(c.prefix, c.service, c.chain), nil
}

// writable refuses writes of a read-only client.
func (c *Client) writable() error {
	if c.readOnly {
		return invalid(CodeReadOnly, "this is a write, and the store is opened read-only")
	}
	return nil
}

// named gives an error the operation and key it belongs to.
func named(err error, op, key string) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.at(op, key)
	}
	return err
}

// recode gives a refusal the code of the operation that was refused.
func recode(err error, code Code) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != CodeOperationFailed {
		return err
	}
	renamed := *e
	renamed.Code = code
	return &renamed
}

// read reads one key.
func (c *Client) read(ctx context.Context, key string, want Fields) (Record, error) {
	records, err := c.adapter.Read(ctx, []string{key}, want)
	if err != nil {
		return Record{}, err
	}
	return records[0], records[0].Err
}

// write carries out one op.
func (c *Client) write(ctx context.Context, op Op) (Result, error) {
	if err := c.writable(); err != nil {
		return Result{}, err
	}
	result := c.adapter.Write(ctx, []Op{op})[0]
	return result, result.Err
}
