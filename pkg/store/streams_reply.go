package store

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// words turns arguments into those of a StreamCommand.
func words(args ...string) []any {
	list := make([]any, len(args))
	for i, arg := range args {
		list[i] = arg
	}
	return list
}

// text returns a reply that is text, or "".
func text(reply any) string {
	s, _ := reply.(string)
	return s
}

// integer returns a reply that is a number, also one in digits, or 0.
func integer(reply any) int64 {
	n, _ := known(reply)
	return n
}

// known returns a reply that is a number. ok is false where the server does not tell.
func known(reply any) (n int64, ok bool) {
	switch reply := reply.(type) {
	case int64:
		return reply, true
	case string:
		n, err := strconv.ParseInt(reply, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// list returns a reply that is a list, or none.
func list(reply any) []any {
	elements, _ := reply.([]any)
	return elements
}

// dict is a reply of names and values.
type dict map[string]any

// dictionary reads such a reply; older protocols have a list in its place.
func dictionary(reply any) dict {
	d := dict{}
	switch reply := reply.(type) {
	case map[any]any:
		for name, value := range reply {
			d[text(name)] = value
		}
	case []any:
		for i := 0; i+1 < len(reply); i += 2 {
			d[text(reply[i])] = reply[i+1]
		}
	}
	return d
}

func (d dict) number(name string) int64 { return integer(d[name]) }

// optional returns a number, or nil where the server does not tell.
func (d dict) optional(name string) *int64 {
	if n, ok := known(d[name]); ok {
		return &n
	}
	return nil
}

// idle returns a time in milliseconds, or nil where the server does not tell.
func (d dict) idle(name string) *Seconds {
	if n, ok := known(d[name]); ok && n >= 0 {
		idle := Seconds(time.Duration(n) * time.Millisecond)
		return &idle
	}
	return nil
}

// entryID returns the id of an entry in a reply, or "".
func entryID(reply any) string {
	if parts := list(reply); len(parts) > 0 {
		return text(parts[0])
	}
	return ""
}

// entriesOf reads a list of entries that came through the driver. An entry that is
// deleted may be nil, or have no fields.
func entriesOf(reply any) ([]streamEntry, error) {
	var found []streamEntry
	for _, element := range list(reply) {
		if element == nil {
			continue
		}
		parts := list(element)
		if len(parts) != 2 {
			return nil, strange("a list of entries")
		}
		e := streamEntry{id: text(parts[0]), deleted: parts[1] == nil}
		for _, field := range list(parts[1]) {
			e.fields = append(e.fields, []byte(text(field)))
		}
		found = append(found, e)
	}
	return found, nil
}

// strange is an answer that is not what the command is known to give.
func strange(what string) error {
	return &Error{
		Kind: ErrRefused, Code: CodeOperationFailed,
		Reason: "the server's answer is not " + what,
	}
}

// refused reports whether the server answered, and refused.
func refused(err error) bool { return errors.Is(err, ErrRefused) }

// missing reports whether the server says that there is no such key.
func missing(err error) bool {
	return refused(err) && strings.HasPrefix(reasonOf(err), "ERR no such key")
}

// Seconds is a duration that JSON shows in seconds, to the millisecond.
type Seconds time.Duration

// Duration returns it as a duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) }

// MarshalJSON returns the seconds as a number.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', -1, 64), nil
}

// JSONSchema describes what [Seconds.MarshalJSON] returns.
func (Seconds) JSONSchema() string { return `{"description":"seconds","type":"number"}` }

// Lag is how many entries of a stream a group has not been given yet.
type Lag int64

// LagUnknown is the lag where the server cannot tell: after entries were deleted that
// the group had not read, after its position was set, and before Redis 7.0.
const LagUnknown Lag = -1

// String returns the number, or "unknown".
func (l Lag) String() string {
	if l < 0 {
		return "unknown"
	}
	return strconv.FormatInt(int64(l), 10)
}

// MarshalJSON returns the number, or null for LagUnknown.
func (l Lag) MarshalJSON() ([]byte, error) {
	if l < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(l), 10), nil
}

// JSONSchema describes what [Lag.MarshalJSON] returns.
func (Lag) JSONSchema() string {
	return `{"description":"null: unknown","type":["integer","null"],"minimum":0}`
}
