package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantstore/store/pkg/render"
)

// cellsView shows rows of strings under titles; a title that starts with > is
// that of a column aligned to the right.
func cellsView(titles ...string) render.View[[]string] {
	var view render.View[[]string]
	for i, title := range titles {
		name, right := strings.CutPrefix(title, ">")
		view.Columns = append(view.Columns, render.Column[[]string]{
			Title: name, Right: right,
			Cell: func(cells []string) string { return cells[i] },
		})
	}
	return view
}

func TestTable(t *testing.T) {
	for _, test := range []struct {
		name   string
		titles []string
		rows   [][]string
		want   string
	}{
		{"one column", []string{"KEY"}, [][]string{{"a"}, {"bcd"}}, "KEY\na\nbcd\n"},
		{"one to the right", []string{">TTL"}, [][]string{{"5"}, {"1234"}}, " TTL\n   5\n1234\n"},
		{
			"titles as given",
			[]string{"ttl_ms", "valueType", "X"},
			[][]string{{"1", "s", "-"}, {"-", "-", "y z"}},
			"ttl_ms  valueType  X\n1       s          -\n-       -          y z\n",
		},
		{
			"blanks and empty cells",
			[]string{"A", "B", "C"},
			[][]string{{" a ", "", ""}, {"", "", ""}, {"", "  b", "c  "}},
			"A    B    C\n a\n\n       b  c\n",
		},
		{
			"wide characters",
			[]string{"KEY", ">N", "V"},
			[][]string{{"日本", "1", "x"}, {"é", "22", "y"}, {"😀", "3", "z"}},
			"KEY    N  V\n日本   1  x\né     22  y\n😀     3  z\n",
		},
		{
			"no row is forged",
			[]string{"KEY", "V"},
			[][]string{{"a\nb  c", "\x1b[31m\t"}},
			"KEY      V\na\\nb  c  \\x1b[31m\\t\n",
		},
		{
			"long cells",
			[]string{"KEY", "V"},
			[][]string{{strings.Repeat("k", 1001), strings.Repeat("v", 1001)}},
			"KEY" + strings.Repeat(" ", 1000) + "V\n" +
				strings.Repeat("k", 1000) + "…  " + strings.Repeat("v", 1001) + "\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := list(t, render.Options{}, cellsView(test.titles...), test.rows...)
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			// Rows that follow the first layout look like those in it.
			got = list(t, render.Options{Follow: true}, cellsView(test.titles...), widestFirst(test.rows)...)
			want := list(t, render.Options{}, cellsView(test.titles...), widestFirst(test.rows)...)
			if got != want {
				t.Errorf("followed: got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// widestFirst returns rows behind one that has the longest cell of each column.
func widestFirst(rows [][]string) [][]string {
	widest := make([]string, len(rows[0]))
	for _, cells := range rows {
		for i, cell := range cells {
			if len(cell) > len(widest[i]) {
				widest[i] = cell
			}
		}
	}
	return append([][]string{widest}, rows...)
}

// TestTableOfManyBlocks checks that columns stay in line over 3,000 rows, and
// that a cell wider than all before it moves them once and for good.
func TestTableOfManyBlocks(t *testing.T) {
	var rows [][]string
	for i := range 3000 {
		key := fmt.Sprint("user:", i%700)
		if i == 2500 {
			key = "a-much-longer-key"
		}
		rows = append(rows, []string{key, fmt.Sprint(i), "v"})
	}
	got := list(t, render.Options{}, cellsView("KEY", ">N", "VALUE"), rows...)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != 3001 {
		t.Fatalf("%d lines", len(lines))
	}
	if want := "KEY         N  VALUE"; lines[0] != want {
		t.Errorf("header: got %q, want %q", lines[0], want)
	}
	for i, line := range lines[1:] {
		key, n := 8, 3 // as wide as user:699 and 999, the widest of the first layout
		if i >= 1000 {
			n = 4
		}
		if i >= 2500 {
			key = 17
		}
		want := fmt.Sprintf("%-*s  %*d  v", key, rows[i][0], n, i)
		if line != want {
			t.Fatalf("row %d: got %q, want %q", i, line, want)
		}
	}
}

// TestTableWhateverTheLocale checks that the locale does not change the widths.
func TestTableWhateverTheLocale(t *testing.T) {
	t.Setenv("LC_ALL", "ja_JP.UTF-8")
	t.Setenv("RUNEWIDTH_EASTASIAN", "1")
	got := list(t, render.Options{}, cellsView("KEY", "V"), []string{"°§", "x"})
	if want := "KEY  V\n°§   x\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
