package store

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxTTL is the longest time to live, in whole seconds, that a time.Duration
// holds: some 292 years. Servers take at least as much.
const maxTTL = math.MaxInt64 / int64(time.Second)

// ParseTTL reads a time to live: whole seconds ("90") or a Go duration, with d for
// days as well ("90s", "1h30m", "7d", "1d12h"). The unit of a stored TTL is the
// second; what is not a whole, positive number of seconds is CodeTTLInvalid.
func ParseTTL(text string) (time.Duration, error) {
	d, err := parseDuration(text)
	if err != nil {
		return 0, err
	}
	return d, CheckTTL(d)
}

// CheckTTL refuses a time to live that a key cannot have: zero, negative, or not
// whole seconds. The npm library stores such values for ever, or not at all.
func CheckTTL(d time.Duration) error {
	switch {
	case d <= 0:
		return invalid(CodeTTLInvalid, "the TTL must be longer than zero, not %s", d)
	case d%time.Second != 0:
		return invalid(CodeTTLInvalid, "the TTL must be whole seconds, not %s", d)
	}
	return nil
}

// parseDuration reads plain seconds, or a Go duration that may begin with days.
func parseDuration(text string) (time.Duration, error) {
	bad := invalid(CodeTTLInvalid, "%q is not a TTL", text)
	tooLong := invalid(CodeTTLInvalid, "the TTL %q is too long", text)
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && seconds <= maxTTL && seconds >= -maxTTL:
		return time.Duration(seconds) * time.Second, nil
	case err == nil, errors.Is(err, strconv.ErrRange):
		return 0, tooLong
	}
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "0", text
	}
	n, err := strconv.ParseInt(days, 10, 64)
	if err != nil || n < 0 {
		return 0, bad
	}
	if n > maxTTL/86400 {
		return 0, tooLong
	}
	if rest == "" {
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil {
		return 0, bad
	}
	sum := time.Duration(n)*24*time.Hour + d
	if d > 0 && sum < d {
		return 0, tooLong
	}
	return sum, nil
}

// TTL is the remaining time to live of a key.
type TTL time.Duration

// NoExpiry is the TTL of a key that never expires.
const NoExpiry TTL = -1

// Seconds returns the remaining whole seconds, rounded up, so that a key that
// still exists never shows 0. It is -1 for NoExpiry.
func (t TTL) Seconds() int64 {
	if t < 0 {
		return -1
	}
	return int64((time.Duration(t) + time.Second - 1) / time.Second)
}

// Duration returns the TTL as a duration. It is meaningless for NoExpiry.
func (t TTL) Duration() time.Duration { return time.Duration(t) }

// String returns the remaining seconds, or "none" for NoExpiry.
func (t TTL) String() string {
	if t < 0 {
		return "none"
	}
	return strconv.FormatInt(t.Seconds(), 10)
}

// MarshalJSON returns the remaining seconds, or null for NoExpiry.
func (t TTL) MarshalJSON() ([]byte, error) {
	if t < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, t.Seconds(), 10), nil
}

// JSONSchema describes what [TTL.MarshalJSON] returns.
func (TTL) JSONSchema() string {
	return `{"description":"seconds; null: never expires","type":["integer","null"],"minimum":0}`
}
