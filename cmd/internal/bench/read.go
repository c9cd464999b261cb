package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"time"
)

// scanValues lists keys with their values. The peer is store itself, which lists keys alone.
func (b *workbench) scanValues() measurement {
	keys := process{args: b.storeArgs("scan", "-o", "jsonl")}
	values := process{args: b.storeArgs("scan", "--values", "-o", "jsonl")}
	return duel{
		work:     fmt.Sprintf("scan --values -o jsonl, %s keys", count(b.keys)),
		prepare:  b.loadScan,
		store:    b.counting(values, b.keys, `"value":{"id":`),
		peerName: "store scan -o jsonl",
		peer:     b.counting(keys, b.keys, `"key":"user:`),
		warm:     1,
		pairs:    b.options.pairs(3),
		goal:     goal{ratio: 1.8, peak: 40},
	}.measurement()
}

// scanMemory lists keys with TTLs and memory. The peer samples memory alone, and only prints
// the biggest keys.
func (b *workbench) scanMemory() measurement {
	store := process{args: b.storeArgs("scan", "--ttl", "--memory", "-o", "jsonl")}
	peer := process{args: b.cliArgs("--memkeys")}
	return duel{
		work:     fmt.Sprintf("scan --ttl --memory, %s keys", count(b.rows)),
		prepare:  b.loadRows,
		store:    b.counting(store, b.rows, `"memory":`),
		peerName: "redis-cli --memkeys",
		peer:     func(ctx context.Context) (sample, error) { return b.time(ctx, peer) },
		warm:     1,
		pairs:    b.options.pairs(3),
		goal:     goal{faster: 5, peak: 40},
	}.measurement()
}

// getRate is how many keys a second batch get has to read.
const getRate = 400_000

// batchGet reads many values by a list of keys. The limit is the time that the rate allows.
func (b *workbench) batchGet() measurement {
	list := b.path("keys")
	store := process{args: b.storeArgs("batch", "get", "-f", "-", "-o", "jsonl"), stdin: list}
	get := b.counting(store, b.rows, `"value":{"id":`)
	return duel{
		work: fmt.Sprintf("batch get %s keys", count(b.rows)),
		prepare: func(ctx context.Context) error {
			return cmp.Or(b.loadRows(ctx),
				writeFile(list, b.rows, func(n int) string { return rowKey(n) + "\n" }))
		},
		store:    get,
		peerName: fmt.Sprintf("%d k keys/s", getRate/1000),
		peer: func(context.Context) (sample, error) {
			return sample{wall: time.Duration(b.rows) * time.Second / getRate}, nil
		},
		warm:  1,
		pairs: b.options.pairs(3),
		goal:  goal{ratio: 1, peak: 40},
	}.measurement()
}

// loadRows makes the server hold the rows that batch set writes.
func (b *workbench) loadRows(ctx context.Context) error {
	return b.server.load(ctx, "rows", b.rows, func(w io.Writer) error {
		return writeAll(w, b.rows, func(n int) string { return newRow(n).resp() })
	})
}

// counting runs p, which must print so many lines, each with mark.
func (b *workbench) counting(p process, want int, mark string) runner {
	return func(ctx context.Context) (sample, error) {
		s, err := b.time(ctx, p)
		if err != nil {
			return s, err
		}
		return s, b.counted(want, mark)
	}
}

func (b *workbench) counted(want int, mark string) error {
	f, err := b.output()
	if err != nil {
		return err
	}
	defer f.Close()

	lines, got := bufio.NewScanner(f), 0
	for ; lines.Scan(); got++ {
		if !bytes.Contains(lines.Bytes(), []byte(mark)) {
			return fmt.Errorf("line %d lacks %s: %.200q", got+1, mark, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("printed %d lines, want %d", got, want)
	}
	return nil
}
