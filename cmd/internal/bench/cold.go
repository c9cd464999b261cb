package main

import (
	"context"
	"io"
	"os"
)

// The value that a cold start reads.
const (
	coldKey   = "user:1"
	coldRedis = "igniter:store:api:kv:" + coldKey
	coldValue = `{"id":1,"name":"Ada Lovelace","email":"ada@example.com"}`
)

// coldGet reads one value, everything counted from the start of the process to its end.
func (b *workbench) coldGet() measurement {
	return duel{
		work:     "kv get, cold",
		prepare:  b.loadCold,
		store:    b.printing(b.coldStore(), coldValue),
		peerName: "redis-cli get",
		peer:     b.printing(process{args: b.cliArgs("get", coldRedis)}, coldValue),
		warm:     5,
		pairs:    b.cold,
		goal:     goal{ratio: 1.1},
	}.measurement()
}

// coldEmpty sets the same against a program that does nothing: no Go program starts faster.
func (b *workbench) coldEmpty() measurement {
	empty := process{args: []string{b.path("empty")}}
	return duel{
		work:     "kv get, cold",
		prepare:  b.prepareEmpty,
		store:    b.printing(b.coldStore(), coldValue),
		peerName: "empty Go program",
		peer:     b.printing(empty, ""),
		warm:     5,
		pairs:    b.cold,
	}.measurement()
}

func (b *workbench) coldStore() process {
	return process{args: []string{
		b.store, "--url", b.server.url(), "--service", "api",
		"kv", "get", coldKey,
	}}
}

func (b *workbench) loadCold(ctx context.Context) error {
	return b.server.load(ctx, "one value", 1, func(w io.Writer) error {
		_, err := io.WriteString(w, set(coldRedis, coldValue))
		return err
	})
}

func (b *workbench) prepareEmpty(ctx context.Context) error {
	source := b.path("empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return err
	}
	if _, err := b.build(ctx, "empty", source); err != nil {
		return err
	}
	return b.loadCold(ctx)
}

// printing runs p, which must print want.
func (b *workbench) printing(p process, want string) runner {
	return func(ctx context.Context) (sample, error) {
		s, err := b.time(ctx, p)
		if err != nil {
			return s, err
		}
		return s, b.printed(want)
	}
}
