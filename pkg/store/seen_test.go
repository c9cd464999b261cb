package store

import (
	"fmt"
	"testing"
)

func TestSeenKeys(t *testing.T) {
	s := &seenKeys{recent: newRecent(), all: newKeySet()}
	const n = 300_000
	for i := range n {
		if s.again(fmt.Sprint(i)) {
			t.Fatalf("%d was never seen", i)
		}
	}
	for i := range n {
		if !s.again(fmt.Sprint(i)) {
			t.Fatalf("%d was seen before", i)
		}
	}
	if !s.exact() || s.all.count != n {
		t.Errorf("%d keys are remembered", s.all.count)
	}
}

func TestParseShard(t *testing.T) {
	s, err := parseShard("x 127.0.0.1:1@2 slave y 0 0 9 connected\n" +
		"a 127.0.0.1:1@2,host myself,master - 0 0 7 connected 0-5460 6000 [93-<-b] [77->-c]\n")
	if err != nil || s.id != "a" || s.epoch != "7" || fmt.Sprint(s.slots) != "[[0 5460] [6000 6000]]" ||
		s.importing != "[93-<-b]" {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, bad := range []string{
		"", "x\n", "a 127.0.0.1:1@2 myself,slave y 0 0 9 connected\n",
		"a 127.0.0.1:1@2 myself,master - 0 0 7 connected 0-99999\n",
		"a 127.0.0.1:1@2 myself,master - 0 0 7 connected -1\n",
	} {
		if s, err := parseShard(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, s)
		}
	}
}
