package embedded

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// limits bound a command.
type limits struct {
	words   int64 // how many
	word    int64 // bytes of one
	command int64 // bytes of all
	// the words of a refusal
	tooMany, tooLong string
}

// loggedInLimits are those of Redis (proto-max-bulk-len, client-query-buffer-limit).
func loggedInLimits() limits {
	return limits{1 << 20, 512 << 20, 1 << 30, "invalid multibulk length", "invalid bulk length"}
}

// strangerLimits are those of Redis before a client has logged in.
func strangerLimits() limits {
	return limits{
		10, 16 << 10, 160 << 10,
		"unauthenticated multibulk length", "unauthenticated bulk length",
	}
}

// maxHeader is the longest line that announces something: a sign, a number, an end.
const maxHeader = 32

// protocolError is what a client has done wrong, as Redis puts it.
type protocolError string

// Error returns it.
func (e protocolError) Error() string { return string(e) }

// parser passes the commands of a client on as they are, as far as they follow the
// protocol and the limits. Only what is announced is looked at; the words themselves go
// through as they come.
type parser struct {
	in     *bufio.Reader
	limits func() limits // of the command that begins
	begun  func()        // a command begins
	out    []byte        // checked and not yet read
	body   int64         // bytes of a word, and its end, that go through unseen
	words  int64         // of the command that are still to come
	size   int64         // bytes of the command that are still allowed
	now    limits        // of the command
}

// unfinished returns how many commands have begun and not ended: 0 or 1.
func (p *parser) unfinished() int { return int(min(p.words, 1)) }

// read reads what was checked into b.
func (p *parser) read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for len(p.out) == 0 && p.body == 0 {
		if err := p.announcement(); err != nil {
			return 0, err
		}
	}
	if len(p.out) > 0 {
		n := copy(b, p.out)
		p.out = p.out[n:]
		return n, nil
	}
	n, err := p.in.Read(b[:min(int64(len(b)), p.body)])
	p.body -= int64(n)
	return n, err
}

// announcement checks the next line that announces a command or a word.
func (p *parser) announcement() error {
	if p.words > 0 {
		return p.word()
	}
	// The line is waited for first: what limits it has depends on what was said until then.
	if _, err := p.in.Peek(1); err != nil {
		return err
	}
	p.now = p.limits()
	return p.command()
}

// command checks the line that says how many words a command has. One without any is no
// command.
func (p *parser) command() error {
	text, err := p.line()
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return nil // as Redis does with an empty line
	}
	if text[0] != '*' {
		return protocolError("a command must be an array of strings; inline commands are not taken here")
	}
	n, ok := number(text[1:])
	switch {
	case !ok || n > 1<<20:
		return protocolError("invalid multibulk length")
	case n > p.now.words:
		return protocolError(p.now.tooMany)
	case n <= 0:
		return nil
	}
	p.words, p.size = n, p.now.command
	p.out = fmt.Appendf(p.out[:0], "*%d\r\n", n)
	p.begun()
	return nil
}

// word checks the line that says how long a word is.
func (p *parser) word() error {
	text, err := p.line()
	if err != nil {
		return err
	}
	if len(text) == 0 || text[0] != '$' {
		return protocolError(fmt.Sprintf("expected '$', got %q", text[:min(1, len(text))]))
	}
	n, ok := number(text[1:])
	switch {
	case !ok || n < 0 || n > 512<<20:
		return protocolError("invalid bulk length")
	case n > p.now.word:
		return protocolError(p.now.tooLong)
	case n > p.size:
		return protocolError("too big command")
	}
	p.words, p.size, p.body = p.words-1, p.size-n, n+2
	p.out = fmt.Appendf(p.out[:0], "$%d\r\n", n)
	return nil
}

// line reads a line and returns it without its end.
func (p *parser) line() ([]byte, error) {
	for n := 1; n <= maxHeader; n++ {
		if seen := p.in.Buffered(); seen > n {
			n = min(seen, maxHeader)
		}
		text, err := p.in.Peek(n)
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			if _, err := p.in.Discard(end + 1); err != nil {
				return nil, err
			}
			return bytes.TrimSuffix(text[:end], []byte("\r")), nil
		}
		if err != nil {
			return nil, ended(err, len(text))
		}
	}
	return nil, protocolError("too big count string")
}

// ended tells an end in the middle of a line from one between commands.
func ended(err error, seen int) error {
	if errors.Is(err, io.EOF) && seen > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// number reads a decimal number as Redis does: nothing but an optional sign and digits.
func number(text []byte) (int64, bool) {
	if len(text) == 0 || text[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	return n, err == nil
}
