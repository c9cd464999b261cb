package store

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Kind says what a failure means for whoever has to react to it. A Kind is an
// error, so errors.Is(err, ErrUnreachable) asks for it.
type Kind string

// The kinds of failure.
const (
	// ErrInvalid is the caller's mistake. Nothing was sent.
	ErrInvalid Kind = "invalid request"
	// ErrRefused means that the server, or a condition of the request, refused
	// the operation. Nothing was changed.
	ErrRefused Kind = "refused"
	// ErrUnreachable means that no server could be reached, that it did not let
	// us in, or that it did not answer a read in time. Nothing was changed.
	ErrUnreachable Kind = "server not reachable"
	// ErrOutcomeUnknown means that a write was sent and its answer was lost. It
	// may or may not have happened, and was not repeated.
	ErrOutcomeUnknown Kind = "outcome unknown"
	// ErrIncomplete means that part of what was asked for is there and part is not, or
	// may not be. Nothing was changed.
	ErrIncomplete Kind = "incomplete"
)

// Error returns the kind in words.
func (k Kind) Error() string { return string(k) }

// Code is the stable name of a failure, for scripts and programs to branch on.
// A Code is an error, so errors.Is(err, CodeTTLInvalid) asks for it. The names
// are those of @igniter-js/store; the last group below is our own.
type Code string

