package store

import (
	"reflect"
	"testing"
)

func TestBuildKey(t *testing.T) {
	tests := []struct {
		service string
		scopes  []Scope
		ns      Namespace
		key     string
		want    string
	}{
		{"api", nil, NamespaceKV, "user:1", "igniter:store:api:kv:user:1"},
		{
			"api",
			[]Scope{{"organization", "org_1"}},
			NamespaceKV, "user:1",
			"igniter:store:api:organization:org_1:kv:user:1",
		},
		{
			"api",
			[]Scope{{"organization", "org_1"}, {"workspace", "ws_9"}},
			NamespaceCounter, "c",
			"igniter:store:api:organization:org_1:workspace:ws_9:counter:c",
		},
		{"api", []Scope{{"t", "a:b*c d"}}, NamespaceStreams, "", "igniter:store:api:t:a:b*c d:streams:"},
	}
	for _, tt := range tests {
		if got := BuildKey(DefaultPrefix, tt.service, tt.scopes, tt.ns, tt.key); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestParseKey(t *testing.T) {
	declared := []ScopeDefinition{{Key: "organization"}, {Key: "kv"}}
	tests := []struct {
		name     string
		redisKey string
		declared []ScopeDefinition
		want     Key
	}{
		{"no scope", "igniter:store:api:kv:user:1", nil, Key{Key: "user:1", Scopes: []Scope{}}},
		{"empty key", "igniter:store:api:kv:", nil, Key{Scopes: []Scope{}}},
		{"one scope", "igniter:store:api:o:1:kv:k", nil, Key{Key: "k", Scopes: []Scope{{"o", "1"}}}},
		{
			"namespace in the key", "igniter:store:api:o:1:kv:x:kv:y", nil,
			Key{Key: "x:kv:y", Scopes: []Scope{{"o", "1"}}, Ambiguous: true},
		},
		{
			"colon in an identifier", "igniter:store:api:o:a:b:kv:k", nil,
			Key{Key: "k", Scopes: []Scope{{"o", "a:b"}}, Ambiguous: true},
		},
		{
			"declared, colon in an identifier", "igniter:store:api:organization:a:b:kv:k", declared,
			Key{Key: "k", Scopes: []Scope{{"organization", "a:b"}}},
		},
		{
			"declared, two scopes", "igniter:store:api:organization:a:b:organization:c:kv:k", declared,
			Key{Key: "k", Scopes: []Scope{{"organization", "a:b"}, {"organization", "c"}}},
		},
		{
			"empty identifier part", "igniter:store:api:o::kv:k", nil,
			Key{Key: "k", Scopes: []Scope{{"o", ""}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Namespace, tt.want.Service = NamespaceKV, "api"
			tt.want.RedisKey = tt.redisKey
			got, ok := ParseKey(tt.redisKey, DefaultPrefix, "api", tt.declared)
			if !ok || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, ok, tt.want)
			}
		})
	}
}

func TestParseKeyRefuses(t *testing.T) {
	for _, redisKey := range []string{
		"", "other", "igniter:store:api", "igniter:store:apix:kv:k", "igniter:store:api:kv",
		"igniter:store:api:o:1", "igniter:store:api:o:1:nothing:k",
	} {
		if key, ok := ParseKey(redisKey, DefaultPrefix, "api", nil); ok {
			t.Errorf("ParseKey(%q) = %+v", redisKey, key)
		}
	}
}

func TestParseAnyKey(t *testing.T) {
	tests := map[string]Key{
		"igniter:store:api:kv:k":         {Key: "k", Service: "api"},
		"igniter:store:a:b c*:kv:k":      {Key: "k", Service: "a:b c*", Ambiguous: true},
		"igniter:store:web:t:1:claim:ab": {Key: "ab", Service: "web"},
	}
	for redisKey, want := range tests {
		got, ok := ParseAnyKey(redisKey, DefaultPrefix)
		if !ok || got.Service != want.Service || got.Key != want.Key ||
			got.Ambiguous != want.Ambiguous {
			t.Errorf("ParseAnyKey(%q) = %+v, %v", redisKey, got, ok)
		}
	}
}

// FuzzParseKey checks that whatever is read from a key builds the same key again.
func FuzzParseKey(f *testing.F) {
	f.Add("o", "1", "k")
	f.Add("kv", "a:b", "x:kv:y")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, scope, id, key string) {
		built := BuildKey(DefaultPrefix, "api", []Scope{{scope, id}}, NamespaceKV, key)
		got, ok := ParseKey(built, DefaultPrefix, "api", nil)
		if !ok {
			return // a chain that no reading fits, such as one with an empty key
		}
		again := BuildKey(DefaultPrefix, got.Service, got.Scopes, got.Namespace, got.Key)
		if again != built {
			t.Errorf("%q was read as %+v, which is %q", built, got, again)
		}
	})
}
