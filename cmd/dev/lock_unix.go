//go:build unix

package dev

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// errLocked means that another process holds the lock.
var errLocked = errors.New("locked")

// lock takes a lock that ends with the process, however that ends. The file stays: if it
// were removed, two processes could hold locks on two files of that name.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, errors.Join(err, file.Close())
	}
	return func() { file.Close() }, nil
}

// syncDirectory makes a renaming outlast a power cut.
func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
