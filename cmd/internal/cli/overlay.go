package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// source is one place that settings come from. Each has a viper of its own, so that
// it is always known which one a value is from; one that has no settings has none.
type source struct {
	origin func(flag string) string
	values *viper.Viper
}

// Resolve fills every flag that was not given on the command line from, in this
// order, the environment, the context, .store.yaml, and the config file. Values go
// through the flag's own Set; a bad one is an error that names its origin. It reads
// files and never connects.
func (t *Tool) Resolve(flags *pflag.FlagSet) error {
	flags.Visit(func(f *pflag.Flag) { t.origins[f.Name] = "flag --" + f.Name })
	if err := t.overlay(flags, t.environment()); err != nil {
		return err
	}
	sources, err := t.files()
	if err != nil {
		return err
	}
	for _, s := range sources {
		if err := t.overlay(flags, s); err != nil {
			return err
		}
	}
	return t.check()
}

// ResolveWithoutContext is Resolve for commands that look after contexts: one that the
// config file names as current, and does not have, is no context then.
func (t *Tool) ResolveWithoutContext(flags *pflag.FlagSet) error {
	t.mending = true
	return t.Resolve(flags)
}

// overlay sets the flags that nothing before has set.
func (t *Tool) overlay(flags *pflag.FlagSet, s source) error {
	if s.values == nil {
		return nil
	}
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		if _, taken := t.origins[f.Name]; taken || failed != nil || !s.values.IsSet(f.Name) {
			return
		}
		t.origins[f.Name] = s.origin(f.Name)
		if err := set(f, s.values); err != nil {
			failed = Usagef("%s: %v", t.origins[f.Name], err)
		}
	})
	return failed
}

// set gives a flag a source's value. A flag set in this way does not count as
// Changed, so rules about flags that exclude each other see only what was typed.
func set(f *pflag.Flag, values *viper.Viper) error {
	list, isList := f.Value.(pflag.SliceValue)
	if !isList {
		return f.Value.Set(fmt.Sprint(values.Get(f.Name)))
	}
	if text, isText := values.Get(f.Name).(string); isText {
		return list.Replace(strings.Split(text, ","))
	}
	return list.Replace(values.GetStringSlice(f.Name))
}

// environment returns the settings that environment variables hold. Viper reads
// the process' own environment; ours is handed in, so its values are, too.
func (t *Tool) environment() source {
	values, names := map[string]any{}, map[string]string{}
	for flag, variables := range environmentVariables() {
		for _, name := range variables {
			if value := t.Getenv(name); value != "" {
				values[flag], names[flag] = value, name
				break
			}
		}
	}
	origin := func(flag string) string { return "environment " + names[flag] }
	return source{origin, newViper(values)}
}

// environmentVariables names the variables of each flag, the first one that is set
// winning.
func environmentVariables() map[string][]string {
	return map[string][]string{
		"url":             {"STORE_URL", "REDIS_URL"},
		"service":         {"STORE_SERVICE"},
		"scope":           {"STORE_SCOPE"},
		"actor":           {"STORE_ACTOR"},
		"prefix":          {"STORE_PREFIX"},
		"context":         {"STORE_CONTEXT"},
		"config":          {"STORE_CONFIG"},
		"output":          {"STORE_OUTPUT"},
		"timeout":         {"STORE_TIMEOUT"},
		"read-only":       {"STORE_READ_ONLY"},
		"telemetry":       {"STORE_TELEMETRY"},
		"username":        {"STORE_USERNAME"},
		"tls-ca":          {"STORE_TLS_CA"},
		"tls-cert":        {"STORE_TLS_CERT"},
		"tls-key":         {"STORE_TLS_KEY"},
		"tls-server-name": {"STORE_TLS_SERVER_NAME"},
		"tls-skip-verify": {"STORE_TLS_SKIP_VERIFY"},
	}
}

// newViper returns a viper of settings, or nil where there are none. It splits no
// names: no setting has a path.
func newViper(settings map[string]any) *viper.Viper {
	if len(settings) == 0 {
		return nil
	}
	v := viper.NewWithOptions(viper.KeyDelimiter("\x00"))
	for name, value := range settings {
		v.Set(name, value)
	}
	return v
}
