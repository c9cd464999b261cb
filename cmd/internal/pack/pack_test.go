package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// packTime is enough to compile nfpm on a machine that has other work to do.
const packTime = 10 * time.Minute

// askedFor skips a test that compiles a release, which takes minutes where nothing of it is
// compiled yet, unless the variable STORE_TEST_RELEASE asks for it.
func askedFor(t *testing.T) {
	t.Helper()
	if os.Getenv("STORE_TEST_RELEASE") == "" {
		t.Skip("set STORE_TEST_RELEASE to build a release twice")
	}
}

// TestDebian installs the package in a folder, runs what it brought and removes it. The
// package tool comes from the module proxy, unless it was compiled before. The program in it is
// the one that the other tests have compiled, unless STORE_TEST_RELEASE asks for that of a release.
func TestDebian(t *testing.T) {
	dpkg := storetest.Require(t, "dpkg")
	t.Chdir("../../..")
	ctx, cancel := context.WithTimeoutCause(t.Context(), packTime,
		errors.New("packing took longer than "+packTime.String()))
	defer cancel()
	dir, root := t.TempDir(), newRoot(t)
	if err := packDebian(ctx, t, dir); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(found) != 1 {
		t.Fatalf("packages: %q, %v", found, err)
	}
	checkOwners(t, found[0])
	in := func(args ...string) string {
		t.Helper()
		// Neither root nor the folders of root are needed: the package runs nothing.
		args = append([]string{"--force-not-root", "--force-bad-path", "--root=" + root}, args...)
		return output(t, dpkg, args...)
	}
	in("-i", found[0])
	checkModes(t, root)
	checkVersion(t, filepath.Join(root, "usr/bin/store"), in("-s", "store"))
	in("-r", "store")
	if _, err := os.Stat(filepath.Join(root, "usr")); err == nil {
		t.Error("removing the package leaves /usr behind")
	}
}

func packDebian(ctx context.Context, t *testing.T, dir string) error {
	t.Helper()
	if os.Getenv("STORE_TEST_RELEASE") != "" {
		return run(ctx, []string{dir, "deb"})
	}
	output(t, "go", "build", "-o", filepath.Join(dir, "store"))
	r, err := readRelease(".goreleaser.yaml")
	if err != nil {
		return err
	}
	return r.wrap(ctx, dir, []string{"deb"})
}

// newRoot makes a folder that dpkg takes for the root of a system without packages.
func newRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg/updates"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"status", "available"} {
		if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// checkOwners asks the package: files on disk belong to whoever runs the test, if not root.
func checkOwners(t *testing.T, path string) {
	t.Helper()
	listed := output(t, "dpkg-deb", "-c", path)
	if strings.Count(listed, "\n") < 50 {
		t.Errorf("few files in the package:\n%s", listed)
	}
	for line := range strings.Lines(listed) {
		if words := strings.Fields(line); words[1] != "root/root" {
			t.Errorf("not root's: %s", line)
		}
	}
}

func checkModes(t *testing.T, root string) {
	t.Helper()
	for path, mode := range map[string]os.FileMode{
		"bin/store": 0o755, "share/man/man1/store-kv-get.1.gz": 0o644, "share/man/man7/store-urls.7.gz": 0o644,
		"share/bash-completion/completions/store": 0o644, "share/zsh/vendor-completions/_store": 0o644,
		"share/fish/vendor_completions.d/store.fish": 0o644, "share/doc/store/copyright": 0o644,
	} {
		if info, err := os.Stat(filepath.Join(root, "usr", path)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
}

// checkVersion compares the program with what dpkg knows about the package, which has no
// version of its own if the program has none.
func checkVersion(t *testing.T, program, status string) {
	t.Helper()
	words := strings.Fields(output(t, program, "version"))
	want := strings.TrimPrefix(strings.Replace(words[1], "-", "~", 1), "v")
	if want == "(devel)" {
		want = "0.0.0"
	}
	if !strings.Contains(status, "\nVersion: "+want+"\n") {
		t.Errorf("%q is not the version of\n%s", want, status)
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	return string(text)
}
