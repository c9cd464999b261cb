package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// terminal is a terminal of its own, and what is seen on it.
type terminal struct {
	*testing.T
	master, slave *os.File

	mu   sync.Mutex
	seen bytes.Buffer
}

// newTerminal opens a pseudoterminal, whose user sees what is typed unless a program
// keeps it from that.
func newTerminal(t *testing.T) *terminal {
	t.Helper()
	storetest.Require(t, "/dev/ptmx")
	s := &terminal{T: t}
	var err error
	if s.master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(s.master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(s.master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		s.slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	go s.watch()
	t.Cleanup(func() {
		s.slave.Close()
		s.master.Close()
	})
	return s
}

func (s *terminal) watch() {
	buffer := make([]byte, 4096)
	for {
		n, err := s.master.Read(buffer)
		s.mu.Lock()
		s.seen.Write(buffer[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// shows waits until a text is seen.
func (s *terminal) shows(text string) {
	s.Helper()
	err := storetest.WaitFor(s.Context(), waitLimit, func() error {
		if seen := s.text(); !strings.Contains(seen, text) {
			return fmt.Errorf("no %q on the terminal, but\n%s", text, seen)
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

func (s *terminal) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen.String()
}

// types types a text once the terminal does not show it.
func (s *terminal) types(text string) {
	s.Helper()
	err := storetest.WaitFor(s.Context(), waitLimit, func() error {
		if s.state().Lflag&unix.ECHO != 0 {
			return errors.New("the terminal shows what is typed")
		}
		return nil
	})
	if err == nil {
		_, err = s.master.WriteString(text)
	}
	if err != nil {
		s.Fatal(err)
	}
}

func (s *terminal) state() *unix.Termios {
	s.Helper()
	state, err := unix.IoctlGetTermios(int(s.slave.Fd()), unix.TCGETS)
	if err != nil {
		s.Fatal(err)
	}
	return state
}

// start starts a command on the terminal; its stdout goes elsewhere.
func (s *terminal) start(c *cage, line string) (cmd *exec.Cmd, out *bytes.Buffer) {
	s.Helper()
	out = &bytes.Buffer{}
	cmd = exec.Command("sh", "-c", "exec "+line)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.slave, out, s.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	return cmd, out
}

// ends waits for the end of a command with this code.
func (s *terminal) ends(cmd *exec.Cmd, code int) {
	s.Helper()
	stuck := time.AfterFunc(waitLimit, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != code {
		s.Errorf("%v: exit code %d, want %d; on the terminal\n%s", cmd.Args, got, code, s.text())
	}
}

// TestAskPassword types passwords on a terminal. They are not seen there, nor anywhere else.
func TestAskPassword(t *testing.T) {
	t.Parallel()
	c, _ := newCage(t)
	for _, test := range []struct {
		line, typed string
		code        int
		shown, out  string
	}{
		{"store kv get k -v", canary, 0, "password: ", "1\n"},
		{"store claim run k --ttl 60 -- ./spy", canary, 0, "password: ", "STORE_CLAIM_KEY=k\n"},
		{"store kv get k -v", canaryWord, 4, "WRONGPASS", ""},
		{"store kv get k -v", "", 4, "NOAUTH", ""},
	} {
		s := newTerminal(t)
		cmd, out := s.start(c, strings.Replace(test.line, "store ", "store --ask-password ", 1))
		s.shows("password: ")
		s.types(test.typed + "\n")
		s.ends(cmd, test.code)
		s.shows(test.shown)
		if !strings.Contains(out.String(), test.out) {
			t.Errorf("%s prints %q", test.line, out)
		}
		c.clean(test.line, []byte(s.text()+out.String()))
		if s.state().Lflag&unix.ECHO == 0 {
			t.Errorf("%s: the terminal stays silent", test.line)
		}
	}
	c.filesClean()
}

// TestAskPasswordInterrupted types half a password and then Ctrl-C.
func TestAskPasswordInterrupted(t *testing.T) {
	t.Parallel()
	c, _ := newCage(t)
	s := newTerminal(t)
	cmd, _ := s.start(c, "store --ask-password kv get k")
	s.shows("password: ")
	s.types(canaryWord + "\x03")
	s.ends(cmd, 130)
	if s.state().Lflag&unix.ECHO == 0 {
		t.Error("the terminal stays silent")
	}
	c.clean("--ask-password", []byte(s.text()))
}
