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
	"slices"
	"strings"

	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"

	"github.com/tenantstore/store/pkg/store"
)

// projectFile may stand in the working directory or above it.
const projectFile = ".store.yaml"

// profile is a set of settings, in a context or at the top of a config file. The
// names are those of the flags; scopes is a list.
type profile struct {
	URL           string   `yaml:"url"`
	Service       string   `yaml:"service"`
	Scopes        []string `yaml:"scopes"`
	Actor         string   `yaml:"actor"`
	Prefix        string   `yaml:"prefix"`
	Output        string   `yaml:"output"`
	Timeout       string   `yaml:"timeout"`
	Color         string   `yaml:"color"`
	ReadOnly      bool     `yaml:"read-only"`
	Username      string   `yaml:"username"`
	PasswordFile  string   `yaml:"password-file"`
	AskPassword   bool     `yaml:"ask-password"`
	TLSCA         string   `yaml:"tls-ca"`
	TLSCert       string   `yaml:"tls-cert"`
	TLSKey        string   `yaml:"tls-key"`
	TLSServerName string   `yaml:"tls-server-name"`
}

// document is a whole config file.
type document struct {
	profile  `yaml:",inline"`
	Context  string             `yaml:"context"`
	Contexts map[string]profile `yaml:"contexts"`
	Services []serviceConfig    `yaml:"services"`
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
	sources := []source{inContext, project.source(), user.source()}
	t.declare(sources, project, user)
	return sources, nil
}

// declare takes over the scopes that the files declare for the service that will be
// in effect, .store.yaml's first.
func (t *Tool) declare(sources []source, files ...*configFile) {
	service := t.Service
	for _, s := range sources {
		if service == "" && s.values != nil {
			service = s.values.GetString("service")
		}
	}
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
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file.document); err != nil && !errors.Is(err, io.EOF) {
		return nil, Usagef("config file %s: %s", path, yamlReason(err))
	}
	if err := yaml.Unmarshal(data, &file.values); err != nil {
		return nil, Usagef("config file %s: %s", path, yamlReason(err))
	}
	return file, file.checkServices()
}

// yamlReason says in one line what the YAML library found.
func yamlReason(err error) string {
	if mismatch, ok := errors.AsType[*yaml.TypeError](err); ok {
		return strings.ReplaceAll(strings.Join(mismatch.Errors, "; "), "in type cli.document",
			"in a config file")
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

// readProject looks for .store.yaml from the working directory upwards. It may only
// say what to look at, never where to connect, as whom, or what to run: the folder
// may be somebody else's.
func (t *Tool) readProject() (*configFile, error) {
	none := &configFile{values: map[string]any{}}
	if t.Dir == "" {
		return none, nil
	}
	for dir := t.Dir; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, projectFile)
		if _, err := os.Stat(path); err == nil {
			file, err := readConfig(path, true)
			if err != nil {
				return nil, err
			}
			return file, t.restrict(file)
		}
		if dir == filepath.Dir(dir) {
			return none, nil
		}
	}
}

// restrict drops what a project file may not say, and warns.
func (t *Tool) restrict(file *configFile) error {
	for _, name := range slices.Sorted(maps.Keys(file.values)) {
		switch name {
		case "service", "scopes", "output", "services":
			continue
		}
		delete(file.values, name)
		if err := t.Warnf("%s: %s is ignored; a project file may only set service, scopes, "+
			"output and services", file.path, name); err != nil {
			return err
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
		return source{}, &UsageError{
			Reason: fmt.Sprintf("there is no context %q in %s", name, file.path),
			Hint:   contextHint(file),
		}
	}
	all, _ := file.values["contexts"].(map[string]any)
	values, _ := all[name].(map[string]any)
	return source{func(string) string { return "context " + name }, settingsOf(values)}, nil
}

func contextHint(file *configFile) string {
	if len(file.document.Contexts) == 0 {
		return "the config file has no contexts"
	}
	names := slices.Sorted(maps.Keys(file.document.Contexts))
	return "contexts: " + strings.Join(names, ", ")
}

// settingsOf puts a file's settings into a viper, under the names of the flags.
func settingsOf(values map[string]any) *viper.Viper {
	settings := map[string]any{}
	for name, value := range values {
		switch name {
		case "scopes":
			settings["scope"] = value
		case "contexts", "services":
		default:
			settings[name] = value
		}
	}
	return newViper(settings)
}
