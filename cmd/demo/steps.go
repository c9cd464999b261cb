package demo

import "strings"

// step is one command line of the tour with what it must do.
type step struct {
	comment string
	line    string
	input   string // standard input
	code    int    // the exit code
	want    string // part of the output
	sample  bool   // it writes data that lasts: Fill does it, too
}

// shown returns the command line as a user would type it.
func (s step) shown() string {
	if s.input == "" {
		return s.line
	}
	return s.line + " <<EOF\n" + s.input + "EOF"
}

// steps returns the tour. STORE_URL and STORE_SERVICE=shop are set for all of it.
func steps() []step {
	acme, globex := "store --scope tenant=acme ", "store --scope tenant=globex "
	return []step{
		{
			comment: "An app keeps its data by tenant. Let us write what it would (STORE_SERVICE=shop).",
			line:    acme + `kv set user:1 '{"name":"Ada","plan":"pro"}' --ttl 1h`, want: "true",
			sample: true,
		},
		{
			line:  acme + "batch set -f -",
			input: rows("user:2", "user:3", "cart:7"), want: "written 3, failed 0", sample: true,
		},
		{
			line: globex + `kv set user:1 '{"name":"Grace","plan":"free"}'`, want: "true", sample: true,
		},
		{
			comment: "Which keys does a tenant have? Never another tenant's.",
			line:    acme + "scan --ttl", want: "user:1",
		},
		{line: acme + "scan 'user:*' -o raw", want: "user:2\n"},
		{
			comment: "And the whole service?",
			line:    "store scan --recursive --tree", want: "tenant=globex",
		},
		{
			comment: "A value comes back byte for byte; JSON and jq where a script wants them.",
			line:    acme + "kv get user:1", want: `{"name":"Ada","plan":"pro"}`,
		},
		{line: acme + "kv get user:1 -o json", want: `"ttl":3`},
		{line: globex + "kv get user:1 --jq .value.plan", want: "free"},
		{
			comment: "Every question has an exit code: a missing key is 1, and says so.",
			line:    acme + "kv get user:99", code: 1, want: "not found",
		},
		{line: acme + "kv exists user:1", want: "true"},
		{
			comment: "Mistakes are caught before anything is sent.",
			line:    acme + "kv set user:1 Ada", code: 2, want: "--string",
		},
		{line: acme + "--read-only kv remove user:1", code: 2, want: "read-only"},
		{
			comment: "Counters are exact, and a claim has one holder.",
			line:    acme + "counter increment requests --ttl 1m", want: "1", sample: true,
		},
		{line: acme + "claim once nightly worker-1 --ttl 30s", want: "true"},
		{line: acme + "claim once nightly worker-2 --ttl 30s", code: 1, want: "held by worker-1"},
		{
			comment: "Streams keep messages until workers of a group have done them.",
			line:    acme + `stream append jobs '{"task":"mail","to":"ada"}'`, want: "-0", sample: true,
		},
		{line: acme + "stream group ensure jobs mailers", want: "created", sample: true},
		{
			line: acme + "stream read jobs --group mailers --consumer m1 --ack",
			want: `"to":"ada"`,
		},
		{line: acme + "stream pending jobs --group mailers", want: "0"},
		{
			comment: "Events reach who listens at the moment: nobody here.",
			line:    acme + "pub job:done '{\"id\":7}'", want: "0",
		},
		{
			comment: "Clean up: look first, then do it.",
			line:    acme + "kv remove user:2 user:3 --dry-run", want: "2",
		},
		{line: acme + "kv remove user:2 user:3", want: "2"},
		{line: acme + "batch get user:1 user:2", code: 1, want: "(missing)"},
	}
}

// rows returns NDJSON for the given keys.
func rows(keys ...string) string {
	var b strings.Builder
	for _, key := range keys {
		b.WriteString(`{"key":"` + key + `","value":{"items":3},"ttl":600}` + "\n")
	}
	return b.String()
}
