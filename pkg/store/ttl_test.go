package store

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestParseTTL(t *testing.T) {
	tests := map[string]time.Duration{
		"90":     90 * time.Second,
		"90s":    90 * time.Second,
		"1h30m":  90 * time.Minute,
		"7d":     7 * 24 * time.Hour,
		"1d12h":  36 * time.Hour,
		"2000ms": 2 * time.Second,
	}
	for text, want := range tests {
		if got, err := ParseTTL(text); got != want || err != nil {
			t.Errorf("ParseTTL(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseTTLRefuses(t *testing.T) {
	for _, text := range []string{
		"", "0", "0s", "-1", "-5s", "-1d", "1.5", "1500ms", "1.5s", "abc", "1x", "d", "1dd", "5 s",
		"9223372036854775807", "99999999999999999999", "9223372036854776", "300000d", "106751d24h",
		"1e3", "0x10",
	} {
		if got, err := ParseTTL(text); !errors.Is(err, CodeTTLInvalid) {
			t.Errorf("ParseTTL(%q) = %v, %v", text, got, err)
		}
	}
}

func FuzzParseTTL(f *testing.F) {
	for _, seed := range []string{"90", "7d", "1h", "-1", "1.5s", "106751d23h47m16s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseTTL(text)
		if err == nil && (d < time.Second || d%time.Second != 0) {
			t.Errorf("ParseTTL(%q) = %v", text, d)
		}
	})
}

func TestTTLForms(t *testing.T) {
	tests := []struct {
		ttl        TTL
		text, json string
	}{
		{NoExpiry, "none", "null"},
		{TTL(time.Millisecond), "1", "1"},
		{TTL(1500 * time.Millisecond), "2", "2"},
		{TTL(time.Hour), "3600", "3600"},
	}
	for _, tt := range tests {
		encoded, err := json.Marshal(tt.ttl)
		if err != nil || string(encoded) != tt.json || tt.ttl.String() != tt.text {
			t.Errorf("%d: got %s and %q, %v", tt.ttl, encoded, tt.ttl, err)
		}
	}
}
