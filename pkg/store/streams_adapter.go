package store

import (
	"context"
	"net"
)

// StreamAdapter is what an [Adapter] also is where its server has streams. With one
// that is not, streams are CodeConfigurationInvalid. All methods must be safe for
// concurrent use.
type StreamAdapter interface {
	// StreamDo carries out one command. Its reply is a string, an int64, a []any or
	// map[any]any of replies, or nil. A write is sent once, and its answer is waited
	// for even when ctx ends. Errors are as those of Read and Write.
	StreamDo(ctx context.Context, c StreamCommand) (any, error)
	// StreamDial opens a connection of its own to the server that holds a key. It is
	// logged in and speaks the protocol RESP2. ctx bounds only the opening.
	StreamDial(ctx context.Context, key string) (net.Conn, error)
	// StreamTogether reports whether two keys can be used by one script.
	StreamTogether(ctx context.Context, key, other string) (bool, error)
}

// StreamCommand is one command on a stream.
type StreamCommand struct {
	Args  []any // the whole command; strings, byte slices and integers
	Key   int   // where in Args the key stands
	Write bool  // the command changes something
}

// streamAdapter returns the client's adapter as one for streams.
func (c *Client) streamAdapter() (StreamAdapter, error) {
	if a, ok := c.adapter.(StreamAdapter); ok {
		return a, nil
	}
	return nil, invalid(CodeConfigurationInvalid, "the adapter in use has no streams")
}
