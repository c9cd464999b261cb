//go:build !unix

package dev

import (
	"errors"
	"io/fs"
	"os"
)

// errLocked means that another process holds the lock.
var errLocked = errors.New("locked")

// lock makes a file that must not exist. After a crash it has to be removed by hand.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return func() {
		file.Close()
		_ = os.Remove(path)
	}, nil
}

// syncDirectory does nothing: directories cannot be synced here.
func syncDirectory(string) error { return nil }
