package dev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/store"
	"github.com/tenantstore/store/pkg/store/embedded"
)

// dataFile is where the data are kept. One without a path keeps nothing.
type dataFile struct {
	path   string
	tool   *cli.Tool
	memory *store.Memory
	saved  uint64 // what the server's Changes were
	fresh  bool   // there is no file yet
	lost   int    // keys that were said to be lost
	unlock func()
}

// load takes the file of --data and loads it.
func (d *devServer) load() (*dataFile, int, error) {
	f := &dataFile{path: d.data, tool: d.tool, memory: d.memory, unlock: func() {}}
	if d.data == "" {
		return f, 0, nil
	}
	keys, err := f.open()
	if err != nil {
		f.release()
		if broken, ok := errors.AsType[*embedded.FileError](err); ok {
			return nil, 0, &cli.HintError{
				Err:  fmt.Errorf("dev: --data %s: %w", d.data, broken),
				Hint: "the file is left as it is; move it away to begin anew",
			}
		}
		return nil, 0, err
	}
	return f, keys, nil
}

// open locks the file and reads it. What the path is a link to is meant, not the link.
func (f *dataFile) open() (keys int, err error) {
	shown := f.path
	if target, err := filepath.EvalSymlinks(f.path); err == nil {
		f.path = target
	}
	if f.unlock, err = lock(f.path + ".lock"); err != nil {
		f.unlock = func() {}
		if errors.Is(err, errLocked) {
			return 0, &cli.HintError{
				Err:  fmt.Errorf("dev: --data %s: another store dev is using it", shown),
				Hint: "end that one, or name another file",
			}
		}
		return 0, fmt.Errorf("dev: --data %s: %w", shown, err)
	}
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.fresh = true
		return 0, nil
	}
	if err == nil {
		defer file.Close()
		var about fs.FileInfo
		if about, err = file.Stat(); err == nil && !about.Mode().IsRegular() {
			err = errors.New("it is not a regular file")
		}
	}
	if err != nil {
		return 0, fmt.Errorf("dev: --data %s: %w", shown, err)
	}
	keys, err = f.memory.Load(file)
	f.saved = f.memory.Changes()
	return keys, err
}

// release lets others have the file.
func (f *dataFile) release() { f.unlock() }

// saveEvery saves from time to time what has changed, until the function is called that
// it returns.
func (f *dataFile) saveEvery(interval time.Duration) (stop func()) {
	if f.path == "" {
		return func() {}
	}
	stopped, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-ticker.C:
				if err := f.save(); err != nil {
					fmt.Fprintf(f.tool.Err, "store: %s\n", f.tool.Legible(err.Error()))
				}
			}
		}
	}()
	return func() {
		close(stopped)
		<-done
	}
}

// finish saves what has changed last. That it fails matters more than how dev ended.
func (f *dataFile) finish(ended error) error {
	if err := f.save(); err != nil {
		return err
	}
	return ended
}

// save puts the data into the place of the file, in one step.
func (f *dataFile) save() error {
	if f.path == "" || !f.fresh && f.saved == f.memory.Changes() {
		return nil
	}
	saved, err := f.replace()
	if err != nil {
		return fmt.Errorf("dev: the data could not be saved to %s: %w", f.path, err)
	}
	f.saved, f.fresh = saved.Changes, false
	if saved.Lost > f.lost {
		fmt.Fprintf(f.tool.Err, "store: dev: %d keys hold a HyperLogLog, which cannot be saved\n", saved.Lost)
	}
	f.lost = saved.Lost
	return nil
}

// replace writes a file beside and moves it there. Nobody else writes that: there is the
// lock.
func (f *dataFile) replace() (saved embedded.Saved, err error) {
	beside := f.path + ".tmp"
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return saved, err
	}
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return saved, err
	}
	saved, err = f.memory.Save(file)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(beside, f.path)
	}
	if err != nil {
		return saved, errors.Join(err, os.Remove(beside))
	}
	return saved, syncDirectory(filepath.Dir(f.path))
}
