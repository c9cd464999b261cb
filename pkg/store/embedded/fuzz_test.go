package embedded

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"testing"
)

// FuzzParser checks that whatever clients send, what goes on is whole commands within the
// limits, the same ones that were sent.
func FuzzParser(f *testing.F) {
	for _, seed := range []string{
		"*1\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n*1\r\n$1\r\nx\r\n", "*0\r\n*-1\r\n\r\n*1\r\n$1\r\nx\r\n",
		"*1\r\n$9223372036854775000\r\n", "*1\r\n$-1\r\n", "*9223372036854775807\r\n", "*1\n$1\nx\r\n", "*1\r\n$1\r\nxyz",
		"PING\r\n", "*11\r\n", "*2\r\n$3\r\nGET\r\n$16385\r\n", "*+1\r\n", "*1\r\n*1\r\n", "*00000000000000000000000000000001\r\n",
		"*1\r\n$2\r\n\r\n\r\n",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, sent []byte, size uint8) {
		begun := 0
		p := parser{
			in: bufio.NewReader(bytes.NewReader(sent)), limits: strangerLimits, begun: func() { begun++ },
		}
		var passed bytes.Buffer
		b := make([]byte, int(size)+1)
		for {
			n, err := p.read(b)
			passed.Write(b[:n])
			if err != nil {
				break
			}
			if n == 0 {
				t.Fatal("nothing was read, and no error")
			}
		}
		checkCommands(t, bufio.NewReader(&passed), begun)
	})
}

// checkCommands reads what was passed on as strictly as can be. Only the last command may
// be cut off.
func checkCommands(t *testing.T, in *bufio.Reader, begun int) {
	t.Helper()
	limit := strangerLimits()
	for i := range begun {
		words, ok := announced(t, in, '*')
		if !ok || words < 1 || words > limit.words {
			t.Fatalf("command %d has %d words", i, words)
		}
		for range words {
			length, ok := announced(t, in, '$')
			if !ok && i == begun-1 {
				return
			}
			if !ok || length < 0 || length > limit.word {
				t.Fatalf("command %d has a word of %d bytes", i, length)
			}
			if n, err := io.CopyN(io.Discard, in, length+2); err != nil {
				if i < begun-1 {
					t.Fatalf("command %d is cut off after %d bytes", i, n)
				}
				return
			}
		}
	}
	if rest, _ := io.ReadAll(in); len(rest) > 0 {
		t.Fatalf("%q was passed on and is no command", rest)
	}
}

// announced reads a line that announces something; false at the end.
func announced(t *testing.T, in *bufio.Reader, sign byte) (int64, bool) {
	t.Helper()
	line, err := in.ReadString('\n')
	if err != nil && line == "" {
		return 0, false
	}
	if len(line) < 4 || line[0] != sign || line[len(line)-2] != '\r' {
		t.Fatalf("%q was passed on", line)
	}
	n, err := strconv.ParseInt(line[1:len(line)-2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n, true
}
