package store

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// msetRows is how many plain SETs travel as one MSET. More gain nothing and hold
// the server for longer.
const msetRows = 500

// replaceScript writes a value only over the one that the caller has seen, and
// leaves the TTL alone. Every server has it; SET IFEQ only new ones do.
const replaceScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
end
return false`

// onceCmd is a command that the driver must not send again. One of them in a
// pipeline holds for the whole pipeline.
type onceCmd struct{ *redis.Cmd }

// NoRetry tells the driver so; redirects of a cluster are still followed.
func (onceCmd) NoRetry() bool { return true }

// request is one command and the ops it carries out: one, or a run of plain SETs.
type request struct {
	cmd         onceCmd
	first, past int // ops[first:past]
}

// Write carries out ops in one pipeline.
func (a *redisAdapter) Write(ctx context.Context, ops []Op) []Result {
	results := make([]Result, len(ops))
	if err := ctx.Err(); err != nil {
		fail(results, context.Cause(ctx))
		return results
	}
	// From here on answers are waited for, whatever happens to ctx.
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.timeout)
	defer cancel()
	refused := a.exchange(sending, a.requests(sending, ops, !a.cluster), results)
	for _, r := range refused {
		// The server took none of these rows. Sent one by one, it says which of
		// them it minds.
		rows, answers := ops[r.first:r.past], results[r.first:r.past]
		a.exchange(sending, a.requests(sending, rows, false), answers)
	}
	return results
}

func fail(results []Result, err error) {
	for i := range results {
		results[i].Err = err
	}
}

// exchange sends requests and files their answers. It returns the MSETs that the
// server refused as a whole.
func (a *redisAdapter) exchange(ctx context.Context, requests []request, results []Result,
) (refused []request) {
	a.send(ctx, requests)
	for _, r := range requests {
		err := r.cmd.Err()
		if r.past-r.first > 1 && isReply(err) {
			refused = append(refused, r)
			continue
		}
		result := a.result(r.cmd)
		for i := r.first; i < r.past; i++ {
			results[i] = result
		}
	}
	return refused
}

// send puts all requests into one pipeline; each command keeps its own error.
func (a *redisAdapter) send(ctx context.Context, requests []request) {
	if len(requests) == 1 {
		_ = a.client.Process(ctx, requests[0].cmd)
		return
	}
	pipe := a.client.Pipeline()
	for _, r := range requests {
		_ = pipe.Process(ctx, r.cmd)
	}
	_ = execute(ctx, pipe)
}

// result reads the answer to one command.
func (a *redisAdapter) result(cmd onceCmd) Result {
	answer, err := cmd.Result()
	switch {
	case err == redis.Nil: //nolint:errorlint // see isReply
		return Result{}
	case err != nil:
		return Result{Err: a.writeError(err)}
	}
	n, isCount := answer.(int64)
	return Result{Changed: !isCount || n > 0}
}

// requests turns ops into commands. With grouped, runs of plain SETs become MSETs.
func (a *redisAdapter) requests(ctx context.Context, ops []Op, grouped bool) []request {
	requests := make([]request, 0, len(ops)/msetRows+1)
	for first := 0; first < len(ops); {
		past := first + 1
		for grouped && ops[first].plain() && past < len(ops) && past-first < msetRows &&
			ops[past].plain() {
			past++
		}
		args := arguments(&ops[first])
		if past-first > 1 {
			args = msetArguments(ops[first:past])
		}
		requests = append(requests, request{onceCmd{redis.NewCmd(ctx, args...)}, first, past})
		first = past
	}
	return requests
}

func msetArguments(ops []Op) []any {
	args := make([]any, 1, 1+2*len(ops))
	args[0] = "mset"
	for i := range ops {
		args = append(args, ops[i].Key, []byte(ops[i].Value))
	}
	return args
}

// arguments spells one op as the npm library does, so that MONITOR, ACLs and
// command statistics cannot tell the two apart.
func arguments(op *Op) []any {
	switch op.Verb {
	case OpRemove:
		return []any{"del", op.Key}
	case OpExpire:
		return []any{"expire", op.Key, seconds(op.TTL)}
	case OpPersist:
		return []any{"persist", op.Key}
	}
	if op.Condition == IfEqual {
		return []any{"eval", replaceScript, 1, op.Key, []byte(op.Old), []byte(op.Value)}
	}
	args := []any{"set", op.Key, []byte(op.Value)}
	if op.TTL > 0 {
		args = append(args, "EX", seconds(op.TTL))
	}
	if op.KeepTTL {
		args = append(args, "KEEPTTL")
	}
	switch op.Condition {
	case IfAbsent:
		args = append(args, "NX")
	case IfPresent:
		args = append(args, "XX")
	}
	return args
}

func seconds(ttl time.Duration) int64 { return int64(ttl / time.Second) }
