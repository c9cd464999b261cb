package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// TestDebian installs the package in a folder, runs what it brought and removes it.
func TestDebian(t *testing.T) {
	dpkg := storetest.Require(t, "dpkg")
	t.Chdir("../../..")
	dir, root := t.TempDir(), t.TempDir()
	if err := run(t.Context(), []string{dir, "deb"}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg/updates"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"status", "available"} {
		if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	in := func(args ...string) {
		t.Helper()
		args = append([]string{"--force-not-root", "--root=" + root}, args...)
		if text, err := exec.CommandContext(t.Context(), dpkg, args...).CombinedOutput(); err != nil {
			t.Fatalf("dpkg: %v\n%s", err, text)
		}
	}
	in("-i", filepath.Join(dir, "store_0.0.0_"+runtime.GOARCH+".deb"))
	for path, mode := range map[string]os.FileMode{
		"bin/store": 0o755, "share/man/man1/store-kv-get.1.gz": 0o644, "share/man/man7/store-urls.7.gz": 0o644,
		"share/bash-completion/completions/store": 0o644, "share/zsh/vendor-completions/_store": 0o644,
		"share/fish/vendor_completions.d/store.fish": 0o644, "share/doc/store/copyright": 0o644,
	} {
		if info, err := os.Stat(filepath.Join(root, "usr", path)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	text, err := exec.CommandContext(t.Context(), filepath.Join(root, "usr/bin/store"), "version").Output()
	if err != nil || !strings.HasPrefix(string(text), "store ") {
		t.Errorf("store version: %q, %v", text, err)
	}
	in("-r", "store")
	if _, err := os.Stat(filepath.Join(root, "usr")); err == nil {
		t.Error("removing the package leaves /usr behind")
	}
}
