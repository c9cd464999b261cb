package main

import (
	"context"
	"fmt"
	"os"
)

// binarySize weighs the program itself, as it is released.
func (b *workbench) binarySize() measurement {
	const work, atMost = "binary, stripped", 15.0
	return measurement{work: work, measure: func(context.Context) ([]line, error) {
		info, err := os.Stat(b.store)
		if err != nil {
			return nil, err
		}
		size := float64(info.Size()) / 1e6
		return []line{{
			work:    work,
			store:   fmt.Sprintf("%.2f MB", size),
			goal:    fmt.Sprintf("≤ %v MB", atMost),
			verdict: verdict(size <= atMost),
		}}, nil
	}}
}
