package ecma

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// asURL is Node.js' opinion of texts.
const asURL = `
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map((text) => {
  try { new URL(text.trim()); return true; } catch { return false; }
})));`

func TestURLAgainstNode(t *testing.T) {
	texts := []string{
		"", "a", ":", "http", "http:", "http:a", "http://", "http:///a", "  http://a  ", "http://ü.de",
		"mailto:x", "mailto:", "http://a b", "http://a/ b", "http://a:80", "http://a:", "http://:80",
		"http://a:65535", "http://a:65536", "http://a:8a", "http://u@", "http://u:p@h", "http://@h",
		"http://[::1]", "http://[::1]:80", "http://[::1", "http://[::1%25a]", "http://[::1.2.3.4]",
		"http://1.2.3", "http://1.2.3.4.5", "http://256.1.1.1", "http://0x7f.1", "http://08.1",
		"http://1.2.3.", "http://a..b", "http://.", "http://%61", "http://%zz", "http://a%00b",
		"foo://", "foo://a b", "foo://u@/", "foo://:1", "foo://h:1", "foo:a b", "foo:", "1foo:a",
		"file:", "file:///a", "file://h/a", "file://h:1/a", "file://C:/a", "file:a", `http:\\a\b`,
		"ht\ntp://a", "http://a\tb", "javascript:alert(1)", "data:,x", "urn:isbn:1", "http://a_b",
		"http://-a", "http://日本。jp", "http://a\u00adb", "http://😀.de", "http://a\u3000b", "wss://x",
		"http://a?b", "http://a#b", "http://?b", "//a", "/a", "a.b", "http://a<b", "http://a^b",
		"http://a|b",
		"foo://a^b", "foo://a%b", "http://a%", "http://[1:2:3:4:5:6:7:8]", "http://0x", "http://1e1",
		"http://4294967295", "http://4294967296", "http://a.0x", "http://a.1", "http://\u200b",
		"\ufeffhttp://a",
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		texts = append(texts, randomURL(rng))
	}
	wrong := 0
	for i, want := range ask[string, bool](t, asURL, texts) {
		if got := ValidURL(texts[i]); got != want {
			t.Errorf("%q: %v; node says %v", texts[i], got, want)
			if wrong++; wrong > 20 {
				break
			}
		}
	}
}

func randomURL(rng *rand.Rand) string {
	pieces := []string{
		"http", "https", "foo", "file", ":", "/", "//", "a", "1", "0x1", "255", "256", ".", "@", "u",
		"%61",
		"%", "[::1]", "[", "]", "?", "#", `\`, " ", "\t", "ü", "C|", "-", "_", "80", "x.de", "C:",
		"+", "08",
	}
	var b strings.Builder
	if rng.IntN(2) == 0 {
		b.WriteString([]string{"http://", "foo://", "file://", "https:", "ws:/"}[rng.IntN(5)])
	}
	for range rng.IntN(6) {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.String()
}
