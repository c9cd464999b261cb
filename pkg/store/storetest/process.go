package storetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// stopGrace is how long a program may take to end by itself.
const stopGrace = 3 * time.Second

// process is a program we started and are responsible for.
type process struct {
	handle  *os.Process
	alive   context.Context // ends when the program has ended; the cause says how
	release func()          // dismisses the guard
}

// launch starts a program that writes everything it has to say to the log.
func launch(log *os.File, path string, args ...string) (*process, error) {
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	alive, end := context.WithCancelCause(context.Background())
	go func() { end(fmt.Errorf("%s ended: %v", path, exitOf(cmd.Wait()))) }()

	p := &process{handle: cmd.Process, alive: alive, release: func() {}}
	release, err := guard(cmd.Process.Pid)
	if err != nil {
		p.kill()
		return nil, err
	}
	p.release = release
	return p, nil
}

// exitOf words the end of a program that nobody asked to end.
func exitOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// stop lets the program end in its own way, and kills it when it does not.
func (p *process) stop() {
	if resume(p.handle) != nil || terminate(p.handle) != nil {
		p.kill()
		return
	}
	select {
	case <-p.alive.Done():
		p.release()
	case <-time.After(stopGrace):
		p.kill()
	}
}

// kill ends the program at once. It has ended when kill returns.
func (p *process) kill() {
	p.handle.Kill() // fails only where the program has ended already
	<-p.alive.Done()
	p.release()
}
