package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// DefaultURL is the server that is used where none is named.
const DefaultURL = "redis://127.0.0.1:6379/0"

// Settings are the values of the global flags, wherever they came from.
type Settings struct {
	URL      string
	Service  string
	Scopes   []string
	Actor    string
	Prefix   string
	Context  string
	Config   string
	Output   string
	JSON     bool
	JQ       string
	Timeout  time.Duration
	Color    string
	Quiet    bool
	Verbose  bool
	ReadOnly bool
	// Telemetry is a file, or "stderr".
	Telemetry string
	// ConfirmName is the name of a protected context, given in place of typing it.
	ConfirmName string

	Username      string
	PasswordFile  string
	AskPassword   bool
	TLSCA         string
	TLSCert       string
	TLSKey        string
	TLSServerName string
	TLSSkipVerify bool

	// Declared are the scopes that the config file declares for the service.
	Declared []store.ScopeDefinition
	// Protected is set where the context in effect asks for care: what destroys data wants
	// its name.
	Protected bool

	active       string // the context in effect
	mending      bool   // contexts are looked after: the current one may be gone
	secret       Secret // where a profile says the password is
	secretOrigin string
	// Validation is when the events of the service are judged. The config file says so.
	Validation store.ValidationOptions
	// registry is where the schemas of the service's events are.
	registry registryFile
	// origins says of each flag where its value came from.
	origins map[string]string
}

// Bind declares the global flags.
func (s *Settings) Bind(f *pflag.FlagSet) {
	f.StringVarP(&s.URL, "url", "u", DefaultURL, "server `URL` (see store help urls)")
	f.StringVarP(&s.Service, "service", "s", "", "`name` of the service in the key")
	f.StringArrayVar(&s.Scopes, "scope", nil, "`KEY=ID`; repeatable, the order is the hierarchy")
	f.StringVar(&s.Actor, "actor", "", "who is acting, as `KEY=ID`")
	f.StringVar(&s.Prefix, "prefix", store.DefaultPrefix, "what every key begins with")
	f.StringVarP(&s.Context, "context", "c", "", "`name` of a profile in the config file")
	f.StringVar(&s.Config, "config", "", "config `file` (default: store/config.yaml "+
		"in the user's config directory)")
	f.StringVarP(&s.Output, "output", "o", string(render.Table), "table, json, jsonl or raw; schema "+
		"describes the JSON")
	f.BoolVar(&s.JSON, "json", false, "short for -o json")
	f.StringVar(&s.JQ, "jq", "", "filter JSON output with a jq `expression`; implies -o json")
	f.Var(newDuration(&s.Timeout, store.DefaultTimeout), "timeout",
		"bound for connecting and for each operation")
	f.StringVar(&s.Color, "color", "auto", "auto, always or never")
	f.BoolVarP(&s.Quiet, "quiet", "q", false, "no summaries and notes on stderr")
	f.BoolVarP(&s.Verbose, "verbose", "v", false, "debug log on stderr")
	f.StringVar(&s.Telemetry, "telemetry", "",
		"add an event for each operation to `FILE`, or to stderr")
	f.BoolVar(&s.ReadOnly, "read-only", false, "refuse every write before it is sent")
	f.StringVar(&s.ConfirmName, "confirm", "", "`name` of the protected context to destroy data in")
	s.bindSecurity(f)
}

func (s *Settings) bindSecurity(f *pflag.FlagSet) {
	f.StringVar(&s.Username, "username", "", "ACL user `name`")
	f.StringVar(&s.PasswordFile, "password-file", "", "`file` whose first line is the password")
	f.BoolVar(&s.AskPassword, "ask-password", false, "ask for the password on the terminal")
	f.StringVar(&s.TLSCA, "tls-ca", "", "`file` with the certificate authority to trust")
	f.StringVar(&s.TLSCert, "tls-cert", "", "`file` with the client certificate")
	f.StringVar(&s.TLSKey, "tls-key", "", "`file` with the client certificate's key")
	f.StringVar(&s.TLSServerName, "tls-server-name", "", "`name` the server's certificate must have")
	f.BoolVar(&s.TLSSkipVerify, "tls-skip-verify", false, "do not check the server's certificate")
}

// Origin says where the value of a flag came from.
func (s *Settings) Origin(flag string) string {
	if origin, ok := s.origins[flag]; ok {
		return origin
	}
	return "default"
}

// check refuses values that no source may give.
func (s *Settings) check() error {
	if err := checkOutput(s.Origin("output"), s.Output); err != nil {
		return err
	}
	if s.JQ != "" { // a mistake in it shows before anything is sent
		if _, err := render.New(io.Discard, render.Options{JQ: s.JQ}); err != nil {
			return err
		}
	}
	switch s.Color {
	case "auto", "always", "never":
	default:
		return &UsageError{
			Reason: fmt.Sprintf("%s: color is auto, always or never, not %q", s.Origin("color"), s.Color),
			Hint:   Suggest(s.Color, []string{"auto", "always", "never"}),
		}
	}
	return nil
}

// checkOutput refuses an output format that there is not.
func checkOutput(origin, format string) error {
	_, err := render.ParseFormat(format)
	if err == nil {
		return nil
	}
	return &UsageError{
		Reason: fmt.Sprintf("%s: %v", origin, err),
		Hint:   Suggest(format, []string{"table", "json", "jsonl", "raw"}),
	}
}

// Format returns the output format that the flags together ask for.
func (s *Settings) Format() render.Format {
	format := render.Format(s.Output)
	structured := format == render.JSON || format == render.JSONL
	if !structured && (s.JSON || s.JQ != "") {
		return render.JSON
	}
	return format
}

// ParseWait reads how long to wait: plain seconds or a Go duration, longer than zero.
func ParseWait(text string) (time.Duration, error) {
	var wait time.Duration
	err := duration{&wait}.Set(text)
	return wait, err
}

// duration is a flag that takes plain seconds or a Go duration longer than zero.
type duration struct{ into *time.Duration }

func newDuration(into *time.Duration, value time.Duration) pflag.Value {
	*into = value
	return duration{into}
}

// Set reads a duration.
func (d duration) Set(text string) error {
	if text != "" && strings.Trim(text, "0123456789") == "" {
		text += "s"
	}
	value, err := time.ParseDuration(text)
	if err != nil || value <= 0 {
		return Usagef("%q is not a duration longer than zero, such as 5s or 500ms", text)
	}
	*d.into = value
	return nil
}

// String returns the duration.
func (d duration) String() string {
	if d.into == nil {
		return ""
	}
	return d.into.String()
}

// Type names the flag's argument in the help.
func (duration) Type() string { return "duration" }
