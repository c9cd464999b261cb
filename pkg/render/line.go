package render

import "hash/fnv"

// Line is the line of one value, built piece by piece. What is added is escaped as [Text]
// does, on a terminal and elsewhere: a line break would forge a line.
type Line struct {
	styles *styles
	text   []byte
	tinted string // the last text that was tinted
	tint   ink
}

// Add adds text.
func (l *Line) Add(text string) {
	if isPlain(text) {
		l.text = append(l.text, text...)
		return
	}
	l.text = appendText(l.text, text, "")
}

// AddBytes adds text that is stored as bytes.
func (l *Line) AddBytes(text []byte) {
	for _, c := range text {
		if c < ' ' || c > '~' {
			l.Add(string(text))
			return
		}
	}
	l.text = append(l.text, text...)
}

// Faint adds text that stands back, where there is colour.
func (l *Line) Faint(text string) { l.inked(l.styles.faint, text) }

// Alarm adds text that must not be overlooked.
func (l *Line) Alarm(text string) { l.inked(l.styles.alarm, text) }

// Tint adds text in a colour that is always the same for the same text, where there is
// colour, so that lines of one kind can be told from those of another.
func (l *Line) Tint(text string) {
	switch {
	case len(l.styles.tints) == 0:
	case l.tinted != text:
		h := fnv.New32a()
		_, _ = h.Write([]byte(text)) // it never fails
		l.tinted, l.tint = text, l.styles.tints[h.Sum32()%uint32(len(l.styles.tints))]
	}
	l.inked(l.tint, text)
}

func (l *Line) inked(k ink, text string) {
	l.text = append(l.text, k.on...)
	l.Add(text)
	l.text = append(l.text, k.off...)
}

// Gap adds what stands between two pieces.
func (l *Line) Gap() { l.text = append(l.text, gap...) }

// flow prints the line of each value as it comes.
type flow[T any] struct {
	p     *Printer
	build func(*Line, T)
	line  Line
}

func (f *flow[T]) add(v T) error {
	f.line.text = f.line.text[:0]
	f.build(&f.line, v)
	_, err := f.p.out.Write(append(f.line.text, '\n'))
	return err
}

func (f *flow[T]) end(bool) error { return nil }
