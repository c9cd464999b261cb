package store

import (
	"bytes"
	"strconv"
)

// replyReader reads one reply of the older protocol.
type replyReader struct {
	text  []byte
	at    int
	short bool // there is more to come
	need  int  // how many bytes at least, where that is known
}

// reply reads a reply into words and returns how many there are. A reply that is one line
// keeps its first byte.
func (r *replyReader) reply(words *[4][]byte) (count int, err error) {
	line := r.line()
	switch {
	case r.short:
		return 0, nil
	case len(line) == 0:
		return 0, errProtocol
	case line[0] == '+' || line[0] == '-':
		words[0] = line
		return 1, nil
	}
	count, err = sizeOf(line, '*')
	if err != nil || count < 1 || count > len(words) {
		return 0, errProtocol
	}
	for i := range count {
		if words[i], err = r.word(); err != nil || r.short {
			return 0, err
		}
	}
	return count, nil
}

// line reads a line without its end.
func (r *replyReader) line() []byte {
	end := bytes.IndexByte(r.text[r.at:], '\n')
	if end < 1 {
		r.short = true
		return nil
	}
	line := r.text[r.at : r.at+end-1]
	r.at += end + 1
	return line
}

// word reads a bulk string, or a number as it is written.
func (r *replyReader) word() ([]byte, error) {
	line := r.line()
	if r.short {
		return nil, nil
	}
	if len(line) > 0 && line[0] == ':' {
		return line[1:], nil
	}
	size, err := sizeOf(line, '$')
	if err != nil || size > MaxValueSize {
		return nil, errProtocol
	}
	if size < 0 {
		return []byte{}, nil
	}
	end := r.at + size
	if end+2 > len(r.text) {
		r.short, r.need = true, end+2
		return nil, nil
	}
	word := r.text[r.at:end:end]
	r.at = end + 2
	return word, nil
}

// sizeOf reads the number behind a mark.
func sizeOf(line []byte, mark byte) (int, error) {
	if len(line) < 2 || line[0] != mark {
		return 0, errProtocol
	}
	n := 0
	for _, c := range line[1:] {
		if !isDigit(c) || n > MaxValueSize {
			return strconv.Atoi(string(line[1:]))
		}
		n = 10*n + int(c-'0')
	}
	return n, nil
}
