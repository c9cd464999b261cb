//go:build unix

package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// guardScript waits for the end of its standard input, which is the end of the
// test process, and then kills the server. It ignores what the terminal sends to
// the whole group, or an interrupted test would leave a paused server behind.
const guardScript = `trap "" HUP INT TERM; read -r _; kill -9 "$0"`

// guard sees to it that a program does not outlive us, even if we are killed.
// The program's end must be followed by release.
func guard(pid int) (release func(), err error) {
	cmd := exec.Command("sh", "-c", guardScript, strconv.Itoa(pid))
	leash, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() {
		// The guard goes before its leash: it must not fire at a number that
		// belongs to another program by now.
		cmd.Process.Kill()
		cmd.Wait()
		leash.Close()
	}), nil
}

// terminate asks a program to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// resume lets a paused program go on.
func resume(p *os.Process) error { return p.Signal(syscall.SIGCONT) }

// pause stops a program in its tracks, and returns when it has stopped.
func pause(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return WaitFor(context.Background(), time.Second, func() error { return stopped(p.Pid) })
}

// stopped looks up whether a program stands still: the signal takes effect some
// time after it was sent. Systems without /proc are trusted to be quick.
func stopped(pid int) error {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// The state follows the program's name, which is in parentheses.
	if _, state, _ := bytes.Cut(stat, []byte(") ")); !bytes.HasPrefix(state, []byte("T")) {
		return errors.New("still running")
	}
	return nil
}
