package store

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	tests := map[string]target{
		"redis://":                         {network: "tcp", addrs: []string{"127.0.0.1:6379"}},
		"redis://h":                        {network: "tcp", addrs: []string{"h:6379"}},
		"redis://h:1/3":                    {network: "tcp", addrs: []string{"h:1"}, db: 3},
		"valkeys://h":                      {network: "tcp", addrs: []string{"h:6379"}, tls: true},
		"redis://[::1]:7000":               {network: "tcp", addrs: []string{"[::1]:7000"}},
		"redis://[::1]":                    {network: "tcp", addrs: []string{"[::1]:6379"}},
		"redis://:p%40ss@h":                {network: "tcp", addrs: []string{"h:6379"}, password: "p@ss"},
		"rediss://u:p:q@h/0":               {network: "tcp", addrs: []string{"h:6379"}, username: "u", password: "p:q", tls: true},
		"unix:///run/redis.sock":           {network: "unix", addrs: []string{"/run/redis.sock"}},
		"unix://u:p@/run/redis.sock":       {network: "unix", addrs: []string{"/run/redis.sock"}, username: "u", password: "p"},
		"redis+cluster://a:1,b:2,c":        {mode: cluster, network: "tcp", addrs: []string{"a:1", "b:2", "c:6379"}},
		"redis+sentinel://a,b/2?master=my": {mode: sentinel, network: "tcp", addrs: []string{"a:26379", "b:26379"}, db: 2, master: "my"},
		"memory://":                        {mode: memory},
	}
	for text, want := range tests {
		if got, err := parseURL(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("parseURL(%q) = %+v, %v\nwant %+v", text, got, err, want)
		}
	}
}

// TestParseURLRefuses uses passwords that a URL parser would repeat in its errors.
func TestParseURLRefuses(t *testing.T) {
	for _, text := range []string{
		"", "canary", "http://canary@h", "redis://u:ca nary@h", "redis://u:canary%zz@h",
		"redis://u:canary/x@h", "redis://u:canary#x@h", "redis://u:canary?x@h",
		"redis://u:canary@x@h", "redis://h:canary", "redis://h:0", "redis://h:70000",
		"redis://h/canary", "redis://h/-1", "redis://a,b", "redis://h?canary=%zz",
		"redis://h?db=1", "redis+cluster://h/1", "redis+sentinel://h", "memory://canary",
		"unix://canary.sock", "redis://h:canary:1",
	} {
		_, err := parseURL(text)
		if !errors.Is(err, CodeConfigurationInvalid) {
			t.Errorf("parseURL(%q): %v", text, err)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("the error repeats the URL: %v", err)
		}
	}
}

func TestRedactURL(t *testing.T) {
	tests := map[string]string{
		"redis://h:1/0":                               "redis://h:1/0",
		"redis://u:canary@h":                          "redis://u:***@h",
		"redis://:canary@h":                           "redis://:***@h",
		"redis://canary@h":                            "redis://***@h",
		"redis://u:can?ary@h":                         "redis://u:***@h",
		"redis://u:can/ary@x@h":                       "redis://u:***@h",
		"redis+sentinel://h?master=m":                 "redis+sentinel://h?master=m",
		"redis+sentinel://h?sentinel_password=canary": "redis+sentinel://h?***",
		"canary": "***",
	}
	for text, want := range tests {
		if got := RedactURL(text); got != want {
			t.Errorf("RedactURL(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzURL(f *testing.F) {
	f.Add("u", "p/?#@% ", "h")
	f.Fuzz(func(t *testing.T, user, noise, host string) {
		text := "redis://" + user + ":canary" + noise + "@" + host
		if strings.Contains(user+noise+host, "canary") {
			return
		}
		if _, err := parseURL(text); err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("parseURL(%q): %v", text, err)
		}
		if got := RedactURL(text); strings.Contains(got, "canary") {
			t.Errorf("RedactURL(%q) = %q", text, got)
		}
	})
}
