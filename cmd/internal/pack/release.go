package main

import (
	"debug/buildinfo"
	"maps"
	"os"
	"path/filepath"
	"runtime"
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

// buildArgs are what makes go build the program as in a release. Only the flag that insists on
// a version is left out: a copy has no history to take it from.
func (r *release) buildArgs(binary string) []string {
	build := r.Builds[0]
	args := []string{"build", "-o", binary, "-ldflags=" + strings.Join(build.Ldflags, " ")}
	for _, f := range build.Flags {
		if f != "-buildvcs=true" {
			args = append(args, f)
		}
	}
	return args
}

// writeConfig writes what nfpm reads: what goreleaser is told, and what it would add. The
// program and its pages are in dir.
func (r *release) writeConfig(path, dir string) error {
	binary := filepath.Join(dir, "store")
	version, err := versionOf(binary)
	if err != nil {
		return err
	}
	config := map[string]any{}
	for name, value := range r.Packages[0] {
		switch name {
		case "package_name", "formats", "bindir", "mtime": // goreleaser's own
		default:
			config[name] = value
		}
	}
	config["name"], config["version"] = r.Packages[0]["package_name"], version
	config["arch"], config["platform"] = runtime.GOARCH, "linux"
	config["contents"] = append(r.contents(dir), map[string]any{
		"src": binary, "dst": "/usr/bin/store", "file_info": map[string]any{"mode": 0o755},
	})
	text, err := yaml.Marshal(config)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// contents are the files of a package without the program. A release has its pages in the
// folder man, which becomes one in dir.
func (r *release) contents(dir string) []any {
	var files []any
	listed, _ := r.Packages[0]["contents"].([]any)
	for _, entry := range listed {
		file, _ := entry.(map[string]any)
		file = maps.Clone(file)
		if src, _ := file["src"].(string); strings.HasPrefix(src, "man/") {
			file["src"] = filepath.Join(dir, src)
		}
		files = append(files, file)
	}
	return files
}

// versionOf returns the version that Go recorded in a program, 0.0.0 if it had none to record.
func versionOf(binary string) (string, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", err
	}
	if version, tagged := strings.CutPrefix(info.Main.Version, "v"); tagged {
		return version, nil
	}
	return "0.0.0", nil
}
