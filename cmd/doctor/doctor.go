// Package doctor holds the command `store doctor`.
package doctor

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// New returns the command `store doctor`.
func New(t *cli.Tool) *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the connection, the user's rights, and the server",
		Long: `Doctor connects as every command does, and reports each step of the way: the host name,
the connection, TLS, the login. Then it asks the server what it is, how quickly it
answers, what this user may do, and what could cost data: a memory policy that drops
keys, a disk that is not written to, replicas that lag. It changes nothing.

With --service the rights are judged for the keys and channels of the service, or of the
tenant of --scope. A check that the server or the user's rights do not let through is
"unknown". Of a cluster every primary is asked.

It exits with 0 when nothing failed, with 1 when a check failed or, with --strict, when there
is a warning, and with 4 when the server could not be spoken to; then the last check says
which step failed.

JSON fields: status (ok, warning, failed), checks (name, status: also unknown, found,
advice), latency (count, min, median, p99: milliseconds), server (kind, version, mode, role,
sentinelManaged), tls (version, subject, expires, verified), memory (used, max: bytes,
policy), clock (ahead, error: seconds), user, allowed (a map of commands), nodes (addr, checks)`,
		Example: `  store doctor
  store doctor --service shop --scope tenant=acme --strict
  store doctor --jq '.checks[] | select(.status != "ok")'`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: t.WithClient(func(cmd *cobra.Command, client *store.Client, _ []string) error {
			diagnosis, failure := client.Diagnose(cmd.Context())
			if cause := cmd.Context().Err(); cause != nil {
				return failure
			}
			if err := cli.Print(t, diagnosis, view(diagnosis)); err != nil {
				return err
			}
			return verdict(diagnosis, failure, strict)
		}),
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 1 also when there is a warning")
	return cmd
}

// verdict turns what was found into the error that the exit code comes from.
func verdict(d store.Diagnosis, failure error, strict bool) error {
	switch {
	case failure != nil && len(d.Checks) > 0:
		return &cli.HintError{Err: failure, Hint: d.Checks[len(d.Checks)-1].Advice}
	case failure != nil:
		return failure
	case d.Status == store.CheckFailed, strict && d.Status == store.CheckWarning:
		return &cli.No{}
	}
	return nil
}

// view shows a check a line, and below it what to do.
func view(d store.Diagnosis) render.View[store.Diagnosis] {
	var v render.View[store.Diagnosis]
	for _, c := range d.Checks {
		v.Columns = append(v.Columns, render.Column[store.Diagnosis]{
			Title: c.Name, Cell: func(store.Diagnosis) string { return cell(c) },
		})
	}
	v.Raw = func(dst []byte, d store.Diagnosis) []byte {
		for _, c := range d.Checks {
			dst = append(dst, strings.Join([]string{c.Name, string(c.Status), c.Found, c.Advice}, "\t")...)
			dst = append(dst, '\n')
		}
		return dst
	}
	return v
}

func cell(c store.Check) string {
	text := fmt.Sprintf("%-7s  %s", c.Status, c.Found)
	if c.Advice != "" {
		text += " → " + c.Advice
	}
	return text
}
