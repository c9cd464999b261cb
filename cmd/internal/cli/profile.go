package cli

import (
	"fmt"

	"github.com/tenantstore/store/pkg/store"
)

// Profile is a set of settings, in a context or at the top of a config file. The names
// are those of the flags; scopes is a list.
type Profile struct {
	URL           string   `yaml:"url,omitempty" json:"url,omitzero"`
	Service       string   `yaml:"service,omitempty" json:"service,omitzero"`
	Scopes        []string `yaml:"scopes,flow,omitempty" json:"scopes,omitzero"`
	Actor         string   `yaml:"actor,omitempty" json:"actor,omitzero"`
	Prefix        string   `yaml:"prefix,omitempty" json:"prefix,omitzero"`
	Output        string   `yaml:"output,omitempty" json:"output,omitzero"`
	Timeout       string   `yaml:"timeout,omitempty" json:"timeout,omitzero"`
	Color         string   `yaml:"color,omitempty" json:"color,omitzero"`
	ReadOnly      bool     `yaml:"read-only,omitempty" json:"readOnly,omitzero"`
	ReadOnlyToo   bool     `yaml:"readOnly,omitempty" json:"-"` // as other tools spell it
	Protected     bool     `yaml:"protected,omitempty" json:"protected,omitzero"`
	Username      string   `yaml:"username,omitempty" json:"username,omitzero"`
	Password      Secret   `yaml:"password,omitempty" json:"password,omitzero"`
	PasswordFile  string   `yaml:"password-file,omitempty" json:"passwordFile,omitzero"`
	AskPassword   bool     `yaml:"ask-password,omitempty" json:"askPassword,omitzero"`
	TLSCA         string   `yaml:"tls-ca,omitempty" json:"tlsCa,omitzero"`
	TLSCert       string   `yaml:"tls-cert,omitempty" json:"tlsCert,omitzero"`
	TLSKey        string   `yaml:"tls-key,omitempty" json:"tlsKey,omitzero"`
	TLSServerName string   `yaml:"tls-server-name,omitempty" json:"tlsServerName,omitzero"`
}

// check refuses what no profile may say.
func (p *Profile) check() error { return p.Password.check() }

// checkOutput refuses an output format that there is not, before a context is kept. In one
// that is there already it is an error only for who uses that context.
func (p *Profile) checkOutput(name string) error {
	if p.Output == "" {
		return nil
	}
	return checkOutput(fmt.Sprintf("context %q: output", name), p.Output)
}

// holdsSecret reports whether the profile itself holds a password, and not only where
// one is.
func (p *Profile) holdsSecret() bool { return p.shownURL() != p.URL }

// shownURL returns the URL without its password.
func (p *Profile) shownURL() string {
	if p.URL == "" {
		return ""
	}
	return store.RedactURL(p.URL)
}
