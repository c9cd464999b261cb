package store

import (
	"errors"
	"log/slog"
	"strings"
)

// failureAttrs says why an operation failed. The npm library names some operations
// differently here than in the names of events.
func failureAttrs(operation string, err error) []slog.Attr {
	switch operation {
	case "claim.acquire":
		operation = "claim.once"
	case "stream.group":
		operation = "stream.ensure"
	}
	return []slog.Attr{
		slog.String("ctx.error.operation", operation),
		slog.String("ctx.error.code", string(codeOf(err))),
		slog.String("ctx.error.message", withoutQuotes(reasonOf(err))),
	}
}

// withoutQuotes leaves out what stands in quotation marks, which is where servers and we
// put keys, names and values. What is quoted may hold such marks itself, so all from the
// first to the last goes.
func withoutQuotes(text string) string {
	for _, mark := range []string{`"`, "'", "`"} {
		first, last := strings.Index(text, mark), strings.LastIndex(text, mark)
		if first < last {
			text = text[:first] + mark + "…" + mark + text[last+1:]
		}
	}
	return text
}

// codeOf returns an error's code, or the one for failures without a name.
func codeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeOperationFailed
}

// reasonOf returns why an operation failed, without the key that Error would add.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return err.Error()
}