// The codes of failures. Those that end in _FAILED are what the server refused
// (ErrRefused), where nothing else is said; the others blame the caller (ErrInvalid).
const (
	// CodeConfigurationInvalid is an option, a URL or a schema that cannot be, or an
	// adapter that lacks what is asked of it.
	CodeConfigurationInvalid Code = "STORE_CONFIGURATION_INVALID"
	// CodeServiceRequired is an operation of a client without [WithService].
	CodeServiceRequired Code = "STORE_SERVICE_REQUIRED"
	// CodeScopeInvalid is a required scope that is missing, or text that is no scope.
	CodeScopeInvalid Code = "STORE_SCOPE_INVALID"
	// CodeScopeKeyRequired is a scope without a key.
	CodeScopeKeyRequired Code = "STORE_SCOPE_KEY_REQUIRED"
	// CodeScopeIDRequired is a scope without an identifier.
	CodeScopeIDRequired Code = "STORE_SCOPE_IDENTIFIER_REQUIRED"
	// CodeInvalidScopeKey is a scope key that [WithScopes] does not declare.
	CodeInvalidScopeKey Code = "STORE_INVALID_SCOPE_KEY"
	// CodeInvalidNamespace is a name that a scope key or the namespace of an event
	// cannot have, or text that names no [Namespace].
	CodeInvalidNamespace Code = "STORE_INVALID_NAMESPACE"
	// CodeReservedNamespace is a name that the npm library keeps for itself.
	CodeReservedNamespace Code = "STORE_RESERVED_NAMESPACE"
	// CodeDuplicateScope is a scope key that is declared twice.
	CodeDuplicateScope Code = "STORE_DUPLICATE_SCOPE"
	// CodeInvalidEventName is a name that an event in a registry cannot have.
	CodeInvalidEventName Code = "STORE_INVALID_EVENT_NAME"
	// CodeMissingNamespace is an event in a registry without a namespace.
	CodeMissingNamespace Code = "STORE_MISSING_NAMESPACE"
	// CodeDuplicateEvent is an event that is also the group of another.
	CodeDuplicateEvent Code = "STORE_DUPLICATE_EVENT"
	// CodeDuplicateNamespace is a namespace that two sets of schemas have.
	CodeDuplicateNamespace Code = "STORE_DUPLICATE_NAMESPACE"
	// CodeActorKeyRequired is an actor without a key.
	CodeActorKeyRequired Code = "STORE_ACTOR_KEY_REQUIRED"
	// CodeActorIDRequired is an actor without an identifier.
	CodeActorIDRequired Code = "STORE_ACTOR_IDENTIFIER_REQUIRED"
	// CodeKeyRequired is a call without keys or channels, or a row without a key.
	CodeKeyRequired Code = "STORE_KEY_REQUIRED"
	// CodeValueRequired is an empty text where a value belongs, a row without one, or a
	// number that a counter cannot be changed by.
	CodeValueRequired Code = "STORE_VALUE_REQUIRED"
	// CodeTTLInvalid is a time to live that [CheckTTL] refuses.
	CodeTTLInvalid Code = "STORE_TTL_INVALID"
	// CodeSerializationFailed is a value that cannot be stored (ErrInvalid).
	CodeSerializationFailed Code = "STORE_SERIALIZATION_FAILED"
	// CodeDeserialization is a stored value that does not fit a Go type (ErrRefused).
	CodeDeserialization Code = "STORE_DESERIALIZATION_FAILED"

	// CodeAdapterRequired is a nil adapter.
	CodeAdapterRequired Code = "STORE_ADAPTER_REQUIRED"
	// CodeConnectionFailed is a server that could not be reached, did not let us in, or
	// did not answer a read in time (ErrUnreachable).
	CodeConnectionFailed Code = "STORE_CONNECTION_FAILED"
	// CodeNotConnected is an operation of a client that was closed.
	CodeNotConnected Code = "STORE_NOT_CONNECTED"

	// CodeOperationFailed is a refusal that has no code of its own.
	CodeOperationFailed Code = "STORE_OPERATION_FAILED"
	// CodeGetFailed is a read that was refused, as of a key of another Redis type.
	CodeGetFailed Code = "STORE_GET_FAILED"
	// CodeSetFailed is a [KV.Set] or [KV.Replace] that was refused.
	CodeSetFailed Code = "STORE_SET_FAILED"
	// CodeDeleteFailed is a [KV.Remove] that was refused.
	CodeDeleteFailed Code = "STORE_DELETE_FAILED"
	// CodeIncrementFailed is a change of a counter that was refused, as of one that holds
	// no integer or would have no 64 bits any more.
	CodeIncrementFailed Code = "STORE_INCREMENT_FAILED"
	// CodeClaimFailed is a change of a claim that was refused. A claim that somebody else
	// holds is an answer, not an error.
	CodeClaimFailed Code = "STORE_CLAIM_FAILED"
	// CodeBatchFailed is a row of a batch that was refused.
	CodeBatchFailed Code = "STORE_BATCH_FAILED"
	// CodeScanFailed is a scan that was refused, a cursor that cannot be (ErrInvalid), or
	// a scan of a cluster that is not complete (ErrIncomplete).
	CodeScanFailed Code = "STORE_SCAN_FAILED"
	// CodePublishFailed is an event that was refused.
	CodePublishFailed Code = "STORE_PUBLISH_FAILED"
	// CodeSubscribeFailed is a subscription that was refused.
	CodeSubscribeFailed Code = "STORE_SUBSCRIBE_FAILED"
	// CodeSchemaValidation is a payload that breaks its schema (ErrInvalid). Details of
	// the [Error] say how.
	CodeSchemaValidation Code = "STORE_SCHEMA_VALIDATION_FAILED"
	// CodeSchemaChannelNotFound is an event without a schema where one is demanded.
	CodeSchemaChannelNotFound Code = "STORE_SCHEMA_CHANNEL_NOT_FOUND"

	// CodeStreamAppendFailed is an append that was refused, or options of one that cannot
	// be (ErrInvalid).
	CodeStreamAppendFailed Code = "STORE_STREAM_APPEND_FAILED"
	// CodeStreamReadFailed is any other operation on a stream that was refused, as for
	// want of its group (NOGROUP), or options of one that cannot be (ErrInvalid).
	CodeStreamReadFailed Code = "STORE_STREAM_READ_FAILED"
	// CodeStreamGroupFailed is a group that could not be created, set or removed.
	CodeStreamGroupFailed Code = "STORE_STREAM_GROUP_CREATE_FAILED"
	// CodeStreamAckFailed is an acknowledgement that was refused.
	CodeStreamAckFailed Code = "STORE_STREAM_ACK_FAILED"
	// CodeStreamNameRequired is a stream without a name.
	CodeStreamNameRequired Code = "STORE_STREAM_NAME_REQUIRED"
	// CodeStreamGroupRequired is a group without a name.
	CodeStreamGroupRequired Code = "STORE_STREAM_GROUP_REQUIRED"
	// CodeStreamConsumerRequired is a consumer without a name.
	CodeStreamConsumerRequired Code = "STORE_STREAM_CONSUMER_REQUIRED"

	// CodeBatchKeysRequired is for programs that demand keys, as the store tool does; a
	// [Batch] of none is empty.
	CodeBatchKeysRequired Code = "STORE_BATCH_KEYS_REQUIRED"
	// CodeBatchEntriesRequired likewise is for programs that demand rows.
	CodeBatchEntriesRequired Code = "STORE_BATCH_ENTRIES_REQUIRED"
	// CodeUnsubscribeFailed is of the npm library alone, like the two below: leaving a
	// subscription ends its connection, which cannot fail.
	CodeUnsubscribeFailed Code = "STORE_UNSUBSCRIBE_FAILED"
	// CodeScanPatternRequired never happens: a scan without a pattern lists all.
	CodeScanPatternRequired Code = "STORE_SCAN_PATTERN_REQUIRED"
	// CodeEnvironmentRequired never happens: an environment is a part of the prefix.
	CodeEnvironmentRequired Code = "STORE_ENVIRONMENT_REQUIRED"

	// CodeOutcomeUnknown belongs to ErrOutcomeUnknown. It and the codes below are our own.
	CodeOutcomeUnknown Code = "STORE_OUTCOME_UNKNOWN"
	// CodeReadOnly is a write refused because of WithReadOnly.
	CodeReadOnly Code = "STORE_READ_ONLY"
	// CodeClaimLost is a held claim that is not ours any more (ErrRefused).
	CodeClaimLost Code = "STORE_CLAIM_LOST"
	// CodeConflict is a value that changed between reading and writing it (ErrRefused).
	CodeConflict Code = "STORE_CONFLICT"
	// CodeStreamIDInvalid is what should be the id of an entry, or a time, and is not.
	CodeStreamIDInvalid Code = "STORE_STREAM_ID_INVALID"
)

