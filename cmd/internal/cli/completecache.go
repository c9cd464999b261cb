package cli

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// completeAge is how long names found for a completion are good for another.
const completeAge = time.Minute

// memory is a file of names that a completion has found. It is kept where only its
// owner reads it; the file's own name tells nothing of the server.
type memory struct {
	path string // empty where there is no place for it
	now  time.Time
}

// remembered returns where names are kept for a target and what is typed.
func (t *Tool) remembered(kind, typed string) memory {
	base := t.Getenv("XDG_CACHE_HOME")
	if base == "" && t.Getenv("HOME") != "" {
		base = filepath.Join(t.Getenv("HOME"), ".cache")
	}
	if base == "" {
		return memory{}
	}
	target := append([]string{kind, typed, t.URL, t.Username, t.Prefix, t.Service}, t.Scopes...)
	sum := sha256.Sum256([]byte(strings.Join(target, "\x00")))
	return memory{filepath.Join(base, "store", "names", fmt.Sprintf("%x", sum[:16])), t.Now()}
}

// names returns the names that are kept, if they are young enough.
func (m memory) names() (names []string, known bool) {
	info, err := os.Stat(m.path)
	if err != nil || m.now.Sub(info.ModTime()).Abs() > completeAge {
		return nil, false
	}
	text, err := os.ReadFile(m.path)
	return names, err == nil && json.Unmarshal(text, &names) == nil
}

// keep keeps names, and forgets those that are too old. Whatever fails is no loss.
func (m memory) keep(names []string) {
	if m.path == "" || len(names) == 0 {
		return
	}
	dir := filepath.Dir(m.path)
	text, err := json.Marshal(names)
	if err != nil || os.MkdirAll(dir, 0o700) != nil || writeWhole(m.path, text) != nil {
		return
	}
	others, _ := os.ReadDir(dir)
	for _, other := range others {
		info, err := other.Info()
		if err == nil && m.now.Sub(info.ModTime()) > completeAge {
			_ = os.Remove(filepath.Join(dir, other.Name()))
		}
	}
}

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
