package store

import "time"

// deliver yields what is in the backlog until it ends or nobody wants more.
func (l *listener) deliver(yield func(Notice, error) bool) {
	judge := l.options.Validate || l.client.validation.ValidateSubscribe
	r := reader{listener: l, judge: judge && l.client.events != nil}
	for {
		p, some, ended := l.backlog.take()
		switch {
		case some && p.notice != nil:
			if !yield(*p.notice, nil) {
				return
			}
		case some:
			if !r.yield(p, yield) {
				return
			}
		case ended:
			yield(Notice{}, l.backlog.err)
			return
		default:
			if err := l.idle(); err != nil {
				yield(Notice{}, err)
				return
			}
		}
	}
}

// idle waits for more.
func (l *listener) idle() error {
	if l.options.OnIdle != nil {
		if err := l.options.OnIdle(); err != nil {
			return err
		}
	}
	<-l.backlog.some
	return nil
}

// reader turns messages into events.
type reader struct {
	listener *listener
	judge    bool
	scan     textScan
	slab     []Event
}

// yield yields the events of one parcel.
func (r *reader) yield(p parcel, yield func(Notice, error) bool) bool {
	for i := range p.messages {
		if !yield(Notice{Event: r.event(p.messages[i], p.received)}, nil) {
			return false
		}
	}
	return true
}

// event makes an event of a message.
func (r *reader) event(m receivedMessage, received time.Time) *Event {
	if len(r.slab) == 0 {
		r.slab = make([]Event, eventSlab)
	}
	e := &r.slab[0]
	r.slab = r.slab[1:]
	e.Channel, e.Service, e.Scopes = m.from.event, m.from.service, m.from.scopes
	e.head, e.Payload, e.Received = m.from.head, m.payload, received
	e.read(&r.scan)
	if r.judge {
		e.judge(r.listener.client.events)
	}
	return e
}
