package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
)

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
			file.project = true
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
	return t.restrictServices(file)
}

// restrictServices drops what a project file may not say of its services: whether what
// the user publishes is judged is for the user to say.
func (t *Tool) restrictServices(file *configFile) error {
	for i, s := range file.document.Services {
		if s.Validation == nil {
			continue
		}
		file.document.Services[i].Validation = nil
		if err := t.Warnf("%s: validation is ignored; a project file may only name events",
			file.path); err != nil {
			return err
		}
	}
	return nil
}
