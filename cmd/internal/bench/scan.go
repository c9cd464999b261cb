package main

import (
	"context"
	"fmt"
	"io"
)

// scanKeys lists all keys of one tenant. The server's own time is the limit: a listing cannot
// take less than the server needs to walk its keys.
func (b *workbench) scanKeys() measurement {
	var want tally
	peer := process{args: b.cliArgs("--scan", "--pattern", tenantKeys+"*")}
	return duel{
		work: fmt.Sprintf("scan %s keys", count(b.keys)),
		prepare: func(ctx context.Context) error {
			want = b.scanned()
			return b.loadScan(ctx)
		},
		store:    b.listing(process{args: b.storeArgs("scan", "-o", "raw")}, "", &want),
		peerName: "redis-cli --scan",
		peer:     b.listing(peer, tenantKeys, &want),
		limit:    "the server's own SCAN time",
		warm:     1,
		pairs:    b.options.pairs(3),
		goal:     goal{faster: 7, peak: 40},
	}.measurement()
}

func (b *workbench) loadScan(ctx context.Context) error {
	return b.server.load(ctx, "keys to scan", b.keys, func(w io.Writer) error {
		return writeAll(w, b.keys, func(n int) string { return newRow(n).resp() })
	})
}

// scanned is what every listing has to come to.
func (b *workbench) scanned() tally {
	var t tally
	for n := range b.keys {
		t.add(rowKey(n + 1))
	}
	return t
}

// listing runs p, which must list exactly the keys of want after prefix.
func (b *workbench) listing(p process, prefix string, want *tally) runner {
	return func(ctx context.Context) (sample, error) {
		before, err := b.server.spent(ctx, "scan")
		if err != nil {
			return sample{}, err
		}
		s, err := b.time(ctx, p)
		if err != nil {
			return s, err
		}
		after, err := b.server.spent(ctx, "scan")
		if err != nil {
			return s, err
		}
		s.limit = after - before
		return s, b.listed(prefix, *want)
	}
}

func (b *workbench) listed(prefix string, want tally) error {
	f, err := b.output()
	if err != nil {
		return err
	}
	defer f.Close()

	got, err := tallyLines(f, prefix)
	switch {
	case err != nil:
		return err
	case got.lines != want.lines:
		return fmt.Errorf("listed %d keys, want %d", got.lines, want.lines)
	case got != want:
		return fmt.Errorf("listed %d keys, but not the right ones", got.lines)
	}
	return nil
}
