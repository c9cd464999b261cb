package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/eventschema"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// unproduced are the codes that no call of the library fails with: those that only programs
// use, and those that only the npm library has.
var unproduced = []store.Code{
	store.CodeBatchKeysRequired, store.CodeBatchEntriesRequired, store.CodeUnsubscribeFailed,
	store.CodeScanPatternRequired, store.CodeEnvironmentRequired,
}

// failure is a call that fails, and the kind of its error.
type failure struct {
	kind store.Kind
	call func() error
}

// TestCodes makes each code happen. The error is an *Error that errors.Is finds by its code
// and by its kind, and its JSON has the code.
func TestCodes(t *testing.T) {
	all := map[store.Code]failure{}
	for _, some := range []map[store.Code]failure{
		naming(t), configuring(t), giving(t), refusing(t), refusingMore(t), streaming(t), losing(t),
	} {
		maps.Copy(all, some)
	}
	for code, f := range all {
		err := f.call()
		e, ok := errors.AsType[*store.Error](err)
		if !ok || !errors.Is(err, code) || !errors.Is(err, f.kind) {
			t.Errorf("%s: got %v (%+v), want the kind %q", code, err, e, f.kind)
			continue
		}
		text, err := json.Marshal(e)
		want := `{"code":` + strconv.Quote(string(code))
		if err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("%s: as JSON it is %s, %v", code, text, err)
		}
	}
	made := slices.Sorted(maps.Keys(all))
	declared := slices.Sorted(maps.Values(declaredCodes(t)))
	want := slices.Sorted(slices.Values(slices.Concat(made, unproduced)))
	if !slices.Equal(declared, want) {
		t.Errorf("declared are\n%q\nmade or excused are\n%q", declared, want)
	}
}