// Error returns the code itself.
func (c Code) Error() string { return string(c) }

// Error is a failed operation.
type Error struct {
	// Kind is what the failure means for the caller.
	Kind Kind
	// Code is its stable name.
	Code Code
	// Op is the operation as a user would name it: "kv get". It may be empty.
	Op string
	// Key is the key as the caller gave it, without the prefix. It is empty
	// where the failure concerns no single key.
	Key string
	// Reason is why it failed, in words. It never holds a secret.
	Reason string
	// Err is the cause, where there is one.
	Err error
	// Details are what a schema said of a payload, where that is why it failed.
	Details []Violation
}

// Error returns the operation, the key in quotes, and the reason.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Key != "" {
		fmt.Fprintf(&b, " %q", e.Key)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	return strings.TrimLeft(b.String(), " ")
}

// Is reports whether target is the error's kind or its code.
func (e *Error) Is(target error) bool { return target == e.Kind || target == e.Code }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// MarshalJSON returns the code and the whole message.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code    Code   `json:"code"`
		Message string `json:"message"`
	}{e.Code, e.Error()})
}

// JSONSchema describes what [Error.MarshalJSON] returns.
func (*Error) JSONSchema() string {
	return `{"type":"object","properties":{"code":{"type":"string"},"message":{"type":"string"}},` +
		`"required":["code","message"]}`
}

// at returns a copy of the error that names the operation and the key.
func (e *Error) at(op, key string) *Error {
	named := *e
	named.Op, named.Key = op, key
	return &named
}

// invalid returns an error that blames the caller.
func invalid(code Code, format string, args ...any) *Error {
	return &Error{Kind: ErrInvalid, Code: code, Reason: fmt.Sprintf(format, args...)}
}
