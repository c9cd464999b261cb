package store

import "slices"

// entries reads a list of entries.
func (w *wire) entries() ([]streamEntry, error) {
	n, err := w.length('*')
	if err != nil || n <= 0 {
		return nil, err
	}
	list := make([]streamEntry, 0, min(n, 1<<16))
	for range n {
		e, err := w.entry()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (w *wire) entry() (streamEntry, error) {
	n, err := w.length('*')
	if err != nil {
		return streamEntry{}, err
	}
	if n < 0 { // Redis 6.2 answers so about claimed entries that are deleted
		return streamEntry{deleted: true}, nil
	}
	if n != 2 {
		return streamEntry{}, errProtocol
	}
	id, err := w.bulk()
	if err != nil {
		return streamEntry{}, err
	}
	e := streamEntry{id: string(id)}
	n, err = w.length('*')
	if err != nil || n < 0 {
		e.deleted = true
		return e, err
	}
	e.fields, err = w.values(n)
	return e, err
}

// values reads n values.
func (w *wire) values(n int) ([][]byte, error) {
	if cap(w.fields)-len(w.fields) < n {
		w.fields = make([][]byte, 0, max(fieldsBlock, min(n, 1<<16)))
	}
	from := len(w.fields)
	for range n {
		value, err := w.bulk()
		if err != nil {
			return nil, err
		}
		w.fields = append(w.fields, value)
	}
	return slices.Clip(w.fields[from:]), nil
}

// streamEntries are the entries that a read found in one stream.
type streamEntries struct {
	key     string
	entries []streamEntry
}

// reads reads the answer of XREAD or XREADGROUP; it is empty when time ran out.
func (w *wire) reads() ([]streamEntries, error) {
	n, err := w.length('*')
	if err != nil || n <= 0 {
		return nil, err
	}
	streams := make([]streamEntries, 0, min(n, 1<<10))
	for range n {
		pair, err := w.length('*')
		if err == nil && pair != 2 {
			err = errProtocol
		}
		if err != nil {
			return nil, err
		}
		key, err := w.bulk()
		if err != nil {
			return nil, err
		}
		found, err := w.entries()
		if err != nil {
			return nil, err
		}
		streams = append(streams, streamEntries{string(key), found})
	}
	return streams, nil
}
