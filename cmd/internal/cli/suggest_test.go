package cli

import "testing"

func TestSuggest(t *testing.T) {
	names := []string{"prod", "Stage", "--service", "table", "json", "jsonl", "raw"}
	for word, want := range map[string]string{
		"prdo":      "did you mean prod?",
		"jsn":       "did you mean json?",
		"--servise": "did you mean --service?",
		"stage":     "did you mean Stage? Names that differ in case are different names",
		"elsewhere": "",
		"--nope":    "",
		"":          "",
	} {
		if got := Suggest(word, names); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
