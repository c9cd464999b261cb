package embedded

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"
)

// maxLine is the longest line that is read: a value of the longest kind, all escaped.
const maxLine = 6*maxString + 1<<20

// FileError says what is wrong with a snapshot, and where.
type FileError struct {
	Line   int    // from 1
	Reason string // in words
}

// Error returns both.
func (e *FileError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Load adds the data of a snapshot. It returns how many keys are held then. After an error
// the server holds a part and is of no use; the error is a [FileError] where the snapshot
// is to blame.
func (s *Server) Load(r io.Reader) (keys int, err error) {
	if _, err := s.started(); err != nil {
		return 0, err
	}
	in := &lines{in: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
	load := loader{server: s, now: time.Now(), seen: map[place]bool{}}
	if err := load.all(in); err != nil {
		if _, broken := errors.AsType[*brokenError](err); broken {
			return 0, &FileError{in.number, err.Error()}
		}
		return 0, err
	}
	return load.keys(), nil
}

// brokenError is something that is wrong with the line that was read last.
type brokenError struct{ reason string }

func (e *brokenError) Error() string { return e.reason }

func broken(format string, args ...any) error {
	return &brokenError{fmt.Sprintf(format, args...)}
}

// lines reads lines, and adds up those that came before the one in hand.
type lines struct {
	in     *bufio.Reader
	sum    hash.Hash
	number int
	text   []byte
}

// next reads a line into text. The end of the data is an error: a trailer must come first.
func (l *lines) next() error {
	l.sum.Write(l.text)
	l.text = l.text[:0]
	l.number++
	for {
		part, err := l.in.ReadSlice('\n')
		if l.text = append(l.text, part...); len(l.text) > maxLine {
			return broken("it is longer than %d bytes", maxLine)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, io.EOF):
			return broken("the file ends here, without its last line; it was cut off")
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// decode decodes the line. Fields that are not known are none of this version.
func (l *lines) decode(v any) error {
	decoder := json.NewDecoder(bytes.NewReader(l.text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return broken("%v", err)
	}
	if rest, _ := io.ReadAll(decoder.Buffered()); len(bytes.TrimSpace(rest)) > 0 {
		return broken("there is more on it than one object")
	}
	return nil
}

// check compares the trailer with what was read.
func (l *lines) check() error {
	var t trailer
	if err := l.decode(&t); err != nil {
		return err
	}
	same, err := json.Marshal(t)
	if err != nil {
		return err
	}
	switch sum := hex.EncodeToString(l.sum.Sum(nil)); {
	case t.Lines != l.number-1:
		return broken("%d lines came before it, and it says %d", l.number-1, t.Lines)
	case t.SHA256 != sum:
		return broken("the checksum is that of other data; the file was changed or damaged")
	case string(l.text) != string(same)+"\n":
		return broken("the last line is not as it was written; the file was changed or damaged")
	}
	if _, err := l.in.ReadByte(); !errors.Is(err, io.EOF) {
		l.number++
		return broken("there is more behind the last line")
	}
	return nil
}

// all reads a whole snapshot.
func (l *loader) all(in *lines) error {
	if err := in.next(); err != nil {
		return err
	}
	var h header
	if err := json.Unmarshal(in.text, &h); err != nil || h.Format != formatName {
		return broken("it is not data of store dev")
	}
	if h.Version != formatVersion {
		return broken("its version is %d; this program reads version %d", h.Version, formatVersion)
	}
	for {
		if err := in.next(); err != nil {
			return err
		}
		if bytes.HasPrefix(in.text, []byte(`{"end":`)) {
			return in.check()
		}
		var r record
		if err := in.decode(&r); err != nil {
			return err
		}
		if err := l.add(r); err != nil {
			return err
		}
	}
}
