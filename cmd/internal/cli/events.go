package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
)

// registryFile is where a config file says that the schemas of the service's events are.
type registryFile struct {
	path string // as it is written; empty for none
	file string // the config file
	// inside is set for a project's file: it must not lead out of the project.
	inside bool
}

// open opens the file that a config file names.
func (f registryFile) open() (*os.File, error) {
	switch {
	case f.inside:
		return os.OpenInRoot(filepath.Dir(f.file), f.path)
	case filepath.IsAbs(f.path):
		return os.Open(f.path)
	}
	return os.Open(filepath.Join(filepath.Dir(f.file), f.path))
}

// declareEvents takes over the first file that names a registry for the service, and what
// the user's own says of when events are judged.
func (t *Tool) declareEvents(service string, files ...*configFile) {
	t.Validation = store.DefaultValidation()
	for _, file := range files {
		for _, s := range file.document.Services {
			if s.Name != service {
				continue
			}
			if t.registry.path == "" {
				t.registry = registryFile{s.Events, file.path, file.project}
			}
			s.Validation.apply(&t.Validation)
		}
	}
}

// RegistryOrigin returns the registry that a config file names for the service, as it is
// written there, and which file that is.
func (t *Tool) RegistryOrigin() (path, origin string) {
	return t.registry.path, "config file " + t.registry.file
}

// validationConfig is when the events of a service are judged.
type validationConfig struct {
	Publish   *bool `yaml:"publish"`
	Subscribe *bool `yaml:"subscribe"`
	Throw     *bool `yaml:"throw"`
}

func (v *validationConfig) apply(o *store.ValidationOptions) {
	if v == nil {
		return
	}
	for _, option := range []struct{ from, to *bool }{
		{v.Publish, &o.ValidatePublish},
		{v.Subscribe, &o.ValidateSubscribe},
		{v.Throw, &o.ThrowOnValidationError},
	} {
		if option.from != nil {
			*option.to = *option.from
		}
	}
}

// Events returns the schemas of the service's events: those in file, or, where that is
// empty, those that the config file names for the service. It returns nil where there
// are none. Only commands that judge events call it, as reading schemas takes time.
func (t *Tool) Events(file string) (store.EventValidator, error) {
	registry, err := t.Registry(file)
	if err != nil || registry == nil {
		return nil, err
	}
	return registry, nil
}

// Registry returns what Events does, with all there is to know of it.
func (t *Tool) Registry(file string) (*eventschema.Registry, error) {
	name, open := file, func() (*os.File, error) { return os.Open(file) }
	if file == "" {
		name, open = t.registry.path, t.registry.open
	}
	if name == "" {
		return nil, nil
	}
	in, err := open()
	if err != nil {
		return nil, Usagef("event registry: %v", err)
	}
	defer in.Close()
	registry, err := eventschema.Load(t.waiting(io.Reader(in)))
	return registry, inRegistry(name, err)
}

// inRegistry says in which file the mistake is.
func inRegistry(name string, err error) error {
	if e, ok := errors.AsType[*store.Error](err); ok {
		named := *e
		named.Op, named.Key = "event registry", name
		return &named
	}
	return err
}
