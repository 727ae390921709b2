package confidential

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/wire"
)

// after is the commit that follows another one, which the chain does not have yet.
func (w *world) after(before wire.Commit) wire.Commit {
	w.t.Helper()
	next := before
	next.Checkpoint++
	checkpoint, exists := findCheckpoint(w.c, next.Checkpoint)
	if !exists {
		w.t.Fatalf("no checkpoint %d", next.Checkpoint)
	}
	next.Number, next.BlockHash, next.Inbox = checkpoint.Number, checkpoint.BlockHash, checkpoint.Inbox
	next.PreviousRoot, next.StateRoot[0] = before.StateRoot, before.StateRoot[0]+1
	return next
}

func (w *world) validate(k wire.Commit, list []wire.Vote) (frame.ValidTransaction, *frame.TransactionValidityError) {
	w.t.Helper()
	call, err := wire.CallCommit(&k, list)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.decode(call).ValidateBare(w.c)
}

// TestCommitsAheadWaitInThePool: a backlog of commits enters the pool at once and
// one block in order, so that commits can catch up with checkpoints (I4, I5).
func TestCommitsAheadWaitInThePool(t *testing.T) {
	w := newWorld(t, 1, 1)
	for i := range byte(commitsAhead + 3) {
		w.mustSubmit(command(i))
		w.next()
	}
	commits := []wire.Commit{w.draft()}
	for range commitsAhead + 1 {
		commits = append(commits, w.after(commits[len(commits)-1]))
	}
	var last frame.ValidTransaction
	for i, k := range commits {
		valid, invalid := w.validate(k, votes(k.Digest(), w.workers[0]))
		switch {
		case i > commitsAhead:
			if invalid != frame.InvalidFuture {
				t.Errorf("commit %d, too far ahead: %v", i, invalid)
			}
			continue
		case invalid != nil:
			t.Fatalf("commit %d: %v", i, invalid)
		case i == 0 && len(valid.Requires) != 0:
			t.Error("the commit that is due requires something")
		case i > 0 && (valid.Priority >= last.Priority || len(valid.Requires) != 1 || string(valid.Requires[0]) != string(last.Provides[0])):
			t.Errorf("commit %d does not come after the one before: %+v, %+v", i, valid, last)
		}
		last = valid
	}
	if invalid := w.send(commits[1], w.workers[0]); invalid != frame.InvalidFuture {
		t.Errorf("a block takes a commit before its turn: %v", invalid)
	}
	for i := range 5 {
		w.mustSend(commits[i], w.workers[0])
	}
	if got := w.committed(); got != 5 {
		t.Errorf("%d commits in one block", got)
	}
	w.end()
}

// TestCommitsAheadMustMatch: what the chain knows of a later checkpoint already, and
// the votes, are checked before a commit may wait.
func TestCommitsAheadMustMatch(t *testing.T) {
	w := newWorld(t, 1, 1)
	stranger := newPair(t, "stranger")
	for i := range byte(3) {
		w.mustSubmit(command(i))
		w.next()
	}
	ahead := w.after(w.draft())
	for name, change := range map[string]func(*wire.Commit){
		"another block":        func(k *wire.Commit) { k.BlockHash[0] ^= 1 },
		"another inbox":        func(k *wire.Commit) { k.Inbox.Count++ },
		"another epoch":        func(k *wire.Commit) { k.Epoch++ },
		"no such checkpoint":   func(k *wire.Commit) { k.Checkpoint = 40 },
		"the last there is":    func(k *wire.Commit) { k.Checkpoint = ^uint64(0) },
		"another's checkpoint": func(k *wire.Commit) { k.Checkpoint++ },
	} {
		k := ahead
		change(&k)
		if _, invalid := w.validate(k, votes(k.Digest(), w.workers[0])); invalid != frame.InvalidFuture {
			t.Errorf("%s: %v", name, invalid)
		}
	}
	if _, invalid := w.validate(ahead, votes(ahead.Digest(), stranger)); invalid != refuseWorker.validity {
		t.Errorf("a stranger's vote: %v", invalid)
	}
	forged := votes(ahead.Digest(), w.workers[0])
	forged[0].Signature[3] ^= 1
	if _, invalid := w.validate(ahead, forged); invalid != refuseSignature.validity {
		t.Errorf("a forged vote: %v", invalid)
	}
	w.end()
}
