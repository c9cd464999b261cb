package cmd

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
)

// Tree returns all the commands and help topics of the program, for what describes them,
// as manual pages do. The world they are made in is empty: they are not for running.
func Tree() *cobra.Command {
	return newRoot(cli.New(context.Background(), cli.Env{
		In: noInput{}, Out: io.Discard, Err: io.Discard,
		LookupEnv: func(string) (string, bool) { return "", false },
		Environ:   func() []string { return nil },
		Now:       func() time.Time { return time.Time{} },
	}), nil)
}

// noInput is standard input that has ended.
type noInput struct{}

func (noInput) Read([]byte) (int, error) { return 0, io.EOF }
