package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// msetRows is how many plain SETs travel as one MSET. More gain nothing and hold
// the server for longer.
const msetRows = 500

// onceCmd is a command that the driver must not send again. One of them in a
// pipeline holds for the whole pipeline.
type onceCmd struct{ *redis.Cmd }

// NoRetry tells the driver so; redirects of a cluster are still followed.
func (onceCmd) NoRetry() bool { return true }

// request is one command and the ops it carries out: one, or a run of plain SETs.
type request struct {
	cmd         onceCmd
	verb        Verb
	first, past int // ops[first:past]
}

// form is how ops are put into commands. The first form is fast, the second takes
// what a server would not take in the first.
type form struct {
	grouped bool // runs of plain SETs travel as MSET
	loaded  bool // scripts are called by their hash
}

// Write carries out ops in one pipeline.
func (a *redisAdapter) Write(ctx context.Context, ops []Op) []Result {
	results := make([]Result, len(ops))
	if err := ctx.Err(); err != nil {
		fail(results, context.Cause(ctx))
		return results
	}
	sending, cancel := a.sending(ctx)
	defer cancel()
	if err := a.native.learn(sending, a.client, ops); err != nil {
		fail(results, a.readError(CodeOperationFailed, err))
		return results
	}
	// A script that the server does not know yet would be sent again behind the ops that
	// follow it, so only an op that is alone calls it by its hash.
	first := form{grouped: !a.cluster, loaded: len(ops) == 1}
	refused := a.exchange(sending, a.requests(sending, ops, first), results)
	if len(refused) > 0 {
		a.writeAgain(sending, ops, refused, results)
	}
	return results
}

// writeAgain carries out singly what the server would not take in the first form, of which
// nothing was done: it minds one row of an MSET, or does not know the script. A row whose key
// an op behind the MSET has written since is refused: it would undo that op.
func (a *redisAdapter) writeAgain(ctx context.Context, ops []Op, refused []request,
	results []Result,
) {
	last := make(map[string]int, len(ops)) // the last op of each key
	for i := range ops {
		last[ops[i].Key] = i
	}
	for _, r := range refused {
		var again []Op
		var places []int
		for i := r.first; i < r.past; i++ {
			if last[ops[i].Key] >= r.past {
				results[i].Err = a.writeError(r.cmd.Err())
				continue
			}
			again, places = append(again, ops[i]), append(places, i)
		}
		answers := make([]Result, len(again))
		a.exchange(ctx, a.requests(ctx, again, form{}), answers)
		for i, answer := range answers {
			results[places[i]] = answer
		}
	}
}

// sending returns a context for writes: it keeps the deadline of ctx, but not its
// cancellation, since answers to what was sent are waited for.
func (a *redisAdapter) sending(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := time.Now().Add(a.timeout)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(limit) {
		limit = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), limit)
}

func fail(results []Result, err error) {
	for i := range results {
		results[i].Err = err
	}
}

// exchange sends requests and files their answers. It returns those that are to be
// sent in the other form.
func (a *redisAdapter) exchange(ctx context.Context, requests []request, results []Result,
) (refused []request) {
	a.send(ctx, requests)
	for _, r := range requests {
		if err := r.cmd.Err(); isReply(err) && (r.past-r.first > 1 || unavailable(err)) {
			refused = append(refused, r)
			continue
		}
		result := a.result(r)
		for i := r.first; i < r.past; i++ {
			results[i] = result
		}
	}
	return refused
}

// send puts all requests into one pipeline; each command keeps its own error. Commands that
// have reached no server, because another one is about to take over from the one that
// failed, are sent again for as long as ctx lasts.
func (a *redisAdapter) send(ctx context.Context, requests []request) {
	a.sendAll(ctx, requests)
	for pause := firstPause; ; pause = min(2*pause, failoverPause) {
		unsent, errs := a.unsent(requests)
		if len(unsent) == 0 || !paused(ctx, pause) {
			return
		}
		a.sendAll(ctx, unsent)
		for i, r := range unsent {
			// Whoever ran out of time before there was a connection has sent nothing.
			if r.cmd.Err() == context.DeadlineExceeded { //nolint:errorlint // and not what wraps it
				r.cmd.SetErr(errs[i])
			}
		}
	}
}

func (a *redisAdapter) sendAll(ctx context.Context, requests []request) {
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

// unsent returns the requests that are sure not to have been carried out and may be soon,
// and why they were not.
func (a *redisAdapter) unsent(requests []request) (unsent []request, errs []error) {
	for _, r := range requests {
		if err := r.cmd.Err(); a.passes(err) {
			unsent, errs = append(unsent, r), append(errs, err)
		}
	}
	return unsent, errs
}

// result reads the answer to one command.
func (a *redisAdapter) result(r request) Result {
	answer, err := r.cmd.Result()
	switch {
	case err == redis.Nil: //nolint:errorlint // see isReply
		return Result{}
	case err != nil:
		return Result{Err: a.writeError(err)}
	}
	switch answer := answer.(type) {
	case int64:
		return Result{Changed: answer != 0 || r.verb == OpAdd, Number: answer}
	case string: // OK, or the number that a script returns as text
		number, _ := strconv.ParseInt(answer, 10, 64)
		return Result{Changed: true, Number: number}
	}
	return Result{Changed: true}
}

// unavailable reports whether the server does not know a script by its hash, or keeps its
// own command from this user: ACLs made for all servers cannot name what only some have.
func unavailable(err error) bool {
	return strings.HasPrefix(err.Error(), "NOSCRIPT") || noPermission(err, "delex", "delifeq")
}

// requests turns ops into commands.
func (a *redisAdapter) requests(ctx context.Context, ops []Op, f form) []request {
	requests := make([]request, 0, len(ops)/msetRows+1)
	for first := 0; first < len(ops); {
		past := first + 1
		for f.grouped && ops[first].plain() && past < len(ops) && past-first < msetRows &&
			ops[past].plain() {
			past++
		}
		args := a.arguments(&ops[first], f)
		if past-first > 1 {
			args = msetArguments(ops[first:past])
		}
		requests = append(requests, request{
			onceCmd{redis.NewCmd(ctx, args...)}, ops[first].Verb, first, past,
		})
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
func (a *redisAdapter) arguments(op *Op, f form) []any {
	if f.loaded && comparesAndDeletes(op) && a.native.command() != "" {
		return a.native.arguments(op)
	}
	if s := scriptFor(op); s != nil {
		return s.arguments(op, f)
	}
	switch op.Verb {
	case OpRemove:
		return []any{"del", op.Key}
	case OpExpire:
		return []any{"expire", op.Key, seconds(op.TTL)}
	case OpPersist:
		return []any{"persist", op.Key}
	case OpAdd:
		if op.By == 1 {
			return []any{"incr", op.Key}
		}
		return []any{"incrby", op.Key, op.By}
	}
	return setArguments(op)
}

func setArguments(op *Op) []any {
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
