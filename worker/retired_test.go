package worker_test

import (
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// TestRetiredKey: a worker whose place was taken stops, and comes back with another key
// and the state it had, its pending commits signed anew.
func TestRetiredKey(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, _ := opened(t, s)
	s.commitAll(t, w)
	n.mutex.Lock()
	n.refuse = func(*wire.Commit) error { return errPool } // so that some are pending
	n.mutex.Unlock()
	n.produce(n.deposit(a.account(), 1, 7))
	n.produce(n.deposit(a.account(), 1, 7))
	until(t, "the checkpoints", s.log, nil, func() bool { return w.Status().Checkpoint.Index+1 == n.checkpoints() })
	before := w.Status().Checkpoint
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = s.start(t)
	ready(t, s, w)
	old := w.Public()
	newAsker(t, n, 9).replaceOn(n, 0)
	if err := stopped(t, s, w, func() { n.produce() }); !errors.Is(err, worker.ErrRetired) {
		t.Fatalf("stopped with %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	n.mutex.Lock()
	n.refuse = nil
	n.mutex.Unlock()
	w = s.start(t)
	if w.Public() == old {
		t.Fatal("started with the retired key")
	}
	if after := w.Status().Checkpoint; *after != *before {
		t.Errorf("the state is that of %+v, was that of %+v", after, before)
	}
	s.commitAll(t, w)
}
