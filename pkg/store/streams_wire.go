package store

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// wire speaks RESP2 over a connection of our own. Next to the driver it does three
// things: it can be closed while the server holds back an answer, it keeps the order of
// an entry's fields and those that come twice, and it reads entries without making
// several objects of each. One goroutine may write while another one reads.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte

	bytes  []byte   // room for values; values handed out are never overwritten
	fields [][]byte // room for lists of values
}

// Sizes of the blocks that values are put into, and of the read buffer.
const (
	bytesBlock  = 64 << 10
	fieldsBlock = 1 << 10
	wireBuffer  = 64 << 10
)

// streamEntry is one entry of a stream: names and values of its fields in turn.
type streamEntry struct {
	id      string
	fields  [][]byte
	deleted bool // pending, but not in the stream any more
}

func newWire(conn net.Conn) *wire {
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, wireBuffer)}
}

// command queues a command.
func (w *wire) command(args ...string) { w.out = appendCommand(w.out, args...) }

// appendCommand appends a command as it is sent.
func appendCommand(dst []byte, args ...string) []byte {
	dst = appendHeader(dst, '*', len(args))
	for _, arg := range args {
		dst = appendBulk(dst, arg)
	}
	return dst
}

// appendBulk appends one argument.
func appendBulk[T string | []byte](dst []byte, arg T) []byte {
	dst = appendHeader(dst, '$', len(arg))
	dst = append(dst, arg...)
	return append(dst, '\r', '\n')
}

func appendHeader(dst []byte, kind byte, n int) []byte {
	dst = strconv.AppendInt(append(dst, kind), int64(n), 10)
	return append(dst, '\r', '\n')
}

// flush sends what is queued.
func (w *wire) flush() error {
	_, err := w.conn.Write(w.out)
	w.out = w.out[:0]
	return err
}

// patience bounds the next answers.
func (w *wire) patience(limit time.Duration) error {
	return w.conn.SetReadDeadline(time.Now().Add(limit))
}

// line reads a line; it is valid until the next read.
func (w *wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return nil, errProtocol
	}
	return line[:len(line)-2], nil
}

// length reads a header of the kind. An error that the server answered instead is
// returned; a missing value has the length -1.
func (w *wire) length(kind byte) (int, error) {
	line, err := w.line()
	switch {
	case err != nil:
		return 0, err
	case line[0] == '-':
		return 0, serverError(line[1:])
	case line[0] != kind:
		return 0, fmt.Errorf("%w: %q where %q should stand", errProtocol, line[0], kind)
	}
	return number(line[1:])
}

// number reads the digits of a header.
func number(digits []byte) (int, error) {
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		return 0, errProtocol
	}
	return n, nil
}

// reply reads any answer, as a StreamAdapter gives it.
func (w *wire) reply() (any, error) {
	line, err := w.line()
	if err != nil {
		return nil, err
	}
	switch line[0] {
	case '+':
		return string(line[1:]), nil
	case '-':
		return nil, serverError(line[1:])
	case ':':
		return strconv.ParseInt(string(line[1:]), 10, 64)
	}
	n, err := number(line[1:])
	switch {
	case err != nil || n < 0:
		return nil, err
	case line[0] == '$':
		value, err := w.value(n)
		return string(value), err
	case line[0] == '*':
		return w.array(n)
	}
	return nil, errProtocol
}

func (w *wire) array(n int) (any, error) {
	elements := make([]any, 0, min(n, fieldsBlock)) // a length is not believed blindly
	for range n {
		element, err := w.reply()
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return elements, nil
}

// value reads n bytes and the line break behind them.
func (w *wire) value(n int) ([]byte, error) {
	if n > MaxValueSize {
		return nil, errProtocol
	}
	if cap(w.bytes)-len(w.bytes) < n+2 {
		w.bytes = make([]byte, 0, max(bytesBlock, n+2))
	}
	from := len(w.bytes)
	w.bytes = w.bytes[:from+n+2]
	if _, err := io.ReadFull(w.in, w.bytes[from:]); err != nil {
		return nil, err
	}
	w.bytes = w.bytes[:from+n]
	return w.bytes[from : from+n : from+n], nil
}

// bulk reads one value.
func (w *wire) bulk() ([]byte, error) {
	n, err := w.length('$')
	if err == nil && n < 0 {
		err = errProtocol
	}
	if err != nil {
		return nil, err
	}
	return w.value(n)
}

// text reads one value as a string.
func (w *wire) text() (string, error) {
	n, err := w.length('$')
	switch {
	case err != nil:
		return "", err
	case n < 0:
		return "", errProtocol
	case n+2 > wireBuffer:
		value, err := w.value(n)
		return string(value), err
	}
	value, err := w.in.Peek(n + 2)
	if err != nil {
		return "", err
	}
	text := string(value[:n])
	_, err = w.in.Discard(n + 2)
	return text, err
}
