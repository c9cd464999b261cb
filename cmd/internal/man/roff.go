package main

import (
	"fmt"
	"strings"
)

// special are the characters that troff reads as something else: a backslash begins an
// escape, and the others come out as typographic ones, which no shell understands.
var special = strings.NewReplacer(
	`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`, `"`, `\(dq`,
)

// escape returns text that troff prints as it is, in ASCII.
func escape(text string) string {
	var b strings.Builder
	for _, r := range special.Replace(text) {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}

// line returns a line of text that is not taken for a request, as one with a leading dot is.
func line(text string) string {
	escaped := escape(text)
	if strings.HasPrefix(escaped, ".") {
		return `\&` + escaped
	}
	return escaped
}

// prose turns the text of a command into paragraphs that are filled, and blocks of indented
// lines that stay as they are.
func prose(text string) string {
	var b strings.Builder
	separator := "" // none behind a heading
	for _, run := range runs(text) {
		if heading, found := strings.CutPrefix(run[0], "#### "); found { // cobra's
			fmt.Fprintf(&b, ".SS %s\n", escape(heading))
			separator = ""
			continue
		}
		b.WriteString(separator)
		separator = ".PP\n"
		if indented(run[0]) {
			b.WriteString(verbatim(run))
			continue
		}
		for _, l := range run {
			b.WriteString(line(l) + "\n")
		}
	}
	return b.String()
}

// runs splits text at empty lines between paragraphs, and where indented lines begin or end.
// Empty lines between indented ones belong to them.
func runs(text string) [][]string {
	var all [][]string
	empty := 0
	for l := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if strings.TrimSpace(l) == "" {
			empty++
			continue
		}
		last := len(all) - 1
		fresh := last < 0 || indented(l) != indented(all[last][0]) || empty > 0 && !indented(l)
		if fresh {
			all, last = append(all, nil), last+1
		} else {
			all[last] = append(all[last], make([]string, empty)...)
		}
		all[last] = append(all[last], l)
		empty = 0
	}
	return all
}

func indented(l string) bool { return strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t") }

// verbatim shows lines as they are.
func verbatim(lines []string) string {
	var b strings.Builder
	b.WriteString(".EX\n")
	for _, l := range lines {
		b.WriteString(line(strings.ReplaceAll(l, "\t", "  ")) + "\n")
	}
	return b.String() + ".EE\n"
}
