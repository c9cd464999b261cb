package main

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// release is what .goreleaser.yaml says about building and packaging.
type release struct {
	Builds []struct {
		Flags   []string `yaml:"flags"`
		Ldflags []string `yaml:"ldflags"`
	} `yaml:"builds"`
	Packages []map[string]any `yaml:"nfpms"`
}

func readRelease(path string) (*release, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(release)
	return r, yaml.Unmarshal(text, r)
}

// buildArgs are the flags of a release, but for the version: a copy has no history to take
// it from.
func (r *release) buildArgs() []string {
	build := r.Builds[0]
	args := slices.DeleteFunc(slices.Clone(build.Flags), func(f string) bool {
		return f == "-buildvcs=true"
	})
	return append(args, "-buildvcs=false", "-ldflags="+strings.Join(build.Ldflags, " "))
}

// writeConfig writes what nfpm reads: what goreleaser is told, and what it would add.
func (r *release) writeConfig(path, binary string) error {
	config := map[string]any{}
	for name, value := range r.Packages[0] {
		switch name {
		case "package_name", "formats", "bindir", "mtime": // goreleaser's own
		default:
			config[name] = value
		}
	}
	config["name"], config["version"] = r.Packages[0]["package_name"], "0.0.0"
	config["arch"], config["platform"] = runtime.GOARCH, "linux"
	contents, _ := config["contents"].([]any)
	config["contents"] = append(slices.Clone(contents), map[string]any{
		"src": binary, "dst": "/usr/bin/store", "file_info": map[string]any{"mode": 0o755},
	})
	text, err := yaml.Marshal(config)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
