package confidential

import (
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestCommitExecutesItsOutbox(t *testing.T) {
	w := newWorld(t, 1, 1)
	w.deposit(alice, ksm, 500)
	w.next()
	commit := w.draft(payout(bob, ksm, 200), payout(bob, ksm, 50))
	w.mustSend(commit, w.workers[0])
	if got := assets.Balance(w.c, ksm, bob); got != units(1_000_250) {
		t.Fatalf("bob has %s", got)
	}
	if got := lastCommit.Get(w.c); got != commit.Next() || got.Outbox != 2 {
		t.Fatalf("%+v", got)
	}
	if checkpoints.Exists(w.c, 0) || commitVotes.Exists(w.c) || commitHashes.Get(w.c, 0).Commit != commit.Digest() {
		t.Fatal("I4: the checkpoint is answered")
	}
	w.next()
	w.mustSubmit(command(1))
	w.next()
	w.mustSend(w.draft(payout(bob, ksm, 250)), w.workers[0])
	if got := lastCommit.Get(w.c); got.Outbox != 3 || got.Checkpoint != 1 {
		t.Fatalf("%+v", got)
	}
	w.end()
}

// TestCommitRefusals: each is invalid for the pool and an error for dispatch.
func TestCommitRefusals(t *testing.T) {
	w := newWorld(t, 2, 1)
	stranger := newPair(t, "stranger")
	w.mustSubmit(command(1))
	w.next()
	w.mustSubmit(command(2))
	w.next()
	first := w.draft()
	w.mustSend(first, w.workers[0])
	other := scale.Hash{1}
	cases := []struct {
		name   string
		change func(*wire.Commit)
		votes  func(wire.Commit) []wire.Vote
		want   *refusal
	}{
		{"I4: a replay", func(k *wire.Commit) { *k = first }, nil, refuseStale},
		{"I5: out of order", func(k *wire.Commit) { k.Checkpoint = 2 }, nil, refuseFuture},
		{"another network", func(k *wire.Commit) { k.Instance.Genesis = other }, nil, refuseInstance},
		{"another contract", func(k *wire.Commit) { k.Instance.Contract = 1 }, nil, refuseInstance},
		{"another block hash", func(k *wire.Commit) { k.BlockHash = other }, nil, refuseBlock},
		{"another number", func(k *wire.Commit) { k.Number++ }, nil, refuseBlock},
		{"another inbox hash", func(k *wire.Commit) { k.Inbox.Hash = other }, nil, refuseInbox},
		{"another inbox count", func(k *wire.Commit) { k.Inbox.Count-- }, nil, refuseInbox},
		{"another epoch", func(k *wire.Commit) { k.Epoch++ }, nil, refuseEpoch},
		{"another previous root", func(k *wire.Commit) { k.PreviousRoot = other }, nil, refuseRoot},
		{"no vote", nil, func(wire.Commit) []wire.Vote { return nil }, refuseVotes},
		{"the same worker twice", nil, func(k wire.Commit) []wire.Vote {
			return votes(k.Digest(), w.workers[0], w.workers[0])
		}, refuseVotes},
		{"votes in another order", nil, func(k wire.Commit) []wire.Vote {
			list := votes(k.Digest(), w.workers[0], w.workers[1])
			slices.Reverse(list)
			return list
		}, refuseVotes},
		{"more votes than workers can be", nil, func(k wire.Commit) []wire.Vote { return make([]wire.Vote, maxWorkers+1) }, refuseVotes},
		{"not registered", nil, func(k wire.Commit) []wire.Vote { return votes(k.Digest(), stranger) }, refuseWorker},
		{"one of two not registered", nil, func(k wire.Commit) []wire.Vote {
			return votes(k.Digest(), w.workers[0], stranger)
		}, refuseWorker},
		{"signed something else", nil, func(k wire.Commit) []wire.Vote { return votes(other, w.workers[0]) }, refuseSignature},
		{"signed the bytes without their tag", nil, func(k wire.Commit) []wire.Vote {
			return votes(scale.Hash(w.c.Host.Blake2_256(wire.CommitCodec.Marshal(k))), w.workers[0])
		}, refuseSignature},
		{"one of two signatures is bad", nil, func(k wire.Commit) []wire.Vote {
			list := votes(k.Digest(), w.workers[0], w.workers[1])
			list[1].Signature[7] ^= 1
			return list
		}, refuseSignature},
	}
	for _, test := range cases {
		commit := w.draft()
		if test.change != nil {
			test.change(&commit)
		}
		list := votes(commit.Digest(), w.workers[0])
		if test.votes != nil {
			list = test.votes(commit)
		}
		w.expectRefused(test.name, commit, list, test.want)
	}
	w.mustSend(w.draft(), w.workers[1])
	w.end()
}

// expectRefused tries a commit in both ways, and sees that nothing changes.
func (w *world) expectRefused(name string, k wire.Commit, list []wire.Vote, want *refusal) {
	w.t.Helper()
	root := w.c.Host.StorageRoot()
	if invalid := w.sendVotes(k, list); invalid != want.validity {
		w.t.Errorf("%s: invalid as %v, not %v", name, invalid, want.validity)
	}
	arguments := &commitArguments{Commit: k, Votes: list}
	if err := w.c.Transaction(func() error { return commit(w.c, frame.None(), arguments) }); err != want.failure {
		w.t.Errorf("%s: fails with %v, not %v", name, err, want.failure)
	}
	if w.c.Host.StorageRoot() != root {
		w.t.Errorf("%s: something changed", name)
	}
}

func TestCommitIsBareAlone(t *testing.T) {
	w := newWorld(t, 1, 1)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft()
	call, err := wire.CallCommit(&k, votes(k.Digest(), w.workers[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, origin := range []frame.Origin{frame.Root(), frame.Signed(alice)} {
		if err := w.dispatch(origin, call); err != frame.ErrBadOrigin {
			t.Fatal(err)
		}
	}
	info := w.decode(call).Info()
	if info.Class != frame.Operational || info.Pays != frame.PaysNo {
		t.Fatalf("%+v", info)
	}
	valid, invalid := w.decode(call).ValidateBare(w.c)
	if invalid != nil || len(valid.Provides) != 2 || len(valid.Requires) != 0 || valid.Priority != votesPriority-1 {
		t.Fatalf("%+v, %v", valid, invalid)
	}
}

// TestVotesAddUp: k = 2 of n = 3, each sending its own.
func TestVotesAddUp(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.deposit(alice, ksm, 500)
	w.next()
	k := w.draft(payout(bob, ksm, 500))
	w.mustSend(k, w.workers[2])
	if w.committed() != 0 || assets.Balance(w.c, ksm, bob) != units(1_000_000) {
		t.Fatal("one vote of two was enough")
	}
	w.expectRefused("the same vote again", k, votes(k.Digest(), w.workers[2]), refuseKnown)
	// A vote counted before may come along with a new one.
	w.mustSend(k, w.workers[2], w.workers[0])
	if w.committed() != 1 || assets.Balance(w.c, ksm, bob) != units(1_000_500) {
		t.Fatal("two votes were not enough")
	}
	w.expectRefused("the third comes too late", k, votes(k.Digest(), w.workers[1]), refuseStale)
	w.end()
	if discrepancies.Exists(w.c) {
		t.Fatal("agreement is no discrepancy")
	}
}

func TestAllVotesAtOnce(t *testing.T) {
	w := newWorld(t, 3, 3)
	w.mustSubmit(command(1))
	w.next()
	w.mustSend(w.draft(), w.workers...)
	if w.committed() != 1 {
		t.Fatal("three votes of three were not enough")
	}
}

// TestLoweredThresholdLetsCountedVotesSuffice: or the checkpoint would wait for ever
// for a worker that has voted already.
func TestLoweredThresholdLetsCountedVotesSuffice(t *testing.T) {
	w := newWorld(t, 3, 3)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft()
	w.mustSend(k, w.workers[0], w.workers[1])
	w.mustRoot(11, scale.U32.Marshal(2))
	w.mustSend(k, w.workers[0])
	if w.committed() != 1 {
		t.Fatal("two counted votes of two were not enough")
	}
}

// TestOneBrokenWorkerBelowTheThresholdPaysNothingOut whatever it votes for.
func TestOneBrokenWorkerBelowTheThresholdPaysNothingOut(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.deposit(alice, ksm, 500)
	w.next()
	w.mustSend(w.draft(payout(bob, ksm, 500)), w.workers[0])
	if w.committed() != 0 || assets.Balance(w.c, ksm, bob) != units(1_000_000) {
		t.Fatal("one of two votes paid out")
	}
	if len(commitVotes.Get(w.c)) != 1 || discrepancies.Exists(w.c) {
		t.Fatal("a vote does no more than count")
	}
	w.end()
}

func TestBacklogIsCommittedInOrder(t *testing.T) {
	w := newWorld(t, 1, 1)
	for i := range 5 {
		w.mustSubmit(command(byte(i)))
		w.next()
	}
	for range 5 {
		w.mustSend(w.draft(), w.workers[0])
	}
	if w.committed() != 5 {
		t.Fatal("not all were committed")
	}
	w.end()
}

func TestDissentWindowForgets(t *testing.T) {
	w := newWorld(t, 2, 1)
	for range dissentWindow + 2 {
		w.mustSubmit(command(1))
		w.next()
		w.mustSend(w.draft(), w.workers[0])
	}
	kept := uint64(0)
	for range commitHashes.All(w.c) {
		kept++
	}
	if kept != dissentWindow || commitHashes.Exists(w.c, 1) || !commitHashes.Exists(w.c, 2) {
		t.Fatalf("%d hashes are kept", kept)
	}
	stale := w.draftFor(1)
	w.expectRefused("dissent beyond the window", stale, votes(stale.Digest(), w.workers[1]), refuseStale)
	late := w.draftFor(2)
	w.mustSend(late, w.workers[1])
	w.expectHalt(ReasonConflict, w.workers[1])
}

// draftFor is some commit for a checkpoint of the past.
func (w *world) draftFor(checkpoint uint64) wire.Commit {
	return wire.Commit{Instance: instance(w.c), Checkpoint: checkpoint, StateRoot: scale.Hash{9}}
}
