package main

import (
	"testing"
	"time"
)

const commandStats = "# Commandstats\r\n" +
	"cmdstat_set:calls=3,usec=12,usec_per_call=4.00,rejected_calls=0,failed_calls=0\r\n" +
	"cmdstat_scan:calls=2,usec=1500,usec_per_call=750.00,rejected_calls=0,failed_calls=0\r\n"

func TestInfoField(t *testing.T) {
	const info = "# Server\r\nredis_version:7.0.15\r\nprocess_id:42\r\n"
	for name, want := range map[string]string{"redis_version": "7.0.15", "process": ""} {
		if got := infoField(info, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestParseSpent(t *testing.T) {
	for command, want := range map[string]time.Duration{
		"scan": 1500 * time.Microsecond,
		"get":  0,
	} {
		if got, err := parseSpent(commandStats, command); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", command, got, err, want)
		}
	}
	if _, err := parseSpent("cmdstat_scan:calls=2\r\n", "scan"); err == nil {
		t.Error("statistics without a time pass")
	}
}
