package sub

import (
	"cmp"
	"context"
	"iter"
	"strings"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// record is a line of output: an event, or a gap.
type record struct {
	event *store.Event
	gap   *store.Gap
}

// gapRecord is the JSON form of a gap.
type gapRecord struct {
	Gap store.Gap `json:"gap"`
}

// AppendJSON appends the record as one object.
func (r *record) AppendJSON(dst []byte) ([]byte, error) {
	if r.event != nil {
		return r.event.AppendJSON(dst)
	}
	gap, err := r.gap.MarshalJSON() // as gapRecord has it
	return append(append(append(dst, `{"gap":`...), gap...), '}'), err
}

// print prints what arrives.
func (l *tail) print(ctx context.Context, client *store.Client) error {
	follow := func(flush func() error) iter.Seq2[record, error] {
		options := l.options
		options.OnIdle = flush
		return l.records(client.Events().Subscribe(ctx, options))
	}
	return cli.PrintTail(l.tool, follow, l.view())
}

// records chooses what is printed, tells about the rest, and ends where it is enough.
func (l *tail) records(notices iter.Seq2[store.Notice, error]) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		for n, err := range notices {
			r := record{event: n.Event, gap: n.Gap}
			switch {
			case err != nil:
				yield(record{}, err)
				return
			case n.Event != nil:
				if !l.wanted(n.Event) {
					continue
				}
			case n.Gap == nil:
				l.subscribed(n.Subscribed)
				continue
			}
			if n.Gap != nil {
				l.gap(n.Gap)
			}
			if (n.Event != nil || l.flags.gaps) && !yield(r, nil) {
				return
			}
			if done, err := l.enough(n); done {
				if err != nil {
					yield(record{}, err)
				}
				return
			}
		}
	}
}

// wanted applies the filters to an event, and counts it.
func (l *tail) wanted(e *store.Event) bool {
	data := []byte(e.Data)
	if e.Invalid != "" {
		data = e.Payload
	}
	if l.include != nil && !l.include.Match(data) || l.exclude != nil && l.exclude.Match(data) {
		return false
	}
	l.counts.event(e.Channel)
	return true
}

// enough reports whether a notice was the last that is wanted.
func (l *tail) enough(n store.Notice) (bool, error) {
	switch {
	case n.Gap != nil && l.flags.failOnGap:
		return true, &cli.Partial{
			Reason: "sub: events may have been missed (--fail-on-gap)",
			Code:   store.CodeSubscribeFailed,
		}
	case n.Event != nil:
		return l.counts.events == l.flags.count, nil
	}
	return false, nil
}

// subscribed says that from now on nothing is missed.
func (l *tail) subscribed(s *store.Subscribed) {
	l.counts.start = l.tool.Now()
	l.tool.Notef("subscribed: %s", strings.Join(append(s.Channels, s.Patterns...), ", "))
}

// gap tells about a gap, also under --quiet: it is no note but a warning.
func (l *tail) gap(g *store.Gap) {
	l.counts.gap(g)
	from, to := store.Timestamp(g.From), store.Timestamp(g.To)
	if g.Dropped > 0 {
		l.say("gap: dropped %d events from %s to %s (%s s): %s",
			g.Dropped, from, to, seconds(g.Duration()), g.Reason)
		return
	}
	l.say("gap: deaf from %s to %s (%s s): %s", from, to, seconds(g.Duration()), g.Reason)
}

// view shows events as lines: when, where from, what, and the data.
func (l *tail) view() render.View[record] {
	l.place = cmp.Or(strings.Join(l.tool.Scopes, "/"), "-")
	return render.View[record]{
		Line: func(line *render.Line, r record) { l.line(line, r.event) },
		Raw: func(dst []byte, r record) []byte {
			if r.event.Invalid != "" {
				return append(dst, r.event.Payload...)
			}
			return append(dst, r.event.Line()...)
		},
	}
}

// line builds the line of an event.
func (l *tail) line(line *render.Line, e *store.Event) {
	line.Faint(plain(e.Timestamp))
	line.Gap()
	if l.flags.allServices {
		line.Add(e.Service)
		line.Gap()
	}
	line.Add(l.scope(e))
	line.Gap()
	line.Tint(e.Channel)
	line.Gap()
	switch {
	case e.Invalid != "":
		line.AddBytes(e.Payload)
		line.Gap()
		line.Alarm("(not " + map[string]string{"json": "JSON", "utf-8": "text"}[e.Invalid] + ")")
	default:
		line.AddBytes(e.Line())
	}
	if !e.Valid() {
		line.Gap()
		line.Alarm("(invalid: " + violations(e) + ")")
	}
}

// plain returns a JSON string without its quotes, or other JSON as it is.
func plain(v store.Value) string {
	text := string(v)
	if len(text) > 1 && text[0] == '"' && strings.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1]
	}
	return text
}

// scope says where an event comes from: the whole chain where that differs from event to
// event.
func (l *tail) scope(e *store.Event) string {
	if e.Scopes != nil {
		return cli.ScopePath(e.Scopes)
	}
	return l.place
}

func violations(e *store.Event) string {
	texts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		texts[i] = v.String()
	}
	return strings.Join(texts, "; ")
}
