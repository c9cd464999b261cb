package store

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// native knows the server's own command for comparing and deleting: DELEX since
// Redis 8.4, DELIFEQ since Valkey 9.0. Older servers have none and take a script.
// What a server offers is asked for, never concluded from its version.
type native struct {
	mu    sync.Mutex
	known bool
	name  string // delex, delifeq, or "" for none
}

func comparesAndDeletes(op *Op) bool { return op.Verb == OpRemove && op.Condition == IfEqual }

// learn asks the server, once, when the first op needs to know. A server that will
// not tell has none. The error is a failed connection.
func (n *native) learn(ctx context.Context, client redis.UniversalClient, ops []Op) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known || len(ops) != 1 || !comparesAndDeletes(&ops[0]) {
		return nil
	}
	answer, err := client.Do(ctx, "command", "info", "delex", "delifeq").Slice()
	if err != nil && !isReply(err) {
		return err
	}
	n.known = true
	for i, name := range []string{"delex", "delifeq"} {
		if len(answer) == 2 && answer[i] != nil && n.name == "" {
			n.name = name
		}
	}
	return nil
}

// command returns the command's name, or "" where there is none.
func (n *native) command() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.name
}

// arguments spells the call of the command.
func (n *native) arguments(op *Op) []any {
	if n.command() == "delex" {
		return []any{"delex", op.Key, "IFEQ", []byte(op.Old)}
	}
	return []any{"delifeq", op.Key, []byte(op.Old)}
}
