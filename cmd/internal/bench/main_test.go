package main

import (
	"io"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	o, err := parse([]string{"-keys", "10", "-only", "^scan"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o.keys != 10 || o.rows != 1_000_000 || o.cold != 60 || o.only.String() != "^scan" {
		t.Errorf("got %+v", o)
	}
	if got := o.pairs(3); got != 3 {
		t.Errorf("pairs %d, want the usual 3", got)
	}
	for _, wrong := range []string{"-keys 0", "-rows 9", "-runs -1", "-only (", "-nope", "scan"} {
		if _, err := parse(strings.Fields(wrong), io.Discard); err == nil {
			t.Errorf("%s passes", wrong)
		}
	}
}
