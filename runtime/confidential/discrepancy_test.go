package confidential

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// altered is the commit with another state root, as a faulty worker would make it.
func altered(k wire.Commit) wire.Commit {
	k.StateRoot[0] ^= 0xff
	return k
}

func chosen(hash scale.Hash) []byte { return scale.Option(scale.HashCodec).Marshal(scale.Some(hash)) }

var discard = scale.Option(scale.HashCodec).Marshal(scale.None[scale.Hash]())

const (
	removeWorkerIndex = 12
	resolveIndex      = 15
)

// disagreement is a world of three workers, two needed, in which worker 1 contradicts
// worker 0 about a payout.
func disagreement(t *testing.T) (w *world, right, wrong wire.Commit) {
	t.Helper()
	w = newWorld(t, 3, 2)
	w.deposit(alice, ksm, 500)
	w.next()
	right = w.draft(payout(bob, ksm, 100))
	wrong = altered(right)
	w.mustSend(right, w.workers[0])
	w.mustSend(wrong, w.workers[1])
	w.expectHalt(ReasonConflict, w.workers[0], w.workers[1])
	return w, right, wrong
}

func TestConflictHaltsCommitsAndOutbox(t *testing.T) {
	w, right, wrong := disagreement(t)
	for _, k := range []wire.Commit{right, wrong} {
		w.expectRefused("while halted", k, votes(k.Digest(), w.workers[2]), refuseHalted)
	}
	if w.committed() != 0 || assets.Balance(w.c, ksm, bob) != units(1_000_000) {
		t.Fatal("something was paid")
	}
	// Deposits, envelopes and checkpoints go on.
	w.deposit(alice, ksm, 10)
	w.mustSubmit(command(1))
	w.next()
	if checkpointCount.Get(w.c) != 2 {
		t.Fatal("checkpoints stopped")
	}
	w.end()
}

func TestGovernanceRemovesTheFaultyWorkerAndResumes(t *testing.T) {
	w, right, wrong := disagreement(t)
	faulty := w.workers[1].Public()
	w.mustRoot(removeWorkerIndex, faulty[:])
	w.mustRoot(resolveIndex, discard)
	w.mustSend(right, w.workers[0])
	w.mustSend(right, w.workers[2])
	if w.committed() != 1 || assets.Balance(w.c, ksm, bob) != units(1_000_100) {
		t.Fatal("the commit was not executed")
	}
	w.expectRefused("the removed worker", wrong, votes(wrong.Digest(), w.workers[1]), refuseWorker)
	w.end()
}

// TestCommitsResumeWithTheRightOne: of three workers, two needed, one is at fault. The event
// names who voted; governance removes the faulty one and chooses the other's commit; then
// the outbox and the commits after it go on.
func TestCommitsResumeWithTheRightOne(t *testing.T) {
	w, right, wrong := disagreement(t)
	named := discrepancyEvent{Reason: ReasonConflict, Workers: [][32]byte{w.workers[0].Public(), w.workers[1].Public()}}
	wantEvent(w, 8, discrepancyEventCodec, named)
	w.deposit(alice, ksm, 30)
	w.next()
	faulty := w.workers[1].Public()
	w.mustRoot(removeWorkerIndex, faulty[:])
	w.mustRoot(resolveIndex, chosen(right.Digest()))
	if w.committed() != 0 {
		t.Fatal("one vote was enough")
	}
	w.expectRefused("the removed worker's", wrong, votes(wrong.Digest(), w.workers[1]), refuseChosen)
	w.mustSend(right, w.workers[2])
	w.mustSend(w.draft(payout(bob, ksm, 30)), w.workers[0], w.workers[2])
	if w.committed() != 2 || assets.Balance(w.c, ksm, bob) != units(1_000_130) {
		t.Fatalf("%d commits, bob has %s", w.committed(), assets.Balance(w.c, ksm, bob))
	}
	w.end()
}

