//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// The tests in this file kill `store dev` and look at what it leaves in its file.

// devProcess is a running `store dev`.
type devProcess struct {
	cmd    *exec.Cmd
	client *store.Client
	said   *bytes.Buffer // on stderr; to be read when it has ended
}

// startDev starts it, or says how it ended.
func startDev(t *testing.T, args ...string) (*devProcess, error) {
	t.Helper()
	p := &devProcess{said: &bytes.Buffer{}}
	p.cmd = exec.Command("store", append([]string{"dev", "--listen=127.0.0.1:0", "-o", "raw"}, args...)...)
	p.cmd.Stderr = p.said
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%w: %s", p.cmd.Wait(), p.said)
	}
	t.Cleanup(p.kill)
	if p.client, err = store.Open(strings.TrimSpace(line), store.WithService("api")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.client.Close() })
	return p, nil
}

// kill kills it as `kill -9` does. It may have ended before.
func (p *devProcess) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// loads checks that a file is whole, and returns how many keys are in it.
func loads(t *testing.T, path string) (keys int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	memory := store.NewMemory()
	defer memory.Close()
	if keys, err = memory.Load(file); err != nil {
		t.Fatalf("%s is broken: %v", path, err)
	}
	return keys
}

// TestDevKilled kills dev once what it holds is in its file: the next one has it, of every
// kind, under the same passing of time.
func TestDevKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	p, err := startDev(t, "--data", path, "--save-every", "50ms")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	raw := p.client
	if _, err := raw.KV().Set(ctx, "k", store.Value(`{"a":1}`), store.SetOptions{TTL: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Counter().Increment(ctx, "c", 5, 0); err != nil {
		t.Fatal(err)
	}
	report, err := raw.Streams().AppendAll(ctx, "s",
		store.ReadMessages(strings.NewReader("1\n2\n3\n"), false), store.AppendOptions{})
	if err != nil || report.Written != 3 {
		t.Fatalf("%+v, %v", report, err)
	}
	if _, err := raw.Streams().Group("s", "g").Ensure(ctx, "0"); err != nil {
		t.Fatal(err)
	}
	awaitSaved(t, path, `"group":"g"`)
	p.kill()
	if n := loads(t, path); n != 3 {
		t.Errorf("%d keys are in the file, want 3", n)
	}
	p, err = startDev(t, "--data", path)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := p.client.KV().Get(ctx, "k"); err != nil || string(v.Value) != `{"a":1}` {
		t.Errorf("got %s, %v", v.Value, err)
	}
	if n, err := p.client.Counter().Increment(ctx, "c", 1, 0); err != nil || n != 6 {
		t.Errorf("counted to %d, %v", n, err)
	}
	if info, err := p.client.Streams().Group("s", "g").Info(ctx); err != nil || fmt.Sprint(info.Lag) != "3" {
		t.Errorf("the group is %+v, %v", info, err)
	}
}

// awaitSaved waits until a file holds a text.
func awaitSaved(t *testing.T, path, want string) {
	t.Helper()
	err := storetest.WaitFor(t.Context(), 3*waitLimit, func() error {
		text, err := os.ReadFile(path)
		if err == nil && !strings.Contains(string(text), want) {
			err = fmt.Errorf("no %s in %s", want, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDevKilledWhileSaving kills dev again and again while it saves all the time: the file
// is whole each time, the next dev reads it, and what was saved once is never taken back.
func TestDevKilledWhileSaving(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	saved := int64(0)
	for round := range long(20, 10) {
		p, err := startDev(t, "--data", path, "--save-every", "1ms")
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if round == 0 {
			fill(t, p.client)
		}
		n := count(t, p)
		if n <= saved {
			t.Errorf("round %d: counted to %d; %d had been saved", round, n, saved)
		}
		saved = savedCount(t, path)
	}
	if saved == 0 {
		t.Error("nothing was ever saved")
	}
}

// fill makes saving take a while.
func fill(t *testing.T, client *store.Client) {
	t.Helper()
	value := store.Value(`"` + strings.Repeat("v", 1000) + `"`)
	for i := range 1000 {
		if _, err := client.KV().Set(t.Context(), strconv.Itoa(i), value, store.SetOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// count counts until dev is killed, at a random time, and returns how far it came.
func count(t *testing.T, p *devProcess) (last int64) {
	t.Helper()
	begin := time.Now()
	for life := rand.N(300 * time.Millisecond); last == 0 || time.Since(begin) < life; {
		n, err := p.client.Counter().Increment(t.Context(), "c", 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		last = n
	}
	p.kill()
	return last
}

// savedCount returns what the counter is in a file that must be whole, or 0.
func savedCount(t *testing.T, path string) int64 {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return 0 // killed before the first time
	}
	loads(t, path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), `"igniter:store:api:counter:c","type":"string","value":"`)
	if !found {
		return 0
	}
	digits, _, _ := strings.Cut(after, `"`)
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDevBrokenFile starts dev with files that were cut off or changed: none is taken, and
// all stay as they are.
func TestDevBrokenFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	memory := store.NewMemory()
	defer memory.Close()
	var whole bytes.Buffer
	if _, err := memory.Save(&whole); err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole.Bytes())
	flipped[len(flipped)-5] ^= 1
	for _, text := range [][]byte{nil, whole.Bytes()[:20], whole.Bytes()[:whole.Len()-1], flipped} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := startDev(t, "--data", path, "--save-every", "1ms")
		exit, ended := errors.AsType[*exec.ExitError](err)
		if !ended || exit.ExitCode() != 3 || !strings.Contains(err.Error(), "the file is left as it is") {
			t.Errorf("with %q: %v", text, err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

// TestDevLock holds the file for one dev, and lets the next one have it after a kill.
func TestDevLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	first, err := startDev(t, "--data", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := startDev(t, "--data", path); err == nil || !strings.Contains(err.Error(), "is using it") {
		t.Errorf("a second one: %v", err)
	}
	first.kill()
	if _, err := startDev(t, "--data", path); err != nil {
		t.Errorf("after a kill: %v", err)
	}
}