// declaredCodes returns the constants of the type Code by their names. Each has a comment.
func declaredCodes(t *testing.T) map[string]store.Code {
	t.Helper()
	a := newAuditor(t)
	codes := map[string]store.Code{}
	for _, typ := range a.load(".").Types {
		if typ.Name != "Code" {
			continue
		}
		for _, spec := range typ.Consts[0].Decl.Specs {
			one := spec.(*ast.ValueSpec)
			a.comment(one.Pos(), one.Names[0].Name, one.Doc.Text())
			text, err := strconv.Unquote(one.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[one.Names[0].Name] = store.Code(text)
		}
	}
	if len(codes) < 45 {
		t.Fatalf("only %d codes are declared", len(codes))
	}
	return codes
}

// TestCodesOfTheLibrary makes sure that every code that the npm library declares is a Code.
func TestCodesOfTheLibrary(t *testing.T) {
	dir, err := storetest.InteropDir()
	if err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(dir, "node_modules", "@igniter-js", "store", "dist")
	text, err := os.ReadFile(storetest.Require(t, filepath.Join(dist, "index.d.ts")))
	if err != nil {
		t.Fatal(err)
	}
	ours := slices.Collect(maps.Values(declaredCodes(t)))
	theirs := regexp.MustCompile(`readonly \w+: "(STORE_\w+)"`).FindAllSubmatch(text, -1)
	for _, code := range theirs {
		if !slices.Contains(ours, store.Code(code[1])) {
			t.Errorf("%s is missing", code[1])
		}
	}
	if len(theirs) != 45 {
		t.Errorf("the npm library declares %d codes", len(theirs))
	}
}

// mistake is a failure that the caller is to blame for.
func mistake(call func() error) failure { return failure{store.ErrInvalid, call} }

// naming fails for names.
func naming(t *testing.T) map[store.Code]failure {
	c := open(t, "memory://")
	required := store.ScopeDefinition{Key: "org", Required: true}
	declared := open(t, "memory://", store.WithScopes(required))
	scope := func(c *store.Client, key, id string) failure {
		return mistake(func() error { return second(c.Scope(key, id)) })
	}
	actor := func(key, id string) failure {
		return mistake(func() error { return second(c.Actor(key, id)) })
	}
	define := func(schemas map[string]string) failure {
		return mistake(func() error { return second(eventschema.Define(schemas)) })
	}
	org := store.ScopeDefinition{Key: "org"}
	return map[store.Code]failure{
		store.CodeScopeKeyRequired:  scope(c, "", "1"),
		store.CodeScopeIDRequired:   scope(c, "org", ""),
		store.CodeInvalidScopeKey:   scope(declared, "team", "1"),
		store.CodeActorKeyRequired:  actor("", "1"),
		store.CodeActorIDRequired:   actor("user", ""),
		store.CodeMissingNamespace:  define(map[string]string{"created": "{}"}),
		store.CodeInvalidEventName:  define(map[string]string{"user:a.b": "{}"}),
		store.CodeReservedNamespace: define(map[string]string{"igniter:a": "{}"}),
		store.CodeDuplicateEvent:    define(map[string]string{"user:a": "{}", "user:a:b": "{}"}),
		store.CodeInvalidNamespace: mistake(func() error {
			return second(store.ParseNamespace("events"))
		}),
		store.CodeScopeInvalid: mistake(func() error {
			return second(declared.KV().Get(t.Context(), "k"))
		}),
		store.CodeDuplicateScope: mistake(func() error {
			return store.CheckScopeDefinitions([]store.ScopeDefinition{org, org})
		}),
		store.CodeDuplicateNamespace: mistake(func() error {
			one, err := eventschema.Define(map[string]string{"user:a": "{}"})
			other, otherErr := eventschema.Define(map[string]string{"user:b": "{}"})
			return errors.Join(err, otherErr, second(eventschema.Join(one, other)))
		}),
	}
}

// configuring fails for how a client was opened.
func configuring(t *testing.T) map[store.Code]failure {
	get := func(url string, opts ...store.Option) func() error {
		return func() error {
			c, err := store.Open(url, opts...)
			if err != nil {
				return err
			}
			defer c.Close()
			return second(c.KV().Get(t.Context(), "k"))
		}
	}
	return map[store.Code]failure{
		store.CodeConfigurationInvalid: mistake(get("http://127.0.0.1")),
		store.CodeAdapterRequired:      mistake(get("memory://", store.WithAdapter(nil))),
		store.CodeServiceRequired:      mistake(get("memory://")),
		store.CodeConnectionFailed: {
			store.ErrUnreachable, get("redis://127.0.0.1:1", store.WithService("api")),
		},
		store.CodeNotConnected: mistake(func() error {
			c := open(t, "memory://")
			return errors.Join(c.Close(), second(c.KV().Get(t.Context(), "k")))
		}),
		store.CodeReadOnly: mistake(func() error {
			c := open(t, "memory://", store.WithReadOnly())
			return second(c.KV().Set(t.Context(), "k", 1, store.SetOptions{}))
		}),
	}
}

// giving fails for what is given: keys, values, TTLs, payloads.
func giving(t *testing.T) map[store.Code]failure {
	registry := must(eventschema.Define(map[string]string{"user:created": `{"type":"object"}`}))(t)
	c := open(t, "memory://", store.WithEvents(registry, store.DefaultValidation()))
	publish := func(event string, payload any) failure {
		return mistake(func() error {
			o := store.PublishOptions{Strict: true}
			return second(c.Events().Publish(t.Context(), event, payload, o))
		})
	}
	set := func(v any, ttl time.Duration) failure {
		return mistake(func() error {
			return second(c.KV().Set(t.Context(), "k", v, store.SetOptions{TTL: ttl}))
		})
	}
	return map[store.Code]failure{
		store.CodeSchemaValidation:      publish("user:created", 1),
		store.CodeSchemaChannelNotFound: publish("user:removed", 1),
		store.CodeTTLInvalid:            set(1, time.Millisecond),
		store.CodeSerializationFailed:   set(make(chan int), 0),
		store.CodeKeyRequired: mistake(func() error {
			return second(c.KV().Remove(t.Context()))
		}),
		store.CodeValueRequired: mistake(func() error { return second(store.ParseValue(nil)) }),
		store.CodeDeserialization: refusal(func() error {
			var n int
			return c.Decode(store.Value(`"text"`), &n)
		}),
	}
}

// stranger returns a client and the key of an entry, counter or claim of it that is a stream:
// nothing in a key is escaped, so that one service can reach into another.
func stranger(t *testing.T, ns store.Namespace) (*store.Client, string) {
	t.Helper()
	memory := store.NewMemory()
	t.Cleanup(memory.Close)
	other := open(t, "memory://", store.WithMemory(memory), store.WithService("api:"+string(ns)))
	must(other.Streams().Append(t.Context(), "x", 1, store.AppendOptions{}))(t)
	return open(t, "memory://", store.WithMemory(memory)), "streams:x"
}

// refusal is a failure that the server is to blame for.
func refusal(call func() error) failure { return failure{store.ErrRefused, call} }

// refusing fails for what the server holds.
func refusing(t *testing.T) map[store.Code]failure {
	c, key := stranger(t, store.NamespaceKV)
	counters, counter := stranger(t, store.NamespaceCounter)
	claims, claim := stranger(t, store.NamespaceClaim)
	ctx, one := t.Context(), store.Value("1")
	return map[store.Code]failure{
		store.CodeGetFailed: refusal(func() error { return second(c.KV().Get(ctx, key)) }),
		store.CodeSetFailed: refusal(func() error { return c.KV().Replace(ctx, key, one, one) }),
		store.CodeIncrementFailed: refusal(func() error {
			return second(counters.Counter().Increment(ctx, counter, 1, 0))
		}),
		store.CodeClaimFailed: refusal(func() error {
			return second(claims.Claim().Release(ctx, claim, one))
		}),
		store.CodeConflict: refusal(func() error { return c.KV().Replace(ctx, "none", one, one) }),
		store.CodeScanFailed: mistake(func() error {
			return second(c.ScanPage(ctx, "abc", store.ScanOptions{}))
		}),
	}
}

// forbidding is an adapter whose server lets nobody write.
type forbidding struct{ store.Adapter }

func (forbidding) Write(_ context.Context, ops []store.Op) []store.Result {
	results := make([]store.Result, len(ops))
	for i := range results {
		results[i].Err = &store.Error{
			Kind: store.ErrRefused, Code: store.CodeOperationFailed, Reason: "NOPERM",
		}
	}
	return results
}

// refusingMore fails for what only a server without permissions refuses.
func refusingMore(t *testing.T) map[store.Code]failure {
	ctx := t.Context()
	writes := open(t, "memory://", store.WithAdapter(forbidding{open(t, "memory://").Adapter()}))
	all := open(t, "memory://", store.WithAdapter(broken{}))
	return map[store.Code]failure{
		store.CodeDeleteFailed:    refusal(func() error { return second(writes.KV().Remove(ctx, "k")) }),
		store.CodeOperationFailed: refusal(func() error { return second(writes.KV().Persist(ctx, "k")) }),
		store.CodeBatchFailed: refusal(func() error {
			var failed error
			rows := store.ReadRows(strings.NewReader(`{"key":"k","value":1}`))
			o := store.BatchOptions{OnError: func(e store.RowError) { failed = e }}
			return errors.Join(second(writes.Batch().Set(ctx, rows, o)), failed)
		}),
		store.CodePublishFailed: refusal(func() error {
			return second(all.Events().Publish(ctx, "x", 1, store.PublishOptions{}))
		}),
		store.CodeSubscribeFailed: refusal(func() error {
			return last(all.Events().Subscribe(ctx, store.SubscribeOptions{Channels: []string{"x"}}))
		}),
	}
}

// streaming fails for streams.
func streaming(t *testing.T) map[store.Code]failure {
	ctx, s := t.Context(), open(t, "memory://").Streams()
	must(s.Append(ctx, "jobs", 1, store.AppendOptions{}))(t)
	nobody, negative := s.Group("jobs", "nobody"), int64(-1)
	no := open(t, "memory://", store.WithAdapter(broken{})).Streams().Group("jobs", "g")
	read := func(g store.Group, consumer string) func() error {
		return func() error { return second(g.Read(ctx, consumer, store.ReadOptions{})) }
	}
	return map[store.Code]failure{
		store.CodeStreamReadFailed:       refusal(read(nobody, "w")),
		store.CodeStreamConsumerRequired: mistake(read(nobody, "")),
		store.CodeStreamGroupRequired:    mistake(read(s.Group("jobs", ""), "w")),
		store.CodeStreamNameRequired:     mistake(read(s.Group("", "g"), "w")),
		store.CodeStreamGroupFailed:      refusal(func() error { return second(no.Ensure(ctx, "0")) }),
		store.CodeStreamAckFailed:        refusal(func() error { return second(no.Ack(ctx, "1-1")) }),
		store.CodeStreamIDInvalid:        mistake(func() error { return store.CheckStreamID("abc") }),
		store.CodeStreamAppendFailed: mistake(func() error {
			return second(s.Append(ctx, "jobs", 1, store.AppendOptions{MaxLen: &negative}))
		}),
	}
}

// losing fails for what gets lost: an answer, and a claim.
func losing(t *testing.T) map[store.Code]failure {
	proxy := storetest.RunProxy(t, storetest.RunEmbedded(t).Addr)
	unanswered, claim := open(t, proxy.URL()), open(t, "memory://").Claim()
	return map[store.Code]failure{
		store.CodeOutcomeUnknown: {store.ErrOutcomeUnknown, func() error {
			proxy.LoseReplyTo("set")
			return second(unanswered.KV().Set(t.Context(), "k", 1, store.SetOptions{}))
		}},
		store.CodeClaimLost: refusal(func() error {
			o := store.HoldOptions{Owner: store.Value("1"), TTL: time.Second}
			held, err := claim.Hold(t.Context(), "job", o)
			if err != nil {
				return err
			}
			defer held.Release(context.WithoutCancel(t.Context()))
			if _, err := claim.Break(t.Context(), "job"); err != nil {
				return err
			}
			<-held.Context().Done()
			return context.Cause(held.Context())
		}),
	}
}
