package embedded_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/embedded"
)

const firstLine = `{"format":"store-dev","version":1,"saved":"2026-01-02T03:04:05Z"}`

// snapshot returns a snapshot with these records.
func snapshot(records ...string) string { return lined(firstLine, records...) }

// lined puts a first and a last line around records.
func lined(first string, records ...string) string {
	text := strings.Join(append([]string{first}, records...), "\n") + "\n"
	return text + fmt.Sprintf(`{"end":true,"lines":%d,"sha256":"%x"}`+"\n",
		len(records)+1, sha256.Sum256([]byte(text)))
}

// refused checks that a snapshot is not taken, and that it is said to be its fault.
func refused(t *testing.T, text string) *embedded.FileError {
	t.Helper()
	server := embedded.New("", store.MatchGlob)
	defer server.Close()
	_, err := server.Load(strings.NewReader(text))
	broken, ok := errors.AsType[*embedded.FileError](err)
	if !ok {
		t.Fatalf("%v for %q", err, text)
	}
	return broken
}

// TestDamage cuts a snapshot off at every length, and changes each of its bytes.
func TestDamage(t *testing.T) {
	text := snapshot(
		`{"key":"k","type":"string","value":"v","expires":9000000000000}`,
		`{"key":"z","type":"zset","items":["m"],"scores":["+Inf"]}`,
		`{"key":"s","type":"stream","id":"1-0","items":["data","{}"]}`,
		`{"key":"s","type":"stream","group":"g","lastId":"1-0","consumers":["c"]}`,
		`{"key":"s","type":"stream","group":"g","id":"1-0","consumer":"c","deliveries":1,"delivered":1764000000000}`,
	)
	load(t, text, 3)
	for n := range len(text) {
		broken := refused(t, text[:n])
		if want := strings.Count(text[:n], "\n") + 1; broken.Line != want {
			t.Errorf("cut off after %d bytes: %v, want line %d", n, broken, want)
		}
	}
	for n := range len(text) {
		for _, bit := range []byte{1, 0x20, 0x80} { // 0x20 is the case of a letter
			damaged := []byte(text)
			damaged[n] ^= bit
			refused(t, string(damaged))
		}
	}
	lines := strings.SplitAfter(text, "\n")
	refused(t, text+"\n")
	refused(t, text+text)
	refused(t, strings.Join(append(lines[:2:2], lines[3:]...), ""))                   // one is missing
	refused(t, strings.Join(append(append(lines[:3:3], lines[2]), lines[3:]...), "")) // one is there twice
}

// TestMeaningless is whole and makes no sense.
func TestMeaningless(t *testing.T) {
	for _, test := range []struct{ record, want string }{
		{`{"type":"string"}`, "needs a key"},
		{`{"key":null,"type":"string"}`, "needs a key"},
		{`{"key":"k","items":["a"]}`, `no type ""`},
		{`{"key":"k","type":"hll","items":["a"]}`, `no type "hll"`},
		{`{"db":-1,"key":"k","type":"string"}`, "negative"},
		{`{"key":"k","type":"string","expires":-1}`, "negative"},
		{`{"key":"k","type":"string","nonsense":1}`, "nonsense"},
		{`{"key":"k","type":"string"} {}`, "more on it"},
		{`{"key":"k","type":"string","value":{"base64":"?"}}`, "base64"},
		{`{"key":"k","type":"string","value":{}}`, "base64"},
		{`{"key":"k","type":"string","value":1}`, "unmarshal"},
		{`{"key":"k","type":"list"}`, "no members"},
		{`{"key":"k","type":"zset","items":["a","b"],"scores":["1"]}`, "2 members have 1 scores"},
		{`{"key":"k","type":"zset","items":["a"],"scores":["NaN"]}`, "no score"},
		{`{"key":"k","type":"zset","items":["a"],"scores":["x"]}`, "invalid syntax"},
		{`{"key":"k","type":"hash","items":["a"]}`, "one value"},
		{`{"key":"k","type":"hash","fields":["a"]}`, "one time"},
		{`{"key":"k","type":"stream","id":"x","items":["a","b"]}`, "ERR"},
		{`{"key":"k","type":"stream","group":"g","consumer":"c","id":"1-0","deliveries":1}`, "NOGROUP"},
		{`[]`, "unmarshal"}, {``, "EOF"},
	} {
		broken := refused(t, snapshot(test.record))
		if broken.Line != 2 || !strings.Contains(broken.Reason, test.want) {
			t.Errorf("%s: %v, want %q in line 2", test.record, broken, test.want)
		}
	}
	const list, text = `{"key":"k","type":"list","items":["a"]}`, `{"key":"k","type":"string","value":"v"}`
	const hash = `{"key":"k","type":"hash","items":["a","b"]}`
	for _, two := range [][]string{{list, hash}, {text, list}, {hash, list}} {
		if broken := refused(t, snapshot(two...)); broken.Line != 3 {
			t.Errorf("%q: %v", two, broken)
		}
	}
	for first, want := range map[string]string{
		`{"format":"other","version":1}`:     "not data of store dev",
		`{"format":"store-dev","version":2}`: "version is 2",
		`{}`:                                 "not data of store dev", ``: "not data of store dev",
	} {
		if broken := refused(t, lined(first)); broken.Line != 1 || !strings.Contains(broken.Reason, want) {
			t.Errorf("%s: %v", first, broken)
		}
	}
}

