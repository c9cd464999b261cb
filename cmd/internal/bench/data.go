package main

import (
	"bufio"
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"strings"
)

// tenantKeys begins every key of the tenant that the measurements work on.
const tenantKeys = "igniter:store:api:tenant:t1:kv:"

// row is one thing an app might keep.
type row struct{ key, value string }

func rowKey(n int) string { return fmt.Sprintf("user:%06d", n) }

func newRow(n int) row {
	return row{
		key: rowKey(n),
		value: fmt.Sprintf(
			`{"id":%d,"name":"Customer Name %06d","email":"user%06[1]d@mail.example.com"}`, n, n),
	}
}

// json is the row as batch set reads it.
func (r row) json() string { return fmt.Sprintf(`{"key":"%s","value":%s}`+"\n", r.key, r.value) }

// resp is the row as redis-cli --pipe reads it.
func (r row) resp() string { return set(tenantKeys+r.key, r.value) }

// set is the command SET in the server's own protocol.
func set(key, value string) string {
	return fmt.Sprintf("*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n",
		len(key), key, len(value), value)
}

// writeAll writes text(1) to text(n).
func writeAll(w io.Writer, n int, text func(int) string) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	for i := 1; i <= n; i++ {
		if _, err := buffered.WriteString(text(i)); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// writeFile is writeAll into a new file.
func writeFile(path string, n int, text func(int) string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return cmp.Or(writeAll(f, n, text), f.Close())
}

// tally is a set of lines in any order: how many, and the sum of their hashes, so that a
// listing with one key twice and another missing does not pass.
type tally struct {
	lines int
	sum   uint64
}

func (t *tally) add(line string) {
	h := fnv.New64a()
	_, _ = io.WriteString(h, line)
	t.lines++
	t.sum += h.Sum64()
}

// tallyLines counts what r lists; each line must begin with prefix, which is left out.
func tallyLines(r io.Reader, prefix string) (tally, error) {
	var t tally
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line, ok := strings.CutPrefix(lines.Text(), prefix)
		if !ok {
			return t, fmt.Errorf("unexpected line %.200q", lines.Text())
		}
		t.add(line)
	}
	return t, lines.Err()
}
