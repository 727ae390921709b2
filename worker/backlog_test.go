package worker_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/wire"
)

// TestBacklogGoesIntoFewBlocks: after an outage with a checkpoint in every block, as many commits are accepted in one
// block as the pool takes ahead. One that the node refuses does not keep the others back.
func TestBacklogGoesIntoFewBlocks(t *testing.T) {
	n, s, a := traded(t)
	for range 200 {
		n.produce(n.deposit(a.account(), 1, 1))
	}
	refused := 0
	n.mutex.Lock()
	stale := n.due() - 1
	n.refuse = func(commit *wire.Commit) error {
		if commit.Checkpoint == stale+100 && refused < 2 {
			refused++
			return &rpc.Error{Code: 1013, Message: "Transaction Already Imported"}
		}
		return nil
	}
	n.mutex.Unlock()
	waiting := func() int {
		n.mutex.Lock()
		defer n.mutex.Unlock()
		return len(n.pool)
	}
	w := s.start(t)
	until(t, "the first commits", s.log, nil, func() bool { return waiting() > wire.MaxCommitsAhead })
	n.produce(n.deposit(a.account(), 1, 1))
	if last, _ := n.committed(); last.Checkpoint != stale+1+wire.MaxCommitsAhead {
		t.Errorf("one block took the commits up to checkpoint %d, from %d", last.Checkpoint, stale+1)
	}
	n.produce(n.deposit(a.account(), 1, 1)) // proves the one before
	until(t, "the others", s.log, nil, func() bool { return waiting() >= 201-wire.MaxCommitsAhead-2 })
	s.commitAll(t, w)
	if refused != 2 {
		t.Errorf("offered %d times after a refusal", refused)
	}
	if available, _ := balance(a.query(w, wire.Query{Kind: wire.QueryBalances}), 1); available == 0 {
		t.Error("nothing is left")
	}
}
