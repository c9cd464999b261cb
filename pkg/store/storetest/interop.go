package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// oldestNode is the first release of Node.js the library works with. It asks for
// 22, without needing it.
const oldestNode = 20

// RequireNode skips or fails a test, as [Require] does, where StartNode could not
// work.
func RequireNode(t T, dir string) {
	if err := NodeReady(dir); err != nil {
		unavailable(t, err.Error())
	}
}

// InteropDir returns testdata/interop of the module the test runs in.
func InteropDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "testdata", "interop"), nil
		}
	}
	return "", errors.New("not inside a Go module")
}

// NodeReady says what is missing to start the driver in dir: Node.js, a version
// recent enough, or the packages. It returns nil where nothing is.
func NodeReady(dir string) error {
	path, ok := Find("node")
	if !ok {
		return errors.New("node is not installed")
	}
	version, err := exec.Command(path, "--version").Output()
	if err != nil {
		return fmt.Errorf("node does not run: %w", err)
	}
	name := strings.TrimSpace(string(version))
	major, _, _ := strings.Cut(strings.TrimPrefix(name, "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestNode {
		return fmt.Errorf("node %s is older than %d", name, oldestNode)
	}
	return packagesReady(dir)
}

// manifest is what matters here of a package.json.
type manifest struct {
	Version      string            `json:"version"`
	Dependencies map[string]string `json:"dependencies"`
}

// packagesReady compares the packages installed in dir with those it asks for.
func packagesReady(dir string) error {
	wanted, err := readManifest(dir)
	if err != nil {
		return err
	}
	for name, version := range wanted.Dependencies {
		installed, err := readManifest(filepath.Join(dir, "node_modules", name))
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is not installed: run npm ci in %s", name, dir)
		}
		if err != nil {
			return err
		}
		if installed.Version != version {
			return fmt.Errorf("%s is %s, not %s: run npm ci in %s",
				name, installed.Version, version, dir)
		}
	}
	return nil
}

func readManifest(dir string) (m manifest, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}
