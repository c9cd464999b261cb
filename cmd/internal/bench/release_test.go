package main

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestReleaseFlags holds what is measured to what is released.
func TestReleaseFlags(t *testing.T) {
	text, err := os.ReadFile("../../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var release struct {
		Builds []struct{ Flags, Ldflags []string }
	}
	if err := yaml.Unmarshal(text, &release); err != nil {
		t.Fatal(err)
	}
	build := release.Builds[0]
	released := map[string]bool{"-ldflags=" + strings.Join(build.Ldflags, " "): true}
	for _, f := range build.Flags {
		released[f] = true
	}
	delete(released, "-buildvcs=true") // a measured program needs no version
	for _, f := range releaseFlags() {
		if !released[f] {
			t.Errorf("a release is built without %s", f)
		}
		delete(released, f)
	}
	if len(released) > 0 {
		t.Errorf("what is measured is built without %v", released)
	}
}
