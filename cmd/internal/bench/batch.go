package main

import (
	"cmp"
	"context"
	"fmt"
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
