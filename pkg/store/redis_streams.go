package store

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// StreamDo carries out one command on a stream.
func (a *redisAdapter) StreamDo(ctx context.Context, c StreamCommand) (any, error) {
	if c.Write {
		return a.streamWrite(ctx, c)
	}
	var reply any
	err := a.await(ctx, func(ctx context.Context) (err error) {
		reply, err = a.streamProcess(ctx, c)
		return err
	})
	if err != nil {
		return nil, a.readError(CodeOperationFailed, err)
	}
	return reply, nil
}

func (a *redisAdapter) streamWrite(ctx context.Context, c StreamCommand) (any, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	sending, cancel := a.sending(ctx)
	defer cancel()
	reply, err := a.streamProcess(sending, c)
	if err != nil {
		return nil, a.writeError(err)
	}
	return reply, nil
}

// streamProcess sends a command once. That there is no answer is no error.
func (a *redisAdapter) streamProcess(ctx context.Context, c StreamCommand) (any, error) {
	cmd := onceCmd{redis.NewCmd(ctx, c.Args...)}
	cmd.SetFirstKeyPos(int8(c.Key))
	a.send(ctx, []request{{cmd: cmd}})
	reply, err := cmd.Result()
	if err == redis.Nil { //nolint:errorlint // see isReply
		return nil, nil
	}
	return reply, err
}

// StreamTogether reports whether two keys can be used by one script: on a cluster they
// must share a slot.
func (a *redisAdapter) StreamTogether(ctx context.Context, key, other string) (bool, error) {
	if !a.cluster {
		return true, nil
	}
	var slots [2]int64
	err := a.await(ctx, func(ctx context.Context) (err error) {
		for i, k := range []string{key, other} {
			if slots[i], err = a.client.ClusterKeySlot(ctx, k).Result(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, a.readError(CodeOperationFailed, err)
	}
	return slots[0] == slots[1], nil
}

// StreamDial opens a connection of its own. The driver cannot be told to give up a
// command that blocks; a connection of ours can be closed.
func (a *redisAdapter) StreamDial(ctx context.Context, key string) (net.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	var conn net.Conn
	err := a.insist(limited, func(ctx context.Context) (err error) {
		conn, err = a.dialNode(ctx, key)
		return err
	})
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case isReply(err):
		return nil, refusal(CodeConnectionFailed, err)
	}
	return nil, a.unreachable(err)
}

func (a *redisAdapter) dialNode(ctx context.Context, key string) (net.Conn, error) {
	node, err := a.nodeOf(ctx, key)
	if err != nil {
		return nil, err
	}
	return dialServer(ctx, node)
}

// dialServer opens a connection of our own to the server of a client, and logs in.
func dialServer(ctx context.Context, node *redis.Client) (net.Conn, error) {
	o := node.Options()
	conn, err := o.Dialer(ctx, o.Network, o.Addr)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err = errors.Join(conn.SetDeadline(deadline), logIn(conn, o))
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// nodeOf returns the driver's client for the server that holds a key.
func (a *redisAdapter) nodeOf(ctx context.Context, key string) (*redis.Client, error) {
	switch client := a.client.(type) {
	case *redis.ClusterClient:
		if a.placed.Swap(true) {
			client.ReloadState(ctx) // it may be asked again because it is elsewhere now
		}
		return client.MasterForKey(ctx, key)
	case *redis.Client:
		return client, nil
	}
	return nil, errors.New("the driver does not say which server holds a key")
}

// logIn does what the driver does with a new connection.
func logIn(conn net.Conn, o *redis.Options) error {
	var commands [][]string
	switch {
	case o.Username != "":
		commands = append(commands, []string{"AUTH", o.Username, o.Password})
	case o.Password != "":
		commands = append(commands, []string{"AUTH", o.Password})
	}
	if o.DB != 0 {
		commands = append(commands, []string{"SELECT", strconv.Itoa(o.DB)})
	}
	w := newWire(conn)
	for _, command := range commands {
		w.command(command...)
		if err := w.flush(); err != nil {
			return err
		}
		if _, err := w.reply(); err != nil {
			return err
		}
	}
	return nil
}
