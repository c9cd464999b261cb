package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
)

// batchSet writes many rows. The peer is given ready-made commands and only has to copy bytes;
// store parses, checks and names each row.
func (b *workbench) batchSet(rows, usual int, g goal) measurement {
	lines, commands := b.path("rows.ndjson"), b.path("rows.resp")
	store := process{args: b.storeArgs("batch", "set", "-f", "-"), stdin: lines}
	peer := process{args: b.cliArgs("--pipe"), stdin: commands}
	return duel{
		work: fmt.Sprintf("batch set %s rows", count(rows)),
		prepare: func(context.Context) error {
			return cmp.Or(
				writeFile(lines, rows, func(n int) string { return newRow(n).json() }),
				writeFile(commands, rows, func(n int) string { return newRow(n).resp() }))
		},
		store:    b.filling(store, rows),
		peerName: "redis-cli --pipe",
		peer:     b.filling(peer, rows),
		warm:     1,
		pairs:    b.options.pairs(usual),
		goal:     g,
	}.measurement()
}

// library is the program that writes rows through the npm library.
const library = "testdata/interop/batch-set.mjs"

// batchSetLibrary writes the rows that batchSet does. The peer is the library that apps use, a
// thousand rows at a time.
func (b *workbench) batchSetLibrary(rows int) measurement {
	lines := b.path("rows.ndjson")
	store := process{args: b.storeArgs("batch", "set", "-f", "-"), stdin: lines}
	script, err := filepath.Abs(library)
	peer := process{args: []string{"node", script, b.server.url()}, stdin: lines}
	return duel{
		work: fmt.Sprintf("batch set %s rows, as apps do", count(rows)),
		prepare: func(context.Context) error {
			_, missing := tool("node")
			return cmp.Or(err, missing,
				writeFile(lines, rows, func(n int) string { return newRow(n).json() }))
		},
		store:    b.filling(store, rows),
		peerName: "npm library, batch.set",
		peer:     b.filling(peer, rows),
		pairs:    b.options.pairs(3),
		goal:     goal{faster: 4, peak: 40},
	}.measurement()
}

// filling runs p on an empty server, which must hold all rows afterwards. Beyond their number,
// the first and the last are compared byte by byte.
func (b *workbench) filling(p process, rows int) runner {
	return func(ctx context.Context) (sample, error) {
		if err := b.server.empty(ctx); err != nil {
			return sample{}, err
		}
		s, err := b.time(ctx, p)
		if err != nil {
			return s, err
		}
		first, last := newRow(1), newRow(rows)
		return s, cmp.Or(
			b.server.expect(ctx, strconv.Itoa(rows), "DBSIZE"),
			b.server.expect(ctx, first.value, "GET", tenantKeys+first.key),
			b.server.expect(ctx, last.value, "GET", tenantKeys+last.key))
	}
}
