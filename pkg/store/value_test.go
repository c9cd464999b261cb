package store

import (
	"errors"
	"testing"
)

func TestParseValue(t *testing.T) {
	tests := map[string]string{
		` { "b" : 1 , "a" : [ 1 , 2 ] } `:       `{"b":1,"a":[1,2]}`,
		`{"a":1,"a":2}`:                         `{"a":1,"a":2}`,
		`12345678901234567890.50`:               `12345678901234567890.50`,
		`1E400`:                                 `1E400`,
		`"<>&\u0041\/"`:                         `"<>&\u0041\/"`,
		`"\ud83d"`:                              `"\ud83d"`,
		"\"\u2028\u007f\"":                      "\"\u2028\u007f\"",
		"\"two  spaces\"":                       `"two  spaces"`,
		"null":                                  "null",
		"\t\r\n true \n":                        "true",
		`{"10":1,"2":2,"__proto__":{"x":null}}`: `{"10":1,"2":2,"__proto__":{"x":null}}`,
	}
	for text, want := range tests {
		if got, err := ParseValue([]byte(text)); err != nil || string(got) != want {
			t.Errorf("ParseValue(%s) = %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestParseValueRefuses(t *testing.T) {
	tests := map[string]Code{
		"":            CodeValueRequired,
		" ":           CodeSerializationFailed,
		"hello":       CodeSerializationFailed,
		"01":          CodeSerializationFailed,
		"{'a':1}":     CodeSerializationFailed,
		"[1,]":        CodeSerializationFailed,
		"1 2":         CodeSerializationFailed,
		"\"a\tb\"":    CodeSerializationFailed,
		"\"\xff\"":    CodeSerializationFailed,
		"\u00a01":     CodeSerializationFailed,
		"NaN":         CodeSerializationFailed,
		`{"a":1}tail`: CodeSerializationFailed,
	}
	for text, want := range tests {
		if got, err := ParseValue([]byte(text)); !errors.Is(err, want) || !errors.Is(err, ErrInvalid) {
			t.Errorf("ParseValue(%q) = %s, %v", text, got, err)
		}
	}
}

func TestValueMarshalJSON(t *testing.T) {
	tests := map[string]string{
		`{"a": 1}`:  `{"a": 1}`,
		`hello`:     `"hello"`,
		``:          `""`,
		`01`:        `"01"`,
		`"abc`:      `"\"abc"`,
		"\xff\x00":  `{"base64":"/wA="}`,
		"\"\xff\"":  `{"base64":"Iv8i"}`,
		"a\nb":      `"a\nb"`,
		`"\ud83d"`:  `"\ud83d"`,
		`1e999`:     `1e999`,
		"\ufeff1":   "\"\ufeff1\"",
		" 1 ":       " 1 ",
		"undefined": `"undefined"`,
	}
	for stored, want := range tests {
		if got, err := Value(stored).MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v, want %s", stored, got, err, want)
		}
	}
}

func TestStringValue(t *testing.T) {
	got, err := StringValue("a\"<b>\n\u2028")
	if want := "\"a\\\"<b>\\n\u2028\""; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if _, err := StringValue("\xff"); !errors.Is(err, CodeSerializationFailed) {
		t.Errorf("binary text: %v", err)
	}
}
