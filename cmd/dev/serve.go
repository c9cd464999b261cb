package dev

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// run serves until it is told to stop, or the command has ended.
func (d *devServer) run(ctx context.Context) error {
	d.memory = store.NewMemoryWithPassword(d.password)
	defer d.memory.Close()
	file, keys, err := d.load()
	if err != nil {
		return err
	}
	defer file.release()
	if keys, err = d.sample(ctx, keys); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", d.listen)
	if err != nil {
		return &cli.HintError{
			Err:  fmt.Errorf("dev: cannot listen on %s: %w", d.listen, plain(err)),
			Hint: "take a free port with --listen 127.0.0.1:0",
		}
	}
	defer listener.Close()
	go func() { _ = d.memory.Serve(listener) }() // it ends when the listener is closed
	err = d.attend(ctx, file, place(listener, d, keys))
	listener.Close()
	return file.finish(err)
}

// sample adds the data of --demo to an empty server.
func (d *devServer) sample(ctx context.Context, keys int) (int, error) {
	if !d.demo {
		return keys, nil
	}
	if keys > 0 {
		d.tool.Notef("store: dev: %s holds %d keys; --demo adds nothing to them", d.data, keys)
		return keys, nil
	}
	if err := d.fill(ctx, d.tool.Env, d.memory); err != nil {
		return 0, err
	}
	return d.memory.Keys(), nil
}

// served says where the server is.
type served struct {
	URL     string `json:"url"`
	Address string `json:"address"`
	PID     int    `json:"pid"`
	Keys    int    `json:"keys"`
	Data    string `json:"data,omitzero"`
}

func place(l net.Listener, d *devServer, keys int) served {
	address := l.Addr().String()
	u := url.URL{Scheme: "redis", Host: address, Path: "/0"}
	if d.password != "" {
		// With a user, so that one from somewhere else is not taken in its place.
		u.User = url.UserPassword("default", d.password)
	}
	return served{URL: u.String(), Address: address, PID: os.Getpid(), Keys: keys, Data: d.data}
}

func (s served) text() string { return "STORE_URL=" + s.URL }

func (s served) raw(dst []byte) []byte { return append(append(dst, s.URL...), '\n') }

// attend says where the server is and waits for the end, or runs the command until its.
func (d *devServer) attend(ctx context.Context, file *dataFile, at served) error {
	stop := file.saveEvery(d.every)
	defer stop()
	if len(d.command) > 0 {
		return d.supervise(at)
	}
	err := cli.Print(d.tool, at, render.View[served]{
		Text: served.text,
		Raw:  func(dst []byte, s served) []byte { return s.raw(dst) },
	})
	if err != nil {
		return err
	}
	d.guide(at)
	<-ctx.Done()
	return context.Cause(ctx)
}

// guide says what to do with the address, which stands above it. It does not repeat the
// password.
func (d *devServer) guide(at served) {
	d.tool.Notef("store: dev: serving on %s; Ctrl-C ends it", at.Address)
	switch {
	case d.data == "":
		d.tool.Notef("store: dev: nothing is kept when it ends; --data FILE would")
	default:
		d.tool.Notef("store: dev: %d keys; saving to %s every %s and at the end", at.Keys, d.data, d.every)
	}
	if d.tool.OutTerminal {
		d.tool.Notef("hint: in another terminal: export and the line above, then store -s shop scan --recursive")
	}
	if d.password == "" {
		d.tool.Notef("store: dev: every process of this machine may connect (--no-password)")
	}
}
