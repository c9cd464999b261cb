package store

import (
	"fmt"
	"io"
	"time"
)

// beat is how often the server is asked for a sign of life. It is asked more often than
// silence is given to it: how late the last answer was asked for is how exactly a gap can be
// told.
func (f *redisFeed) beat() time.Duration { return min(f.probe/2, longestBeat) }

// watch asks the server for signs of life until the connection is closed, and closes it
// when none has come for too long. It counts beats instead of looking at the clock: while
// this process is stopped, nobody can be heard.
func (f *redisFeed) watch() {
	ticker := time.NewTicker(f.beat())
	defer ticker.Stop()
	patience := int((f.probe+f.beat()-1)/f.beat()) + 1
	for silent := 0; ; {
		select {
		case <-f.closed:
			return
		case <-ticker.C:
		}
		if silent++; f.heard.Swap(false) {
			silent = 0
		}
		if silent >= patience {
			f.giveUp(fmt.Errorf("the server did not answer for %s", time.Duration(silent)*f.beat()))
			return
		}
		if err := f.ask(); err != nil {
			f.giveUp(err)
			return
		}
	}
}

// giveUp closes the connection, and says why to who reads from it.
func (f *redisFeed) giveUp(err error) {
	f.mu.Lock()
	f.silence = err
	f.mu.Unlock()
	f.close()
}

// ask sends a ping. Writing is given as long as an answer.
func (f *redisFeed) ask() error {
	f.mu.Lock()
	f.asked = append(f.asked, time.Now())
	f.mu.Unlock()
	if err := f.conn.SetWriteDeadline(time.Now().Add(f.probe)); err != nil {
		return err
	}
	_, err := io.WriteString(f.conn, "*1\r\n$4\r\nPING\r\n")
	return err
}

// answered takes note of the answer to the oldest ping: all that the server had to say
// before it has been read.
func (f *redisFeed) answered() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) > 0 {
		f.certain, f.asked = f.asked[0], f.asked[1:]
	}
}
