package storetest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// verdicts is a test that notes how it was given up.
type verdicts struct{ fatal, skip string }

func (v *verdicts) Fatal(args ...any) { v.fatal = fmt.Sprint(args...) }
func (v *verdicts) Skip(args ...any)  { v.skip = fmt.Sprint(args...) }

func TestRequireSkipsWithoutCI(t *testing.T) {
	t.Setenv("CI", "")
	var v verdicts
	storetest.Require(&v, "no-such-program")
	if want := (verdicts{skip: "no-such-program is not installed"}); v != want {
		t.Errorf("got %+v, want %+v", v, want)
	}
}

func TestRequireFailsInCI(t *testing.T) {
	t.Setenv("CI", "true")
	var v verdicts
	storetest.Require(&v, "no-such-program")
	if want := "no-such-program is not installed; CI must install it"; v.fatal != want {
		t.Errorf("got %+v, want the failure %q", v, want)
	}
}

func TestRequireFinds(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "present")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	var v verdicts
	if path := storetest.Require(&v, "present"); path != program || v != (verdicts{}) {
		t.Errorf("got %q, %+v", path, v)
	}
}

func TestNodeReadySaysWhatIsMissing(t *testing.T) {
	installed := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		full := filepath.Join(installed, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got := fmt.Sprint(storetest.NodeReady(installed)); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	t.Setenv("PATH", filepath.Join(installed, "bin"))

	expect("node is not installed")
	write("bin/node", "#!/bin/sh\necho v18.1.0\n")
	expect("node v18.1.0 is older than 20")
	write("bin/node", "#!/bin/sh\necho v20.0.0\n")
	write("package.json", `{"dependencies":{"lib":"1.0.1"}}`)
	expect("lib is not installed: run npm ci in " + installed)
	write("node_modules/lib/package.json", `{"version":"1.0.0"}`)
	expect("lib is 1.0.0, not 1.0.1: run npm ci")
	write("node_modules/lib/package.json", `{"version":"1.0.1"}`)
	expect("<nil>")
}
