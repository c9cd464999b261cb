package store

import "context"

// ConsumerInfo is what the server tells about a consumer.
type ConsumerInfo struct {
	Name    string `json:"name"`    // as it is given to Group.Read
	Pending int64  `json:"pending"` // messages it has not acknowledged
	// Idle is how long ago the consumer last tried to get something; nil where the
	// server does not tell.
	Idle *Seconds `json:"idle"`
	// Inactive is how long ago it last got something; nil where the server does not
	// tell (before Redis 7.2), and nil where it never did.
	Inactive *Seconds `json:"inactive,omitzero"`
}

// Consumers returns the consumers of the group (XINFO CONSUMERS).
func (g Group) Consumers(ctx context.Context) ([]ConsumerInfo, error) {
	const op = "stream consumer list"
	key, err := g.key()
	var answer any
	if err == nil {
		answer, err = g.streams.read(ctx, 2, "xinfo", "consumers", key, g.name)
	}
	if err != nil {
		return nil, named(g.failed(err, CodeStreamReadFailed), op, g.stream)
	}
	consumers := []ConsumerInfo{}
	for _, element := range list(answer) {
		d := dictionary(element)
		consumers = append(consumers, ConsumerInfo{
			Name: text(d["name"]), Pending: d.number("pending"),
			Idle: d.idle("idle"), Inactive: d.idle("inactive"),
		})
	}
	return consumers, nil
}
