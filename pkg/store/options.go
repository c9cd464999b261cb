package store

import (
	"crypto/tls"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// DefaultTimeout bounds connecting and each operation where [WithTimeout] does not.
const DefaultTimeout = 5 * time.Second

// Option changes what [Open] makes. A logger, a serializer or a receiver of telemetry that
// is nil is CodeConfigurationInvalid.
type Option func(*options)

// options is what all copies of a client share.
type options struct {
	prefix     string
	service    string
	timeout    time.Duration
	declared   []ScopeDefinition
	readOnly   bool
	username   string
	password   string
	tls        *tls.Config
	memory     *Memory
	adapter    Adapter
	replaced   bool // there was a WithAdapter
	serializer Serializer
	logger     *slog.Logger
	telemetry  []Telemetry
	extensions bool           // of the telemetry
	events     EventValidator // nil: nothing is judged
	validation ValidationOptions
	closed     *atomic.Bool // shared by all copies
}

func defaults() *options {
	return &options{
		prefix:     DefaultPrefix,
		closed:     new(atomic.Bool),
		timeout:    DefaultTimeout,
		serializer: jsonSerializer{},
		logger:     slog.New(slog.DiscardHandler),
	}
}

// WithService names the service whose keys are addressed. Without it only what
// spans services works; everything else is CodeServiceRequired.
func WithService(name string) Option { return func(o *options) { o.service = name } }

// WithPrefix replaces [DefaultPrefix]. Older releases of the npm library put an
// environment behind the prefix; it is simply part of it here.
func WithPrefix(prefix string) Option { return func(o *options) { o.prefix = prefix } }

// WithTimeout bounds connecting and each operation; a wait that an operation is asked for,
// as by [ReadOptions] or [Claim.Acquire], comes on top. The default is DefaultTimeout; it
// must be longer than zero.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// WithScopes declares the scope keys of the service: others are refused, required
// ones are enforced, and keys are parsed with their help.
func WithScopes(defs ...ScopeDefinition) Option {
	return func(o *options) { o.declared = slices.Clone(defs) }
}

// WithReadOnly refuses every write before it is sent, with CodeReadOnly.
func WithReadOnly() Option { return func(o *options) { o.readOnly = true } }

// WithCredentials sets the user name and password where the URL has none. A user
// name in the URL wins.
func WithCredentials(username, password string) Option {
	return func(o *options) { o.username, o.password = username, password }
}

// WithTLS sets certificates and checks for a URL that asks for TLS (rediss and
// its kin); with another URL it is CodeConfigurationInvalid. Where ServerName is
// empty, each server is checked against the host it was reached by.
func WithTLS(config *tls.Config) Option { return func(o *options) { o.tls = config } }

// WithMemory makes memory:// use an embedded server that others may use too.
// Without it each client starts one of its own and ends it in Close.
func WithMemory(m *Memory) Option { return func(o *options) { o.memory = m } }

// WithAdapter replaces the connection to Redis. The URL is then not used.
// Closing the client closes the adapter. A nil one is CodeAdapterRequired.
func WithAdapter(a Adapter) Option {
	return func(o *options) { o.adapter, o.replaced = a, true }
}

// WithSerializer replaces JSON as the form of values given as Go values. A [Value]
// is always stored as it is.
func WithSerializer(s Serializer) Option { return func(o *options) { o.serializer = s } }

// WithLogger receives what happens underneath, at debug level. The driver has one
// logger for the whole process: the client opened last receives its messages.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.logger = l } }
