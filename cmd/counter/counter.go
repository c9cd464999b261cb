// Package counter holds the commands of `store counter`.
package counter

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// New returns the group `store counter`.
func New(t *cli.Tool) *cobra.Command {
	group := &cobra.Command{
		Use:   "counter",
		Short: "Count exactly, in 64 bits",
		Long: `Count: what an app keeps with store.counter.*. Counts are exact 64-bit integers. An
increment is carried out once or reported: when its answer is lost the exit code is 6,
and it is not sent again.`,
		Example: `  store -s api counter increment visits
  store -s api --scope organization=org_1 counter increment requests --ttl 1m`,
	}
	group.AddCommand(
		newIncrement(t), newDecrement(t), newGet(t), newSet(t), newRemove(t), newExpire(t), newTTL(t),
	)
	return group
}

// countView shows a count bare.
func countView() render.View[store.Count] {
	return render.View[store.Count]{
		Text: func(c store.Count) string { return strconv.FormatInt(c.Value, 10) },
	}
}

// answer prints a change and makes the exit code follow it.
func answer(t *cli.Tool, op string, change store.Change) error {
	view := render.View[store.Change]{
		Text: func(c store.Change) string { return strconv.FormatBool(c.Changed) },
	}
	if err := cli.Print(t, change, view); err != nil {
		return err
	}
	if !change.Changed {
		return missing(op, change.Key)
	}
	return nil
}

// absence is the JSON form of a counter that does not exist.
type absence struct {
	Key   string `json:"key"`
	Found bool   `json:"found"`
}

// showMissing answers a question about a counter that does not exist.
func showMissing(t *cli.Tool, op, key string) error {
	if cli.IsJSON(t) {
		if err := cli.Print(t, absence{Key: key}, render.View[absence]{}); err != nil {
			return err
		}
	}
	return missing(op, key)
}

func missing(op, key string) error {
	return &cli.No{Reason: fmt.Sprintf("%s %q: not found", op, key)}
}
