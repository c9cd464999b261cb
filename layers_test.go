package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tenantstore/store"

// TestLayers keeps the library free of the command line, and the output free of Redis.
func TestLayers(t *testing.T) {
	for _, layer := range []struct {
		pkg       string
		forbidden []string
	}{
		{"pkg/store", []string{
			"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/spf13/viper",
			"github.com/charmbracelet/lipgloss", "github.com/olekukonko/tablewriter",
			"github.com/itchyny/gojq", "golang.org/x/term", module + "/pkg/render", module + "/cmd",
			// Whoever judges no event shall not pay for what judges them.
			"github.com/google/jsonschema-go", module + "/pkg/store/eventschema",
		}},
		{"pkg/render", []string{
			"github.com/redis/go-redis/v9", "github.com/alicebob/miniredis/v2",
			"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/spf13/viper",
			module + "/pkg/store", module + "/cmd",
		}},
	} {
		for _, dep := range dependencies(t, layer.pkg) {
			if slices.ContainsFunc(layer.forbidden, func(f string) bool { return within(dep, f) }) {
				t.Errorf("%s must not depend on %s", layer.pkg, dep)
			}
		}
	}
}

// TestTestCodeIsNotLinked keeps what serves tests out of the program.
func TestTestCodeIsNotLinked(t *testing.T) {
	for _, dep := range dependencies(t, "cmd") {
		if dep == "testing" || within(dep, module+"/pkg/store/storetest") {
			t.Errorf("the program must not contain %s", dep)
		}
	}
}

// dependencies returns the packages that go into a package, itself left out.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "./"+pkg).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := strings.Fields(string(out))
	if len(all) < 10 || all[len(all)-1] != module+"/"+pkg {
		t.Fatalf("go list answered %q", all)
	}
	return all[:len(all)-1]
}

// within reports whether a package is one of a module or folder.
func within(pkg, root string) bool {
	return pkg == root || strings.HasPrefix(pkg, root+"/")
}
