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

// The codes of failures.
const (
	CodeConfigurationInvalid Code = "STORE_CONFIGURATION_INVALID"
	CodeServiceRequired      Code = "STORE_SERVICE_REQUIRED"
	CodeScopeInvalid         Code = "STORE_SCOPE_INVALID"
	CodeScopeKeyRequired     Code = "STORE_SCOPE_KEY_REQUIRED"
	CodeScopeIDRequired      Code = "STORE_SCOPE_IDENTIFIER_REQUIRED"
	CodeInvalidScopeKey      Code = "STORE_INVALID_SCOPE_KEY"
	CodeInvalidNamespace     Code = "STORE_INVALID_NAMESPACE"
	CodeReservedNamespace    Code = "STORE_RESERVED_NAMESPACE"
	CodeDuplicateScope       Code = "STORE_DUPLICATE_SCOPE"
	CodeInvalidEventName     Code = "STORE_INVALID_EVENT_NAME"
	CodeMissingNamespace     Code = "STORE_MISSING_NAMESPACE"
	CodeDuplicateEvent       Code = "STORE_DUPLICATE_EVENT"
	CodeActorKeyRequired     Code = "STORE_ACTOR_KEY_REQUIRED"
	CodeActorIDRequired      Code = "STORE_ACTOR_IDENTIFIER_REQUIRED"
	CodeKeyRequired          Code = "STORE_KEY_REQUIRED"
	CodeValueRequired        Code = "STORE_VALUE_REQUIRED"
	CodeTTLInvalid           Code = "STORE_TTL_INVALID"
	CodeSerializationFailed  Code = "STORE_SERIALIZATION_FAILED"
	CodeDeserialization      Code = "STORE_DESERIALIZATION_FAILED"
	CodeOperationFailed      Code = "STORE_OPERATION_FAILED"
	CodeGetFailed            Code = "STORE_GET_FAILED"
	CodeSetFailed            Code = "STORE_SET_FAILED"
	CodeDeleteFailed         Code = "STORE_DELETE_FAILED"
	CodeIncrementFailed      Code = "STORE_INCREMENT_FAILED"
	CodeClaimFailed          Code = "STORE_CLAIM_FAILED"
	CodeBatchFailed          Code = "STORE_BATCH_FAILED"
	CodeBatchKeysRequired    Code = "STORE_BATCH_KEYS_REQUIRED"
	CodeBatchEntriesRequired Code = "STORE_BATCH_ENTRIES_REQUIRED"
	CodeScanFailed           Code = "STORE_SCAN_FAILED"
	CodePublishFailed        Code = "STORE_PUBLISH_FAILED"
	CodeSubscribeFailed      Code = "STORE_SUBSCRIBE_FAILED"
	CodeSchemaValidation     Code = "STORE_SCHEMA_VALIDATION_FAILED"
	// CodeSchemaChannelNotFound is an event without a schema where one is demanded.
	CodeSchemaChannelNotFound Code = "STORE_SCHEMA_CHANNEL_NOT_FOUND"
	CodeConnectionFailed      Code = "STORE_CONNECTION_FAILED"
	// CodeAdapterRequired is a nil adapter.
	CodeAdapterRequired Code = "STORE_ADAPTER_REQUIRED"
	// CodeNotConnected is an operation of a client that was closed.
	CodeNotConnected Code = "STORE_NOT_CONNECTED"
	// CodeDuplicateNamespace is a namespace that two sets of schemas have.
	CodeDuplicateNamespace Code = "STORE_DUPLICATE_NAMESPACE"
	// The npm library has these codes as well; nothing here fails with them. Leaving a
	// subscription ends its connection, which cannot fail; a scan without a pattern
	// lists all; and an environment is a part of the prefix.
	CodeUnsubscribeFailed   Code = "STORE_UNSUBSCRIBE_FAILED"
	CodeScanPatternRequired Code = "STORE_SCAN_PATTERN_REQUIRED"
	CodeEnvironmentRequired Code = "STORE_ENVIRONMENT_REQUIRED"

	CodeStreamAppendFailed     Code = "STORE_STREAM_APPEND_FAILED"
	CodeStreamReadFailed       Code = "STORE_STREAM_READ_FAILED"
	CodeStreamGroupFailed      Code = "STORE_STREAM_GROUP_CREATE_FAILED"
	CodeStreamAckFailed        Code = "STORE_STREAM_ACK_FAILED"
	CodeStreamNameRequired     Code = "STORE_STREAM_NAME_REQUIRED"
	CodeStreamGroupRequired    Code = "STORE_STREAM_GROUP_REQUIRED"
	CodeStreamConsumerRequired Code = "STORE_STREAM_CONSUMER_REQUIRED"

	// CodeOutcomeUnknown belongs to ErrOutcomeUnknown.
	CodeOutcomeUnknown Code = "STORE_OUTCOME_UNKNOWN"
	// CodeReadOnly is a write refused because of WithReadOnly.
	CodeReadOnly Code = "STORE_READ_ONLY"
	// CodeClaimLost is a held claim that is not ours any more.
	CodeClaimLost Code = "STORE_CLAIM_LOST"
	// CodeConflict is a value that changed between reading and writing it.
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
