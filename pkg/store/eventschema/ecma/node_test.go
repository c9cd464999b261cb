package ecma

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/store/storetest"
)

// question is put to both sides. Flags are what needsUnicode decides.
type question struct {
	Pattern string `json:"pattern"`
	Text    string `json:"text"`
	Flags   string `json:"flags"`
}

// judge is Node.js: for each question true, false, or null where there is no such pattern.
const judge = `
const questions = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(questions.map(({ pattern, text, flags }) => {
  try { return new RegExp(pattern, flags).test(text); } catch { return null; }
})));`

// ask runs a program of Node.js over all questions.
func ask[Q, A any](t *testing.T, program string, questions []Q) []A {
	t.Helper()
	storetest.Require(t, "node")
	input, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "-e", program)
	cmd.Stdin = bytes.NewReader(input)
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []A
	if err := json.Unmarshal(output, &answers); err != nil || len(answers) != len(questions) {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	return answers
}

// compare has both sides answer.
func compare(t *testing.T, questions []question) {
	t.Helper()
	for i := range questions {
		if needsUnicode(questions[i].Pattern) {
			questions[i].Flags = "u"
		}
	}
	wrong, refused := 0, 0
	for i, want := range ask[question, *bool](t, judge, questions) {
		q := questions[i]
		re, err := Compile(q.Pattern)
		if want == nil || err != nil {
			refused++
			if (want == nil) != (err != nil) {
				t.Errorf("%q: node says %v, we say %v", q.Pattern, want, err)
				wrong++
			}
		} else if got, err := re.MatchString(q.Text); err != nil || got != *want {
			t.Errorf("%q on %q: %v, %v; node says %v", q.Pattern, q.Text, got, err, *want)
			wrong++
		}
		if wrong > 20 {
			t.FailNow()
		}
	}
	t.Logf("%d questions, %d of them about what is no pattern", len(questions), refused)
}

func TestAgainstNode(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var questions []question
	for range 6000 {
		pattern := randomPattern(rng, 3)
		for range 4 {
			questions = append(questions, question{Pattern: pattern, Text: randomText(rng)})
		}
	}
	compare(t, questions)
}

// randomPattern makes a pattern of the pieces that there are.
func randomPattern(rng *rand.Rand, depth int) string {
	pieces := []string{
		"a", "b", "ab", "-", "1", ".", "^", "$", `\b`, `\B`, `\d`, `\w`, `\s`, `\S`, `\D`, `\W`,
		"[ab]", "[^a]", `[\d-x]`, `[a-c1]`, "[]", "[^]", `[\s\S]`, `\1`, `\2`, "é", "😀", "[😀]",
		`\u0061`, `\x61`, `\n`, `\cJ`, `\0`, `\.`, `\-`, "{", "}", "]", `\u{61}`, `\p{L}`,
		`\P{Lu}`, `[\p{Emoji}]`, `\k<n>`, `[\b]`, `\ud83d\ude00`, `\ud83d`, `a{2}`, "x{,2}", `\8`,
		`\07`, `\c`, `[\c1]`, `[a-\d]`,
	}
	var b strings.Builder
	for range 1 + rng.IntN(4) {
		switch n := rng.IntN(12); {
		case depth > 0 && n < 4:
			open := []string{"(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>", "("}[rng.IntN(8)]
			b.WriteString(open + randomPattern(rng, depth-1))
			if rng.IntN(3) == 0 {
				b.WriteString("|" + randomPattern(rng, depth-1))
			}
			b.WriteString(")")
		default:
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		if rng.IntN(3) == 0 {
			b.WriteString([]string{"*", "+", "?", "*?", "+?", "??", "{0,2}", "{2}", "{1,}?"}[rng.IntN(9)])
		}
	}
	return b.String()
}

func randomText(rng *rand.Rand) string {
	pieces := []string{
		"a", "b", "ab", "A", "1", "-", " ", "\n", "\u00a0", "\ufeff", "é", "😀", "x", "_", ".", "\u2028",
		"\x00", "\\", "{", "}", "]", "aab", "👨‍👩‍👧", "\b", "u{61}",
	}
	var b strings.Builder
	for range rng.IntN(6) {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.String()
}
