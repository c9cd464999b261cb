package cli

import (
	"fmt"
	"iter"
	"strings"

	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// Print prints one thing in the format asked for.
func Print[T any](t *Tool, v T, view render.View[T]) error {
	printer, err := t.printer(t.Format())
	if err != nil {
		return err
	}
	if err := render.One(printer, v, view); err != nil {
		return err
	}
	return printer.Flush()
}

// PrintList prints the elements of a sequence as they come, in the format asked
// for. What came before an error is printed; the error is returned.
func PrintList[T any](t *Tool, seq iter.Seq2[T, error], view render.View[T]) error {
	printer, err := t.printer(t.Format())
	if err != nil {
		return err
	}
	if err := render.List(printer, seq, view); err != nil {
		return err
	}
	return printer.Flush()
}

// PrintTail prints the elements of a sequence that goes on while it is read; json means
// jsonl for it. The sequence is made with a function that writes out what is held back,
// for it to call when it is about to wait. What came before an error is printed; the
// error is returned.
func PrintTail[T any](t *Tool, follow func(flush func() error) iter.Seq2[T, error],
	view render.View[T],
) error {
	format := t.Format()
	if format == render.JSON {
		format = render.JSONL
	}
	printer, err := t.printer(format)
	if err != nil {
		return err
	}
	if err := render.List(printer, follow(printer.Flush), view); err != nil {
		return err
	}
	return printer.Flush()
}

// PrintTree prints a tree as text.
func PrintTree(t *Tool, root render.Node) error {
	printer, err := t.printer(render.Table)
	if err != nil {
		return err
	}
	if err := render.Tree(printer, root); err != nil {
		return err
	}
	return printer.Flush()
}

// IsJSON reports whether the output is JSON, in one document or in lines.
func IsJSON(t *Tool) bool {
	return t.Format() == render.JSON || t.Format() == render.JSONL
}

// ScopePath shows a chain of scopes as a path, and "-" for none.
func ScopePath(scopes []store.Scope) string {
	if len(scopes) == 0 {
		return "-"
	}
	parts := make([]string, len(scopes))
	for i, s := range scopes {
		parts[i] = s.String()
	}
	return strings.Join(parts, "/")
}

// Place says which store is in effect, for questions to the user: service and
// scopes, and the server without its secrets.
func (t *Tool) Place() string {
	place := strings.Join(append([]string{t.Service}, t.Scopes...), " ")
	return strings.TrimSpace(place) + " on " + store.RedactURL(t.URL)
}

func (t *Tool) printer(format render.Format) (*render.Printer, error) {
	return render.New(t.Out, render.Options{
		Format: format, Terminal: t.OutTerminal, Color: t.colored(), JQ: t.JQ,
	})
}

// colored decides about colour on stdout: the flag first, then the conventions
// NO_COLOR and CLICOLOR_FORCE, then whether somebody looks.
func (t *Tool) colored() bool {
	switch {
	case t.Color != "auto":
		return t.Color == "always"
	case t.Getenv("NO_COLOR") != "":
		return false
	case t.Getenv("CLICOLOR_FORCE") != "" && t.Getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return t.OutTerminal && t.Getenv("TERM") != "dumb"
}

// Notef writes a note or a summary to stderr, unless --quiet.
func (t *Tool) Notef(format string, args ...any) {
	if !t.Quiet {
		fmt.Fprintln(t.Err, t.Legible(fmt.Sprintf(format, args...)))
	}
}

// Legible returns text for stderr: where that is a terminal, what could command it is
// escaped.
func (t *Tool) Legible(text string) string {
	if t.ErrTerminal {
		return render.Text(text)
	}
	return text
}

// All turns a sequence that cannot fail into one that could.
func All[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v := range seq {
			if !yield(v, nil) {
				return
			}
		}
	}
}
