package embedded

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/alicebob/miniredis/v2/server"
)

// place is a key of a database.
type place struct {
	db  int
	key string
}

// loader puts the records of a snapshot into a server.
type loader struct {
	server *Server
	now    time.Time
	seen   map[place]bool // false for what has expired
	peer   *server.Peer
	db     int
}

// keys returns how many keys were not yet expired.
func (l *loader) keys() int {
	n := 0
	for held := range maps.Values(l.seen) {
		if held {
			n++
		}
	}
	return n
}

// add adds one record.
func (l *loader) add(r record) error {
	if r.Key == nil {
		return broken("a record needs a key")
	}
	if r.DB < 0 || r.Expires < 0 {
		return broken("db and expires must not be negative")
	}
	at := place{r.DB, string(*r.Key)}
	held, known := l.seen[at]
	if !known {
		held = r.Expires == 0 || r.Expires > l.now.UnixMilli()
		l.seen[at] = held
	}
	if !held {
		return nil
	}
	if err := l.put(at, r); err != nil {
		return err
	}
	if !known && r.Expires > 0 {
		l.server.mini.DB(at.db).SetTTL(at.key, l.left(r.Expires))
	}
	return nil
}

// left returns how long it is until a time.
func (l *loader) left(millis int64) time.Duration {
	const longest = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(min(millis-l.now.UnixMilli(), longest)) * time.Millisecond
}

// put adds to what is under a key.
func (l *loader) put(at place, r record) (err error) {
	db, items := l.server.mini.DB(at.db), plain(r.Items)
	if r.Type != "string" && r.Type != "stream" && len(items)+len(r.Fields) == 0 {
		return broken("the key has no members")
	}
	switch r.Type {
	case "string":
		err = db.Set(at.key, string(r.Value))
	case "list":
		_, err = db.Push(at.key, items...)
	case "set":
		_, err = db.SetAdd(at.key, items...)
	case "zset":
		if len(r.Scores) != len(items) {
			return broken("%d members have %d scores", len(items), len(r.Scores))
		}
		for i := 0; i < len(items) && err == nil; i++ {
			_, err = db.ZAdd(at.key, float64(r.Scores[i]), items[i])
		}
	case "hash":
		return l.putHash(at, r, items)
	case "stream":
		return l.putStream(at, r, items)
	default:
		return broken("there is no type %q", r.Type)
	}
	if err != nil {
		return broken("%v", err)
	}
	return nil
}

// putHash adds fields, or gives them their TTLs. Fields that have expired are taken out.
func (l *loader) putHash(at place, r record, items []string) error {
	db := l.server.mini.DB(at.db)
	if len(items)%2 != 0 || len(r.Fields) != len(r.FieldExpires) {
		return broken("the fields of a hash have one value and at most one time each")
	}
	if db.Exists(at.key) && db.Type(at.key) != "hash" {
		return broken("the key is of another type")
	}
	if len(items) > 0 {
		db.HSet(at.key, items...)
	}
	for i, field := range plain(r.Fields) {
		if left := l.left(r.FieldExpires[i]); left > 0 {
			db.HExpire(at.key, field, left)
		} else {
			db.HDel(at.key, field)
		}
	}
	return nil
}

// putStream adds a message, a group, or what is pending in one.
func (l *loader) putStream(at place, r record, items []string) error {
	switch {
	case r.Consumer != nil && r.Group != nil:
		return l.command(at.db, "XCLAIM", at.key, string(*r.Group), string(*r.Consumer), "0", r.ID,
			"TIME", strconv.FormatInt(r.Delivered, 10),
			"RETRYCOUNT", strconv.Itoa(r.Deliveries), "FORCE", "JUSTID")
	case r.Group != nil:
		name := string(*r.Group)
		err := l.command(at.db, "XGROUP", "CREATE", at.key, name, r.LastID, "MKSTREAM")
		for _, consumer := range r.Consumers {
			err = errors.Join(err,
				l.command(at.db, "XGROUP", "CREATECONSUMER", at.key, name, string(consumer)))
		}
		return err
	case r.ID != "":
		return l.command(at.db, slices.Concat([]string{"XADD", at.key, r.ID}, items)...)
	}
	// A stream without messages comes about with a group, and stays without it.
	return errors.Join(
		l.command(at.db, "XGROUP", "CREATE", at.key, "-", "0", "MKSTREAM"),
		l.command(at.db, "XGROUP", "DESTROY", at.key, "-"))
}

// command carries out a command.
func (l *loader) command(db int, words ...string) error {
	if l.peer == nil || l.db != db {
		l.peer, l.db = &server.Peer{}, db
		if err := l.reply("SELECT", strconv.Itoa(db)); err != nil {
			return err
		}
	}
	return l.reply(words...)
}

func (l *loader) reply(words ...string) error {
	if _, err := server.ParseReply(l.server.ask(l.peer, nil, words...)); err != nil {
		return broken("%v", err)
	}
	return nil
}
