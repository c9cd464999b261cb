package render

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// ink is what turns a style on and off again. Text passes between the two
// untouched, whereas lipgloss would replace its tabs and line breaks.
type ink struct{ on, off string }

// styles are the inks of one output; without colour they are all empty.
type styles struct {
	header ink   // headers and labels
	name   ink   // the names of JSON members
	faint  ink   // null, counts and what else stands back
	alarm  ink   // what must not be overlooked
	tints  []ink // to tell things apart by; none without colour
}

// newStyles returns the styles for out. It names only the sixteen colours that
// belong to the user's theme, and the profile outright: everything else would
// question the terminal.
func newStyles(out io.Writer, color bool) styles {
	if !color {
		return styles{}
	}
	r := lipgloss.NewRenderer(out)
	r.SetColorProfile(termenv.ANSI)
	return styles{
		header: newInk(r.NewStyle().Bold(true)),
		name:   newInk(r.NewStyle().Foreground(lipgloss.Color("4"))),
		faint:  newInk(r.NewStyle().Faint(true)),
		alarm:  newInk(r.NewStyle().Foreground(lipgloss.Color("1")).Bold(true)),
		tints:  newTints(r),
	}
}

// newTints returns colours to tell things apart by: all that can be read on any ground.
func newTints(r *lipgloss.Renderer) []ink {
	var tints []ink
	for _, color := range []string{"2", "3", "4", "5", "6", "10", "11", "12", "13", "14"} {
		tints = append(tints, newInk(r.NewStyle().Foreground(lipgloss.Color(color))))
	}
	return tints
}

// newInk takes from s what it puts around text.
func newInk(s lipgloss.Style) ink {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return ink{on: on, off: off}
}

// paint returns s in k.
func (k ink) paint(s string) string { return k.on + s + k.off }

// appendJSON appends a JSON document to dst as a terminal shows it: names and
// nulls in their ink, and what a terminal could take for a command escaped.
func (s styles) appendJSON(dst, document []byte) []byte {
	for len(document) > 0 {
		token, k := s.token(document)
		dst = append(dst, k.on...)
		dst = appendJSONText(dst, token)
		dst = append(dst, k.off...)
		document = document[len(token):]
	}
	return dst
}

// token returns the string, the null or else the single byte that a JSON
// document or the rest of one starts with, and its ink.
func (s styles) token(document []byte) ([]byte, ink) {
	switch document[0] {
	case '"':
		n := stringLength(document)
		if n < len(document) && document[n] == ':' {
			return document[:n], s.name
		}
		return document[:n], ink{}
	case 'n':
		return document[:len("null")], s.faint
	}
	return document[:1], ink{}
}

// stringLength returns the length of the JSON string that document starts with.
func stringLength(document []byte) int {
	for i := 1; i < len(document); i++ {
		switch document[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(document)
}
