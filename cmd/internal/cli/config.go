package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"

	"github.com/tenantstore/store/pkg/store"
)

// projectFile may stand in the working directory or above it.
const projectFile = ".store.yaml"

// document is a whole config file.
type document struct {
	Profile  `yaml:",inline"`
	Context  string             `yaml:"context"`
	Previous string             `yaml:"previous-context"`
	Contexts map[string]Profile `yaml:"contexts"`
	Services []serviceConfig    `yaml:"services"`
}

// profiles returns all profiles of the file under the names that errors call them by.
func (d *document) profiles() map[string]Profile {
	all := map[string]Profile{"its top": d.Profile}
	for name, p := range d.Contexts {
		all[fmt.Sprintf("context %q", name)] = p
	}
	return all
}

// serviceConfig is what a config file declares about a service. Services are a list
// so that their names keep their case and their dots.
type serviceConfig struct {
	Name   string `yaml:"name"`
	Scopes []struct {
		Key         string `yaml:"key"`
		Required    bool   `yaml:"required"`
		Description string `yaml:"description"`
	} `yaml:"scopes"`
	// Events names the registry of the service's events, relative to the config file.
	Events     string            `yaml:"events"`
	Validation *validationConfig `yaml:"validation"`
}

// definitions returns the scopes that a service declares.
func (s *serviceConfig) definitions() []store.ScopeDefinition {
	defs := make([]store.ScopeDefinition, len(s.Scopes))
	for i, d := range s.Scopes {
		defs[i] = store.ScopeDefinition(d)
	}
	return defs
}

// configFile is a config file that was read.
type configFile struct {
	path     string
	document document
	values   map[string]any
	project  bool // a .store.yaml
}

// files reads the config files and returns their settings in the order of their
// precedence: the context, .store.yaml, the top of the config file.
func (t *Tool) files() ([]source, error) {
	user, err := readConfig(t.configPath(), t.Origin("config") != "default")
	if err != nil {
		return nil, err
	}
	project, err := t.readProject()
	if err != nil {
		return nil, err
	}
	inContext, err := t.contextSource(user)
	if err != nil {
		return nil, err
	}
	t.adopt(user)
	sources := []source{inContext, project.source(), user.source()}
	t.declare(sources, project, user)
	return sources, nil
}

// adopt takes over what a profile says beside the flags: where its password is, and
// whether it is protected. A project's file has no say in either.
func (t *Tool) adopt(user *configFile) {
	chosen := user.document.Contexts[t.active]
	t.secret, t.secretOrigin = chosen.Password, "context "+t.active
	if chosen.Password == "" {
		t.secret, t.secretOrigin = user.document.Password, "config file "+user.path
	}
	t.Protected = chosen.Protected
}

// declare takes over the scopes and events that the files declare for the service that
// will be in effect, .store.yaml's first.
func (t *Tool) declare(sources []source, files ...*configFile) {
	service := t.Service
	for _, s := range sources {
		if service == "" && s.values != nil {
			service = s.values.GetString("service")
		}
	}
	t.declareEvents(service, files...)
	for _, file := range files {
		for _, s := range file.document.Services {
			if s.Name == service {
				t.Declared = s.definitions()
				return
			}
		}
	}
}

// configPath returns where the config file is.
func (t *Tool) configPath() string {
	if t.Config != "" {
		return t.Config
	}
	base := t.Getenv("XDG_CONFIG_HOME")
	if base == "" && t.Getenv("HOME") != "" {
		base = filepath.Join(t.Getenv("HOME"), ".config")
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, "store", "config.yaml")
}

// readConfig reads a config file strictly: an unknown name is an error with its
// line. A missing file is empty, unless somebody named it.
func readConfig(path string, named bool) (*configFile, error) {
	file := &configFile{path: path, values: map[string]any{}}
	if path == "" {
		return file, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return file, nil
	}
	if err != nil {
		return nil, Usagef("config file: %v", err)
	}
	if err := file.decode(data); err != nil {
		return nil, err
	}
	return file, file.checkMode()
}

// decode reads the text of the file.
func (f *configFile) decode(data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f.document); err != nil && !errors.Is(err, io.EOF) {
		return Usagef("config file %s: %s", f.path, yamlReason(err))
	}
	if err := yaml.Unmarshal(data, &f.values); err != nil {
		return Usagef("config file %s: %s", f.path, yamlReason(err))
	}
	profiles := f.document.profiles()
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		if p := profiles[name]; p.check() != nil {
			return Usagef("config file %s: %s: %v", f.path, name, p.check())
		}
	}
	return f.checkServices()
}

// checkMode refuses a file that holds a password and can be read by others. Elsewhere
// than on Unix the mode says nothing.
func (f *configFile) checkMode() error {
	info, err := os.Stat(f.path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	for _, p := range f.document.profiles() {
		if p.holdsSecret() {
			return &UsageError{
				Reason: fmt.Sprintf("config file %s holds a password and can be read by others", f.path),
				Hint:   "chmod 600 " + f.path,
			}
		}
	}
	return nil
}

// yamlReason says in one line what the YAML library found.
func yamlReason(err error) string {
	if mismatch, ok := errors.AsType[*yaml.TypeError](err); ok {
		words := strings.NewReplacer("in type cli.document", "in a config file",
			"in type cli.Profile", "in a context", "in type cli.serviceConfig", "in a service")
		return words.Replace(strings.Join(mismatch.Errors, "; "))
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}

func (f *configFile) checkServices() error {
	for _, s := range f.document.Services {
		if err := store.CheckScopeDefinitions(s.definitions()); err != nil {
			return Usagef("config file %s: service %q: %v", f.path, s.Name, err)
		}
	}
	return nil
}

// Warnf writes a warning to stderr.
func (t *Tool) Warnf(format string, args ...any) error {
	_, err := fmt.Fprintln(t.Err, t.Legible("store: warning: "+fmt.Sprintf(format, args...)))
	return err
}

// source returns the settings at the top of a file.
func (f *configFile) source() source {
	return source{func(string) string { return "config file " + f.path }, settingsOf(f.values)}
}

// contextSource returns the settings of the context in effect.
func (t *Tool) contextSource(file *configFile) (source, error) {
	name := t.Context
	if name == "" {
		name = file.document.Context
	}
	if name == "" {
		return source{}, nil
	}
	if _, known := file.document.Contexts[name]; !known {
		if t.mending && t.Context == "" {
			return source{}, nil
		}
		return source{}, file.unknownContext(name)
	}
	t.active = name
	all, _ := file.values["contexts"].(map[string]any)
	values, _ := all[name].(map[string]any)
	return source{func(string) string { return "context " + name }, settingsOf(values)}, nil
}

// settingsOf puts a file's settings into a viper, under the names of the flags. What is
// no global flag stays out: a command may have a flag of that name.
func settingsOf(values map[string]any) *viper.Viper {
	settings := map[string]any{}
	for name, value := range values {
		switch name {
		case "scopes":
			settings["scope"] = value
		case "readOnly":
			settings["read-only"] = value
		case "contexts", "services", "previous-context", "password", "protected":
		default:
			settings[name] = value
		}
	}
	return newViper(settings)
}
