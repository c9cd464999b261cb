package store

import (
	"bytes"
	"encoding/json"
)

// Serializer turns Go values into stored values and back. It must be safe for concurrent
// use. Its errors reach the caller wrapped, as CodeSerializationFailed and
// CodeDeserialization.
type Serializer interface {
	// Marshal returns what is stored for v, which the npm library expects to be JSON.
	Marshal(v any) ([]byte, error)
	// Unmarshal reads what is stored into what v points to, and keeps no part of data.
	Unmarshal(data []byte, v any) error
}

// jsonSerializer writes JSON as JavaScript does: nothing is escaped for HTML.
type jsonSerializer struct{}

func (jsonSerializer) Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (jsonSerializer) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// serialize returns what is stored for v.
func (o *options) serialize(v any) (Value, error) {
	value, ok := v.(Value)
	if !ok {
		data, err := o.serializer.Marshal(v)
		if err != nil {
			return nil, &Error{
				Kind: ErrInvalid, Code: CodeSerializationFailed, Err: err,
				Reason: "the value cannot be serialized: " + err.Error(),
			}
		}
		value = data
	}
	if len(value) > MaxValueSize {
		return nil, invalid(CodeSerializationFailed,
			"the value has %d bytes; the largest a server takes is %d", len(value), MaxValueSize)
	}
	return value, nil
}
