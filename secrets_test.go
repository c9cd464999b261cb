//go:build unix

package main

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd"
	"github.com/tenantstore/store/pkg/store/storetest"
)

// canary is a password that occurs nowhere else, and canaryWord the part of it that is
// the same however it is escaped.
const (
	canaryWord = "Zeisig7Kanarie"
	canary     = `p%w/ "é+` + canaryWord + `&=@:#?`
)

// canaryForms are what must not be found: the word, and the password in base64, where it
// may begin at any of three places.
func canaryForms() []string {
	forms := []string{canaryWord}
	for i := range 3 {
		text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", i) + canaryWord))
		forms = append(forms, text[4:len(text)-4]) // without what depends on the neighbours
	}
	return forms
}

// cage is a session whose environment knows the canary, and watches over what comes out.
type cage struct {
	*testing.T
	*session
}

// newCage returns a cage with a server whose password the canary is.
func newCage(t *testing.T) (*cage, *storetest.Server) {
	t.Helper()
	server := storetest.RunRedis(t, storetest.WithPassword(canary))
	c := &cage{T: t, session: newSession(t, "redis://"+server.Addr, "api",
		"STORE_TIMEOUT=5s", "OPEN=redis://"+server.Addr, "EDITOR=./spy")}
	c.write("spy", "#!/bin/sh\n"+spy)
	c.write("events.json", `{"format": "igniter-store-events/1", "io": "input", "events": {"a:b": {"type": "integer"}}}`)
	for _, seed := range [][]any{
		{"SET", "igniter:store:api:kv:k", "1"},
		{"SET", "igniter:store:api:counter:k", "1"},
		{"XADD", "igniter:store:api:streams:s", "*", "data", "1"},
		{"XGROUP", "CREATE", "igniter:store:api:streams:s", "g", "0"},
	} {
		if err := server.Client().Do(t.Context(), seed...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	return c, server
}

// spy prints what a program that we run can know.
const spy = `env
for f in /proc/self/environ /proc/$$/environ /proc/$$/cmdline; do [ -e $f ] && tr '\0' '\n' <$f; done
echo spied >>spied
`

func (c *cage) write(name, text string) {
	c.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o700); err != nil {
		c.Fatal(err)
	}
}

// runs runs a command line and looks for the canary in what it prints.
func (c *cage) runs(line string) (output string, code int) {
	c.Helper()
	output, code = c.run(c.T, line)
	c.clean(line, []byte(output))
	return output, code
}

// clean complains about each form of the canary in a text.
func (c *cage) clean(from string, text []byte) {
	c.Helper()
	for _, form := range canaryForms() {
		if bytes.Contains(text, []byte(form)) {
			for line := range bytes.Lines(text) {
				if bytes.Contains(line, []byte(form)) {
					c.Errorf("%s shows the password, as %q: %s", from, form, line)
				}
			}
		}
	}
}

// filesClean looks through the files that were written, apart from those that hold the
// password because the test put it there.
func (c *cage) filesClean(except ...string) {
	c.Helper()
	err := filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || slices.Contains(except, entry.Name()) {
			return err
		}
		text, err := os.ReadFile(path)
		c.clean(path, text)
		return err
	})
	if err != nil {
		c.Fatal(err)
	}
}

// leaves returns the commands that can be run, as command lines with arguments that fit.
func leaves(t *testing.T) []string {
	t.Helper()
	var lines []string
	var walk func(*cobra.Command)
	walk = func(command *cobra.Command) {
		for _, sub := range command.Commands() {
			walk(sub)
		}
		if command.Runnable() && !command.HasSubCommands() {
			lines = append(lines, command.CommandPath()+arguments(command))
		}
	}
	walk(cmd.Tree())
	if len(lines) < 50 {
		t.Fatalf("there are only %d commands", len(lines))
	}
	return lines
}

// arguments returns arguments for a command, as its usage says.
func arguments(command *cobra.Command) string {
	_, usage, _ := strings.Cut(strings.TrimSuffix(command.Use, " [flags]"), " ")
	usage, _, _ = strings.Cut(usage, " | ")
	usage = regexp.MustCompile(`\[[^]]*\]`).ReplaceAllString(usage, "")
	for _, known := range [][2]string{
		{"CMD ARGS...", "./spy"}, {"CMD", "./spy"}, {"KEY=JSON...", "a=1"}, {"KEY TTL", "k 60"}, {"--ttl D", "--ttl 60"},
		{"KEY N", "k 1"}, {"KEY", "k"}, {"OWNER", "me"}, {"VALUE", "1"}, {"DATA", "1"}, {"STREAM", "s"},
		{"GROUP", "g"}, {"--group G", "--group g"}, {"--consumer C", "--consumer c"}, {"--to C2", "--to d"},
		{"CHANNEL", "a:b"}, {"ID", "0-1"}, {"NAME", "none"}, {"USER", "ops"}, {"--service S", "--service api"},
		{"--min-idle D", "--min-idle 0s"}, {"--max-len N", "--max-len 10"}, {"PATTERN", "x"}, {"...", ""},
	} {
		usage = strings.ReplaceAll(usage, known[0], known[1])
	}
	usage = regexp.MustCompile(`\|\S+`).ReplaceAllString(usage, "")
	extra := map[string]string{
		"store sub": " --for 200ms", "store dev": " -- ./spy",
		"store stream consume": " --count 1", "store context add": " --url $OPEN", "store context use": " --help",
		"store event list": " --events events.json", "store event show": " --events events.json",
		"store event validate": " --events events.json", "store stream group remove": " --yes",
	}[command.CommandPath()]
	if before, program, found := strings.Cut(usage, " -- "); found {
		return " " + before + extra + " -- " + program
	}
	return " " + usage + extra
}