func TestGovernanceChoosesACommit(t *testing.T) {
	w, right, wrong := disagreement(t)
	w.mustRoot(resolveIndex, chosen(right.Digest()))
	w.expectRefused("the commit not chosen", wrong, votes(wrong.Digest(), w.workers[2]), refuseChosen)
	w.mustSend(right, w.workers[1]) // its former vote is forgotten, the other's still counts
	if w.committed() != 1 || chosenCommit.Exists(w.c) {
		t.Fatal("the chosen commit was not executed")
	}
	w.end()
}

func TestGovernanceTakesItsChoiceBack(t *testing.T) {
	w, right, wrong := disagreement(t)
	w.mustRoot(resolveIndex, chosen(wrong.Digest()))
	w.mustRoot(resolveIndex, discard)
	w.mustSend(right, w.workers[0], w.workers[2])
	if w.committed() != 1 {
		t.Fatal("the choice still binds")
	}
	w.end()
}

func TestResolveRefuses(t *testing.T) {
	w, right, _ := disagreement(t)
	if err := w.root(resolveIndex, chosen(scale.Hash{1})); err != ErrUnknownCommit {
		t.Fatal(err)
	}
	if err := w.dispatch(frame.Signed(alice), append([]byte{Index, resolveIndex}, discard...)); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	w.mustRoot(resolveIndex, discard)
	if err := w.root(resolveIndex, discard); err != ErrNoDiscrepancy {
		t.Fatal(err)
	}
	if err := w.root(resolveIndex, chosen(right.Digest())); err != ErrNoDiscrepancy {
		t.Fatal(err)
	}
}

// TestWorkerThatContradictsItselfHalts, whether at once or one vote after the other.
func TestWorkerThatContradictsItselfHalts(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft()
	w.mustSend(k, w.workers[0])
	w.mustSend(altered(k), w.workers[0])
	w.expectHalt(ReasonConflict, w.workers[0], w.workers[0])
	w.end()
}

// TestLateDissentHalts: the faulty worker's vote comes when the others' were enough.
func TestLateDissentHalts(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.deposit(alice, ksm, 500)
	w.next()
	k := w.draft(payout(bob, ksm, 100))
	w.mustSend(k, w.workers[0], w.workers[1])
	w.mustSubmit(command(1))
	w.next()
	wrong := altered(k)
	w.mustSend(wrong, w.workers[2])
	w.expectHalt(ReasonConflict, w.workers[2])
	if err := w.root(resolveIndex, chosen(wrong.Digest())); err != ErrUnknownCommit {
		t.Fatal("what is paid cannot be taken back:", err)
	}
	w.mustRoot(resolveIndex, discard)
	w.expectRefused("dissent that governance has seen", wrong, votes(wrong.Digest(), w.workers[2]), refuseStale)
	w.mustSend(w.draft(), w.workers[0], w.workers[1])
	w.end()
}

func TestLateDissentNeedsAWorker(t *testing.T) {
	w := newWorld(t, 1, 1)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft()
	w.mustSend(k, w.workers[0])
	wrong := altered(k)
	w.expectRefused("a stranger's dissent", wrong, votes(wrong.Digest(), newPair(t, "stranger")), refuseWorker)
	w.expectRefused("a forged dissent", wrong, votes(k.Digest(), w.workers[0]), refuseSignature)
}

