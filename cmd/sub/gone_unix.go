//go:build unix

package sub

import (
	"context"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// gonePoll is how long the reader of our output is watched at a time.
const gonePoll = time.Second

// watchReader returns a context that ends when nobody can read the output any more: else
// a pipe like "sub | head -1" would wait for one more event to find out.
func watchReader(ctx context.Context, out io.Writer) (context.Context, context.CancelFunc) {
	file, ok := out.(*os.File)
	if !ok {
		return context.WithCancel(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for ctx.Err() == nil {
			watched := []unix.PollFd{{Fd: int32(file.Fd())}}
			_, _ = unix.Poll(watched, int(gonePoll/time.Millisecond)) // interrupted: again
			if watched[0].Revents&unix.POLLNVAL != 0 {
				return
			}
			if watched[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0 {
				cancel(syscall.EPIPE)
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}
