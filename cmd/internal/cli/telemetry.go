package cli

import (
	"io"
	"os"

	"github.com/tenantstore/store/pkg/store"
)

// telemetry is where --telemetry writes. All clients of the process share it.
type telemetry struct {
	lines *store.TelemetryLines
	file  *os.File // nil for standard error
}

// telemetryOptions opens what --telemetry names, once, and makes clients write there. A
// file is added to, so that several commands can share it.
func (t *Tool) telemetryOptions() ([]store.Option, error) {
	var options []store.Option
	if t.Observer != nil {
		options = append(options, store.WithTelemetry(t.Observer), store.WithTelemetryExtensions())
	}
	if t.Telemetry == "" {
		return options, nil
	}
	if t.events.lines == nil {
		to := io.Writer(t.Err)
		if t.Telemetry != "stderr" {
			file, err := os.OpenFile(t.Telemetry, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				return nil, Usagef("%s: %v", t.Origin("telemetry"), err)
			}
			t.events.file, to = file, file
		}
		t.events.lines = store.NewTelemetryLines(to, t.Now)
	}
	return append(options, store.WithTelemetry(t.events.lines), store.WithTelemetryExtensions()), nil
}

// EndTelemetry closes what --telemetry names, and says so if an event could not be written.
// That changes no exit code: the command did what it did.
func (t *Tool) EndTelemetry() {
	if t.events.lines == nil {
		return
	}
	err := t.events.lines.Err()
	if t.events.file != nil {
		if closing := t.events.file.Close(); err == nil {
			err = closing
		}
	}
	if err != nil {
		_ = t.Warnf("telemetry was lost: %v", err) // where else could we say it
	}
}
