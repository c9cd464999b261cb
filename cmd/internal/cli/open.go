package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/pkg/store"
)

// Open returns a client for the service and scopes in effect. It does not connect;
// the first operation does. More options come on top of those of the settings.
func (t *Tool) Open(more ...store.Option) (*store.Client, error) {
	options, err := t.options()
	if err != nil {
		return nil, err
	}
	options = append(options, more...)
	t.Logger().Debug("open", "url", store.RedactURL(t.URL), "from", t.Origin("url"),
		"service", t.Service, "scopes", t.Scopes)
	client, err := store.Open(t.URL, options...)
	if err != nil {
		return nil, err
	}
	for _, text := range t.Scopes {
		scope, err := store.ParseScope(text)
		if err != nil {
			return nil, err
		}
		if client, err = client.Scope(scope.Key, scope.Identifier); err != nil {
			return nil, err
		}
	}
	if t.Actor == "" {
		return client, nil
	}
	actor, err := store.ParseActor(t.Actor)
	if err != nil {
		return nil, err
	}
	return client.Actor(actor.Key, actor.Identifier)
}

// CheckProfile connects as a profile says. What it says nothing of is as it is now. That
// this user may not look around is no failure: the server has answered.
func (t *Tool) CheckProfile(ctx context.Context, p Profile) error {
	trial := *t
	trial.secret, trial.secretOrigin = p.Password, "--password"
	client, err := trial.Open()
	if err != nil {
		return err
	}
	defer client.Close()
	look := store.ScanOptions{AllServices: true, Count: 1}
	_, err = client.ScanPage(ctx, "0", look)
	failure, failed := errors.AsType[*store.Error](err)
	switch {
	case !failed:
		return err
	case failure.Kind == store.ErrRefused:
		return nil
	}
	plain := *failure
	plain.Op = "" // nobody asked for a scan
	return &plain
}

// WithClient makes a RunE of work that needs a client: it is opened before, and closed
// after.
func (t *Tool) WithClient(
	work func(cmd *cobra.Command, client *store.Client, args []string) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		client, err := t.Open()
		if err != nil {
			return err
		}
		defer client.Close()
		return work(cmd, client, args)
	}
}

// options turns the settings into options of the library.
func (t *Tool) options() ([]store.Option, error) {
	password, err := t.password()
	if err != nil {
		return nil, err
	}
	options := []store.Option{
		store.WithService(t.Service),
		store.WithPrefix(t.Prefix),
		store.WithTimeout(t.Timeout),
		store.WithScopes(t.Declared...),
		store.WithCredentials(t.Username, password),
		store.WithLogger(t.Logger()),
	}
	if t.Verbose {
		options = append(options, store.WithTelemetry(operationLog{t.Logger()}))
	}
	if t.ReadOnly {
		options = append(options, store.WithReadOnly())
	}
	if t.Memory != nil {
		options = append(options, store.WithMemory(t.Memory))
	}
	telemetry, err := t.telemetryOptions()
	if err != nil {
		return nil, err
	}
	options = append(options, telemetry...)
	secure, err := t.tls()
	if err != nil || secure == nil {
		return options, err
	}
	return append(options, store.WithTLS(secure)), nil
}

// Logger returns the debug log that --verbose asks for, or one that drops all.
func (t *Tool) Logger() *slog.Logger {
	if !t.Verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(t.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// operationLog writes the library's events to the debug log: which operations ran
// and how they ended. Keys and values are not part of them.
type operationLog struct{ log *slog.Logger }

// Emit writes one event.
func (o operationLog) Emit(ctx context.Context, name string, _ slog.Level, attrs ...slog.Attr) {
	o.log.LogAttrs(ctx, slog.LevelDebug, name, attrs...)
}

// tls returns the TLS settings, or nil where there are none.
func (t *Tool) tls() (*tls.Config, error) {
	if t.TLSCA+t.TLSCert+t.TLSKey+t.TLSServerName == "" && !t.TLSSkipVerify {
		return nil, nil
	}
	config := &tls.Config{ServerName: t.TLSServerName, InsecureSkipVerify: t.TLSSkipVerify}
	if t.TLSSkipVerify {
		if err := t.Warnf("the server's certificate is not checked"); err != nil {
			return nil, err
		}
	}
	if err := t.trust(config); err != nil {
		return nil, err
	}
	if (t.TLSCert == "") != (t.TLSKey == "") {
		return nil, Usagef("--tls-cert and --tls-key go together")
	}
	if t.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(t.TLSCert, t.TLSKey)
		if err != nil {
			return nil, Usagef("client certificate: %s", strings.TrimPrefix(err.Error(), "tls: "))
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// trust makes config trust the certificate authority of --tls-ca alone.
func (t *Tool) trust(config *tls.Config) error {
	if t.TLSCA == "" {
		return nil
	}
	data, err := os.ReadFile(t.TLSCA)
	if err != nil {
		return Usagef("certificate authority: %v", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(data) {
		return Usagef("certificate authority: %s holds no certificate in PEM form", t.TLSCA)
	}
	return nil
}
