package storetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// T is a test that can be given up. *testing.T is one, and so is what T returns
// of a testscript Env.
type T interface {
	Fatal(args ...any) // ends the test as failed
	Skip(args ...any)  // ends the test as left out
}

// TB is a test that can also clean up after itself. Every testing.TB is one.
type TB interface {
	T
	Helper()        // the caller is no place to blame
	Cleanup(func()) // what to do when the test has ended
}

// Find looks a program up in PATH. A path names a file, which need not be a program.
func Find(program string) (path string, ok bool) {
	if filepath.IsAbs(program) {
		_, err := os.Stat(program)
		return program, err == nil
	}
	path, err := exec.LookPath(program)
	return path, err == nil
}

// Require returns the path of what [Find] finds, as the test cannot do without. It skips the
// test where the program is missing, and fails it there when CI is set.
func Require(t T, program string) string {
	path, ok := Find(program)
	if !ok {
		unavailable(t, program+" is not installed")
	}
	return path
}

// unavailable ends a test for want of something on this machine. The notice goes
// to standard error as well because go test shows no skips.
func unavailable(t T, reason string) {
	if os.Getenv("CI") != "" {
		t.Fatal(reason + "; CI must install it")
		return
	}
	fmt.Fprintf(os.Stderr, "storetest: SKIPPED: %s\n", reason)
	t.Skip(reason)
}

// run hands out what a Start function returned and stops it with the test.
func run[S interface{ Stop() }](tb TB, started S, err error) S {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(started.Stop)
	return started
}
