package cmd

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
)

// hint returns what the user can do about an error, or nothing.
func hint(err error) string {
	if e, ok := errors.AsType[*cli.HintError](err); ok {
		return e.Hint
	}
	if e, ok := errors.AsType[*cli.UsageError](err); ok {
		return e.Hint
	}
	if partial, ok := errors.AsType[*cli.Partial](err); ok {
		err = partial.Cause
	}
	if e, ok := errors.AsType[*store.Error](err); ok {
		return storeHint(e)
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok && file.Path == os.Stdout.Name() {
		return "not all of the output was written; what the command changed on the server " +
			"stays changed"
	}
	return ""
}

// storeHint returns the next step after an error of the library.
func storeHint(e *store.Error) string {
	for _, known := range hints() {
		if known.code != "" && known.code != e.Code {
			continue
		}
		if strings.Contains(e.Reason, known.reason) {
			return known.hint
		}
	}
	return ""
}

// knownHint is a next step for errors of a code whose reason holds a text; an empty
// code or text fits all.
type knownHint struct {
	code         store.Code
	reason, hint string
}

func hints() []knownHint {
	return []knownHint{
		{store.CodeServiceRequired, "", "name one with --service or STORE_SERVICE"},
		{store.CodeScopeInvalid, "required", "add --scope KEY=ID"},
		{store.CodeScopeInvalid, "", "write --scope organization=org_1"},
		{store.CodeScopeIDRequired, "", "write --scope KEY=ID"},
		{store.CodeTTLInvalid, "", "a TTL is whole seconds or a duration: 90, 90s, 1h30m, 7d"},
		{
			store.CodeIncrementFailed, "not an integer",
			"see what the key holds with store scan -n counter --values",
		},
		{store.CodeClaimLost, "", "what the command did after the claim was lost may have overlapped " +
			"with another holder"},
		{store.CodeSchemaValidation, "", "--no-validate publishes it all the same"},
		{store.CodeSchemaChannelNotFound, "", "leave out --strict-events to publish without a schema"},
		{
			store.CodeSubscribeFailed, "NOPERM",
			"the user's ACL must allow the channel, and a pattern (also that of --recursive) literally; " +
				"store acl USER --subscribe PATTERN prints what an administrator has to run",
		},
		{store.CodeReadOnly, "", "leave out --read-only (or STORE_READ_ONLY) to write"},
		{store.CodeOutcomeUnknown, "", "look at the key before you repeat the command"},
		{
			store.CodeConnectionFailed, "WRONGPASS",
			"check --username and the password (STORE_PASSWORD, --password-file, --ask-password)",
		},
		{
			store.CodeConnectionFailed, "NOAUTH",
			"the server wants a password: STORE_PASSWORD, --password-file or --ask-password",
		},
		{
			store.CodeConnectionFailed, "max number of clients",
			"the server serves as many clients as its maxclients allows; CLIENT LIST there shows " +
				"whose they are",
		},
		{
			store.CodeConnectionFailed, "can't parse",
			"what answers there is not Redis; check the host and port, and store doctor shows more",
		},
		{
			store.CodeConnectionFailed, "the connection broke",
			"the server, or something on the way to it, ended it; store doctor shows whether all " +
				"is well again",
		},
		{
			store.CodeConnectionFailed, "first record does not look like a TLS",
			"the server does not speak TLS here; write redis:// instead of rediss://",
		},
		{
			store.CodeConnectionFailed, "server closed the connection",
			"check the URL: redis:// is for a plain port, rediss:// is for one with TLS",
		},
		{
			store.CodeConnectionFailed, "server reset the connection",
			"check the URL: redis:// is for a plain port, rediss:// is for one with TLS " +
				"(which may want --tls-cert and --tls-key)",
		},
		{
			store.CodeConnectionFailed, "TLS handshake",
			"a plain port does not answer that: write redis:// instead of rediss://",
		},
		{
			store.CodeConnectionFailed, "tls: certificate required",
			"the server wants a certificate of ours: --tls-cert and --tls-key",
		},
		{
			store.CodeConnectionFailed, "certificate",
			"name the certificate authority with --tls-ca, or the host with --tls-server-name",
		},
		{
			store.CodeConnectionFailed, "Sentinel knows no primary",
			"the name stands in the URL: ?master=NAME; redis-cli -p 26379 sentinel masters lists them",
		},
		{
			store.CodeConnectionFailed, "no answer in time",
			"check the host and port, or allow more time with --timeout; store doctor shows where it stops",
		},
		{
			store.CodeConnectionFailed, "",
			"check --url (or STORE_URL) and that the server runs; store doctor shows which step fails",
		},
		{"", "NOGROUP", "create it with store stream group ensure STREAM GROUP"},
		{"", "different slots", "a common part in braces puts keys into one slot"},
		{store.CodeStreamIDInvalid, "part of an id", "write the whole id, as it is shown"},
		{"", "WRONGTYPE", "the key holds another kind of value; see store scan --type"},
		{"", "MOVED ", "this is a node of a cluster; write redis+cluster:// in the URL"},
		{"", "CROSSSLOT", "this is a node of a cluster; write redis+cluster:// in the URL"},
		{"", "one node of a cluster", "write redis+cluster:// in the URL"},
		{"", "cluster support disabled", "this server is no cluster; write redis:// in the URL"},
		{"", "unknown command 'sentinel'", "this is no Sentinel; write redis:// in the URL"},
		{"", "slots of the cluster moved", "run it again when no slots are being moved"},
		{"", "OOM ", "the server's memory is full (maxmemory); free some, or raise the limit"},
		{
			"", "MISCONF ",
			"the server cannot save to its disk, and takes no writes until it can; its log says why",
		},
		{"", "LOADING ", "the server is reading its data from disk; run it again when it is done"},
		{
			"", "BUSY ",
			"a script runs on the server; run it again when that has ended, or end it with SCRIPT KILL",
		},
		{"", "MASTERDOWN ", "this replica has lost its primary; name the primary in --url"},
		{"", "NOREPLICAS ", "too few replicas are in step with the server (min-replicas-to-write)"},
		{
			"", "CLUSTERDOWN ",
			"a part of the cluster's slots has no node; redis-cli --cluster check shows which",
		},
		{"", "READONLY", "this is a replica; name the primary in --url"},
		{"", "NOPERM", "the user needs more rights: store acl USER prints the line that an administrator " +
			"has to run, and store doctor what this user may do"},
	}
}