// TestRefusedCommitsAreDiscrepancies: enough workers agree on what the chain must
// not execute; nothing of it remains.
func TestRefusedCommitsAreDiscrepancies(t *testing.T) {
	cases := []struct {
		name   string
		change func(*wire.Commit)
		want   Reason
	}{
		{"I2: pays more than the ledger holds", func(k *wire.Commit) {
			k.Outbox[0].Amount, k.Payouts[0].Second = units(501), units(501)
		}, ReasonInsolvent},
		{"I2: pays an asset nobody deposited", func(k *wire.Commit) {
			k.Outbox[0].Asset, k.Payouts[0].First = usdt, usdt
		}, ReasonInsolvent},
		{"I4: outbox numbers repeat", func(k *wire.Commit) { k.OutboxStart = 0 }, ReasonOutbox},
		{"I4: outbox numbers leave a gap", func(k *wire.Commit) { k.OutboxStart = 2 }, ReasonOutbox},
		{"payouts are not the totals", func(k *wire.Commit) { k.Payouts[0].Second = units(99) }, ReasonPayouts},
		{"payouts are missing", func(k *wire.Commit) { k.Payouts = nil }, ReasonPayouts},
		{"a payout of nothing", func(k *wire.Commit) { k.Outbox[0].Amount, k.Payouts[0].Second = units(0), units(0) }, ReasonPayouts},
		{"payouts out of order", func(k *wire.Commit) {
			k.Outbox = append(k.Outbox, payout(bob, usdt, 10))
			k.Payouts = []wire.Payout{{First: usdt, Second: units(10)}, {First: ksm, Second: units(100)}}
		}, ReasonPayouts},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, 3, 2)
			w.deposit(alice, ksm, 500)
			w.next()
			w.mustSend(w.draft(payout(alice, ksm, 100)), w.workers[0], w.workers[1]) // outbox goes on at 1
			w.deposit(alice, ksm, 100)
			w.next()
			k := w.draft(payout(bob, ksm, 100))
			test.change(&k)
			before := lastCommit.Get(w.c)
			w.mustSend(k, w.workers[0])
			if discrepancies.Exists(w.c) {
				t.Fatal("one worker below the threshold halted the chain")
			}
			w.mustSend(k, w.workers[1])
			w.expectHalt(test.want, w.workers[0], w.workers[1])
			if lastCommit.Get(w.c) != before || !checkpoints.Exists(w.c, k.Checkpoint) || assets.Balance(w.c, ksm, bob) != units(1_000_000) {
				t.Fatal("a refused commit left something")
			}
			w.check()
			// Governance discards it, and the workers, set right, go on.
			w.mustRoot(resolveIndex, discard)
			w.mustSend(w.draft(payout(bob, ksm, 100)), w.workers[1], w.workers[2])
			if assets.Balance(w.c, ksm, bob) != units(1_000_100) {
				t.Fatal("the chain did not go on")
			}
			w.end()
		})
	}
}

// TestRemovingAWorkerDropsItsVotes, of commits and keys alike.
func TestRemovingAWorkerDropsItsVotes(t *testing.T) {
	w := newWorld(t, 3, 3)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft()
	w.mustSend(k, w.workers[0], w.workers[1])
	key := wire.ContractKey{Epoch: 0}
	if invalid := w.announce(key, w.workers[0], w.workers[1]); invalid != nil {
		t.Fatal(invalid)
	}
	w.mustRoot(11, scale.U32.Marshal(2))
	gone := w.workers[1].Public()
	w.mustRoot(removeWorkerIndex, gone[:])
	w.check()
	w.expectRefused("one vote is left of two", k, votes(k.Digest(), w.workers[0]), refuseKnown)
	w.mustSend(k, w.workers[2])
	if invalid := w.announce(key, w.workers[2]); invalid != nil || !contractKeys.Exists(w.c, 0) || w.committed() != 1 {
		t.Fatal("two workers are left, and two are needed")
	}
	w.end()
}

func (w *world) announce(key wire.ContractKey, by ...keys.Pair) *frame.TransactionValidityError {
	w.t.Helper()
	return w.announceVotes(key, votes(key.Digest(instance(w.c)), by...))
}

func (w *world) announceVotes(key wire.ContractKey, list []wire.Vote) *frame.TransactionValidityError {
	w.t.Helper()
	call, err := wire.CallAnnounceKey(&key, list)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.bare(call)
}