// TestFields holds miniredis to the fields that a snapshot is read from. When this fails,
// a release of it keeps its data elsewhere: state.go has to follow.
func TestFields(t *testing.T) {
	for _, field := range []struct{ path, want string }{
		{"dbs", "map[int]*miniredis.RedisDB"},
		{"dbs keys", "map[string]string"},
		{"dbs ttl", "map[string]time.Duration"},
		{"dbs stringKeys", "map[string]string"},
		{"dbs hashKeys", "map[string]miniredis.hashKey"},
		{"dbs hashTTLs", "map[string]map[string]time.Duration"},
		{"dbs listKeys", "map[string]miniredis.listKey"},
		{"dbs setKeys", "map[string]miniredis.setKey"},
		{"dbs sortedsetKeys", "map[string]miniredis.sortedSet"},
		{"dbs streamKeys", "map[string]*miniredis.streamKey"},
		{"dbs streamKeys entries", "[]miniredis.StreamEntry"},
		{"dbs streamKeys entries ID", "string"},
		{"dbs streamKeys entries Values", "[]string"},
		{"dbs streamKeys groups", "map[string]*miniredis.streamGroup"},
		{"dbs streamKeys groups lastID", "string"},
		{"dbs streamKeys groups consumers", "map[string]*miniredis.consumer"},
		{"dbs streamKeys groups pending", "[]miniredis.pendingEntry"},
		{"dbs streamKeys groups pending id", "string"},
		{"dbs streamKeys groups pending consumer", "string"},
		{"dbs streamKeys groups pending deliveryCount", "int"},
		{"dbs streamKeys groups pending lastDelivery", reflect.TypeFor[time.Time]().String()},
	} {
		at := reflect.TypeFor[miniredis.Miniredis]()
		for name := range strings.FieldsSeq(field.path) {
			for at.Kind() != reflect.Struct {
				at = at.Elem()
			}
			found, ok := at.FieldByName(name)
			if !ok {
				t.Fatalf("miniredis has no field %q in %s any more; store dev --data reads it (state.go)", field.path, at)
			}
			at = found.Type
		}
		if at.String() != field.want {
			t.Errorf("miniredis' field %q is of type %s now, not %s; store dev --data reads it (state.go)",
				field.path, at, field.want)
		}
	}
	kinds := map[string]bool{}
	for db, i := reflect.TypeFor[miniredis.RedisDB](), 0; i < db.NumField(); i++ {
		if name := db.Field(i).Name; strings.HasSuffix(name, "Keys") {
			kinds[name] = true
		}
	}
	want := map[string]bool{
		"stringKeys": true, "hashKeys": true, "listKeys": true, "setKeys": true, "sortedsetKeys": true,
		"streamKeys": true, "hllKeys": true, // said not to be kept
	}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("miniredis holds keys in %v; store dev --data keeps those of %v (state.go)", kinds, want)
	}
}
