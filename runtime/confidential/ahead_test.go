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
	for i := range wire.MaxCommitsAhead + 3 {
		w.mustSubmit(command(byte(i)))
		w.next()
	}
	commits := []wire.Commit{w.draft()}
	for range wire.MaxCommitsAhead + 1 {
		commits = append(commits, w.after(commits[len(commits)-1]))
	}
	var last frame.ValidTransaction
	for i, k := range commits {
		valid, invalid := w.validate(k, votes(k.Digest(), w.workers[0]))
		switch {
		case i > wire.MaxCommitsAhead:
			if invalid != frame.InvalidFuture {
				t.Errorf("commit %d, too far ahead: %v", i, invalid)
			}
			continue
		case invalid != nil:
			t.Fatalf("commit %d: %v", i, invalid)
		case i == 0 && len(valid.Requires) != 0:
			t.Error("the commit that is due requires something")
		case i > 0 && (valid.Priority >= last.Priority || len(valid.Requires) != 1 || string(valid.Requires[0]) != string(last.Provides[len(last.Provides)-1])):
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
	for name, test := range map[string]struct {
		change func(*wire.Commit)
		want   *refusal
	}{
		"another network":      {func(k *wire.Commit) { k.Instance.Genesis[0] ^= 1 }, refuseInstance},
		"another block":        {func(k *wire.Commit) { k.BlockHash[0] ^= 1 }, refuseBlock},
		"another inbox":        {func(k *wire.Commit) { k.Inbox.Count++ }, refuseInbox},
		"another epoch":        {func(k *wire.Commit) { k.Epoch++ }, refuseEpoch},
		"no such checkpoint":   {func(k *wire.Commit) { k.Checkpoint = 40 }, refuseFuture},
		"the last there is":    {func(k *wire.Commit) { k.Checkpoint = ^uint64(0) }, refuseFuture},
		"another's checkpoint": {func(k *wire.Commit) { k.Checkpoint++ }, refuseBlock},
	} {
		k := ahead
		test.change(&k)
		if _, invalid := w.validate(k, votes(k.Digest(), w.workers[0])); invalid != test.want.validity {
			t.Errorf("%s: %v", name, invalid)
		}
		// Dispatch is as strict as ever.
		arguments := &commitArguments{Commit: k, Votes: votes(k.Digest(), w.workers[0])}
		if err := w.c.Transaction(func() error { return commit(w.c, frame.None(), arguments) }); err == nil {
			t.Errorf("%s: dispatched", name)
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

// TestVotesAhead: each worker has a place of its own for each checkpoint, whatever
// others vote for; which are due does not change the order.
func TestVotesAhead(t *testing.T) {
	w := newWorld(t, 3, 2)
	for i := range byte(4) {
		w.mustSubmit(command(i))
		w.next()
	}
	first := w.draft()
	second := w.after(first)
	conflicting := altered(second)
	places := map[string]bool{}
	var ahead frame.ValidTransaction
	for i, k := range []wire.Commit{second, second, conflicting} {
		valid, invalid := w.validate(k, votes(k.Digest(), w.workers[i]))
		if invalid != nil {
			t.Fatal(invalid)
		}
		place := ""
		for _, tag := range valid.Provides {
			place += string(tag)
		}
		if places[place] {
			t.Errorf("vote %d takes another's place", i)
		}
		places[place], ahead = true, valid
	}
	for name, list := range map[string][]wire.Vote{
		"none": nil, "two": votes(second.Digest(), w.workers[0], w.workers[1]),
	} {
		if _, invalid := w.validate(second, list); invalid != frame.InvalidFuture {
			t.Errorf("%s: %v", name, invalid)
		}
	}
	third := w.after(second)
	w.mustSend(first, w.workers[0], w.workers[1])
	now, invalid := w.validate(second, votes(second.Digest(), w.workers[0]))
	if invalid != nil || len(now.Requires) != 0 || now.Priority != ahead.Priority {
		t.Errorf("when it is due: %+v %v", now, invalid)
	}
	// Votes that anybody joined make room for those that workers send.
	furthest := ahead.Priority - wire.MaxCommitsAhead
	if several, invalid := w.validate(second, votes(second.Digest(), w.workers[0], w.workers[1])); invalid != nil || several.Priority >= furthest {
		t.Errorf("two votes joined: %+v %v", several, invalid)
	}
	next, invalid := w.validate(third, votes(third.Digest(), w.workers[0]))
	if invalid != nil || next.Priority >= ahead.Priority {
		t.Errorf("the third does not come after the second, seen before: %+v %v", next, invalid)
	}
	// A conflict ahead is one when its turn comes, not before.
	w.mustSend(second, w.workers[0])
	w.mustSend(conflicting, w.workers[2])
	w.expectHalt(ReasonConflict, w.workers[0], w.workers[2])
	if _, invalid := w.validate(third, votes(third.Digest(), w.workers[0])); invalid != refuseHalted.validity {
		t.Errorf("ahead of a discrepancy: %v", invalid)
	}
	w.end()
}