// with returns the cage with more in its environment.
func (c *cage) with(env ...string) *cage {
	return &cage{T: c.T, session: &session{dir: c.dir, env: append(slices.Clip(c.env), env...)}}
}

// urlWith returns the URL of a server with the canary.
func urlWith(addr string) string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("default", canary), Host: addr}
	return u.String()
}

// TestSecretsOfCommands runs every command with a password in the URL: as it is meant to
// be, with all there is to say, with a server that is down, and one with another password.
func TestSecretsOfCommands(t *testing.T) {
	t.Parallel()
	c, server := newCage(t)
	other := storetest.RunRedis(t, storetest.WithPassword("another"))
	down := c.with("STORE_URL=" + urlWith("127.0.0.1:1"))
	wrong := c.with("STORE_URL=" + urlWith(other.Addr))
	c = c.with("STORE_URL=" + urlWith(server.Addr))
	for _, line := range leaves(t) {
		command, program := line, ""
		if at := strings.Index(line, " -- "); at > 0 {
			command, program = line[:at], line[at:]
		}
		if strings.HasPrefix(command, "store demo") {
			program = " --help" // it has an embedded server of its own
		}
		if output, code := c.runs(command + " -v" + program); code == 2 {
			t.Errorf("%s is no use of it: %s", line, output)
		}
		down.runs(command + program)
		wrong.runs(command + " -v -o json" + program)
	}
	c.runs("store --help; store help --all; store help environment; store kv get --help; store version")
	c.filesClean()
}

// TestSecretsOfSources gives the password in each way that there is, and runs what might
// show it, or hand it to other programs.
func TestSecretsOfSources(t *testing.T) {
	t.Parallel()
	for _, source := range []struct {
		name, flags string
		env         func(addr string) []string
	}{
		{"STORE_URL", "", func(addr string) []string { return []string{"STORE_URL=" + urlWith(addr)} }},
		{"REDIS_URL", "", func(addr string) []string { return []string{"STORE_URL=", "REDIS_URL=" + urlWith(addr)} }},
		{"--url", `-u "$(cat url)"`, nil},
		{"STORE_PASSWORD", "", func(string) []string { return []string{"STORE_PASSWORD=" + canary} }},
		{"REDISCLI_AUTH", "", func(string) []string { return []string{"REDISCLI_AUTH=" + canary} }},
		{"VALKEYCLI_AUTH", "", func(string) []string { return []string{"VALKEYCLI_AUTH=" + canary} }},
		{"--password-file", "--password-file pw", nil},
		{"env", "-c there --password env://MY_PW", func(string) []string { return []string{"STORE_URL=", "MY_PW=" + canary} }},
		{"file", "-c there --password file://pw", func(string) []string { return []string{"STORE_URL="} }},
		{"cmd", "-c there --password cmd://./teller", func(string) []string { return []string{"STORE_URL="} }},
	} {
		t.Run(source.name, func(t *testing.T) {
			t.Parallel()
			c, server := newCage(t)
			c.write("pw", canary+"\n")
			c.write("url", urlWith(server.Addr))
			c.write("teller", "#!/bin/sh\ncat pw\n")
			flags, reference, kept := strings.Cut(source.flags, " --password ")
			if kept {
				c.runs("store context add there --url $OPEN -s api --password " + reference)
			}
			if source.env != nil {
				c = c.with(source.env(server.Addr)...)
			}
			c.everywhere("store " + flags + " ")
			c.filesClean("pw", "url")
		})
	}
}

// everywhere runs what might show a password. The first words of each command are given.
func (c *cage) everywhere(store string) {
	c.Helper()
	if output, code := c.runs(store + "kv get k -q"); code != 0 || output != "1\n" {
		c.Errorf("%skv get: exit code %d: %s", store, code, output)
	}
	for _, rest := range []string{
		"kv get k -v", "kv get k -v -o json", "kv get missing -v", "config show -v", "config show -o json",
		"context list -o json", "context show none", "context current", "doctor -v", "doctor -o json", "acl ops -v",
		"kv get k --telemetry stderr", "kv set k 1 --telemetry events", "__complete kv get ''", "completion bash",
		"kv get k -v --username nobody", "sub a --for 100ms -v", "kv gett k -v", "kv set k -v",
	} {
		c.runs(store + rest)
	}
	for _, addr := range []string{"redis://127.0.0.1:1", "rediss://${OPEN#*//}", "redis+cluster://${OPEN#*//}", "http://x"} {
		c.runs(store + "kv get k -v --timeout 1s -u " + addr)
	}
	programs := []string{
		"claim run j --ttl 60 -- ./spy", "kv edit k", "dev -- ./spy",
		"stream consume s --group g --consumer c --count 1 -- ./spy",
		"sub a --count 1 --exec ./spy & until " + store + "pub a 1 | grep -q 1; do :; done; wait",
	}
	c.runs("rm -f spied; " + store + "stream append s 1")
	for _, rest := range programs {
		c.runs(store + rest)
	}
	if spied, _ := c.runs("cat spied"); strings.Count(spied, "\n") != len(programs) {
		c.Errorf("not all of %q have run: %s", programs, spied)
	}
	// A crash, as far as one can be caused: the state of all goroutines is printed.
	output, _ := c.runs("(exec " + store + "sub a) 2>log & until grep -q ^subscribed log; do sleep 0.02; done; " +
		"kill -QUIT $!; wait; cat log")
	if !strings.Contains(output, "goroutine ") {
		c.Errorf("SIGQUIT prints\n%s", output)
	}
}
