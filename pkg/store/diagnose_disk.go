package store

import (
	"fmt"
	"time"
)

// persistence warns of data that may not be on disk.
func (d *Diagnosis) persistence(p *probe, f facts) error {
	if f["rdb_last_bgsave_status"] == "" {
		d.add("persistence", CheckUnknown, f.why(), "")
		return nil
	}
	save, why, err := p.setting("save")
	if err != nil {
		return err
	}
	aof := f["aof_enabled"] == "1"
	found := f.snapshot(save == "" && why == "")
	if aof {
		found += ", AOF on (" + f["aof_last_write_status"] + ")"
	} else {
		found += ", AOF off"
	}
	switch {
	case f["loading"] == "1":
		d.add("persistence", CheckWarning, "loading its data", "wait until the server has loaded")
	case f["rdb_last_bgsave_status"] != "ok",
		aof && (f["aof_last_write_status"] != "ok" || f["aof_last_bgrewrite_status"] != "ok"):
		d.add("persistence", CheckWarning, found, "the server could not write to its disk; see its log")
	case !aof && save == "" && why == "":
		d.add("persistence", CheckWarning, found, "a restart loses all data; set save or appendonly")
	default:
		d.add("persistence", CheckOK, found, "")
	}
	return nil
}

// snapshot tells of the last snapshot; off is set where the server makes none by itself.
func (f facts) snapshot(off bool) string {
	if off && f["rdb_last_bgsave_status"] == "ok" {
		return "snapshots off"
	}
	unsaved, _ := f.number("rdb_changes_since_last_save")
	saved, _ := f.number("rdb_last_save_time")
	return fmt.Sprintf("last snapshot %s (%s), %d changes since",
		time.Unix(saved, 0).UTC().Format(time.RFC3339), f["rdb_last_bgsave_status"], unsaved)
}
