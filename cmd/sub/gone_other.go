//go:build !unix

package sub

import (
	"context"
	"io"
)

// watchReader has nothing to watch with here: the next event finds out.
func watchReader(ctx context.Context, _ io.Writer) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
