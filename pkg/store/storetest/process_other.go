//go:build !unix

package storetest

import (
	"errors"
	"os"
)

// guard does nothing: Redis has no native server for these systems.
func guard(int) (release func(), err error) { return func() {}, nil }

func terminate(p *os.Process) error { return p.Kill() }

func resume(*os.Process) error { return nil }

func pause(*os.Process) error { return errors.ErrUnsupported }
