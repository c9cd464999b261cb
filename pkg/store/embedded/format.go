package embedded

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// The format of snapshots is lines of JSON: a header, records, and a trailer that says how
// many lines there were and what their SHA-256 is, so that a file which was cut off or
// changed is noticed. A record is a key or a part of one: parts of a key follow each other
// and add up, so that no line holds more than some of its members.
//
//	{"format":"store-dev","version":1,"saved":"2026-01-02T03:04:05Z"}
//	{"key":"a","type":"string","value":"text","expires":1764000000000}
//	{"db":1,"key":"b","type":"zset","items":["m"],"scores":["1.5"]}
//	{"key":"s","type":"stream","id":"1-0","items":["data","{}"]}
//	{"key":"s","type":"stream","group":"g","lastId":"1-0","consumers":["c"]}
//	{"key":"s","type":"stream","group":"g","id":"1-0","consumer":"c","deliveries":1,"delivered":1764000000000}
//	{"end":true,"lines":6,"sha256":"…"}
//
// Text that is not UTF-8 is written as {"base64":"…"}. Times are milliseconds since 1970.
const (
	formatName    = "store-dev"
	formatVersion = 1
	// maxItems is how many members of a key one line holds.
	maxItems = 1000
)

type header struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Saved   time.Time `json:"saved"`
}

type record struct {
	DB      int     `json:"db,omitempty"`
	Key     *binary `json:"key"`
	Type    string  `json:"type"`
	Expires int64   `json:"expires,omitempty"`
	// Value is that of a string, Items are those of the others: members, names and values
	// by turns, or fields of the message ID.
	Value  binary   `json:"value,omitempty"`
	Items  []binary `json:"items,omitempty"`
	Scores []score  `json:"scores,omitempty"`
	// FieldExpires is for fields of a hash: a list of names, and one of times.
	Fields       []binary `json:"fields,omitempty"`
	FieldExpires []int64  `json:"fieldExpires,omitempty"`
	ID           string   `json:"id,omitempty"`
	Group        *binary  `json:"group,omitempty"`
	LastID       string   `json:"lastId,omitempty"`
	Consumers    []binary `json:"consumers,omitempty"`
	Consumer     *binary  `json:"consumer,omitempty"`
	Deliveries   int      `json:"deliveries,omitempty"`
	Delivered    int64    `json:"delivered,omitempty"`
}

type trailer struct {
	End    bool   `json:"end"`
	Lines  int    `json:"lines"`
	SHA256 string `json:"sha256"`
}

// binary is a text that may hold any bytes.
type binary string

type encoded struct {
	Base64 []byte `json:"base64"`
}

// MarshalJSON returns a JSON string, or an object where the text is not UTF-8.
func (b binary) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(b)) {
		return json.Marshal(string(b))
	}
	return json.Marshal(encoded{[]byte(b)})
}

// UnmarshalJSON is the way back.
func (b *binary) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(b))
	}
	var raw struct{ Base64 *string }
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	if raw.Base64 == nil {
		return fmt.Errorf("text is a string or base64, not %s", text)
	}
	data, err := base64.StdEncoding.DecodeString(*raw.Base64)
	*b = binary(data)
	return err
}

func binaries(texts []string) []binary {
	all := make([]binary, len(texts))
	for i, text := range texts {
		all[i] = binary(text)
	}
	return all
}

func plain(all []binary) []string {
	texts := make([]string, len(all))
	for i, b := range all {
		texts[i] = string(b)
	}
	return texts
}

// score is a number that may be infinite, as text that leads back to the same one.
type score float64

// MarshalJSON returns a JSON string.
func (s score) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatFloat(float64(s), 'g', -1, 64)), nil
}

// UnmarshalJSON is the way back.
func (s *score) UnmarshalJSON(text []byte) error {
	var number string
	if err := json.Unmarshal(text, &number); err != nil {
		return err
	}
	n, err := strconv.ParseFloat(number, 64)
	if math.IsNaN(n) {
		return fmt.Errorf("%s is no score", text)
	}
	*s = score(n)
	return err
}
