package sim

import (
	"math/big"
	"time"

	"github.com/bitcloak/bitcloak/sim/auditor"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Fault is something wrong that a test plants in a world, to see that it is noticed.
type Fault int

// Faults.
const (
	NoFault Fault = iota
	// PaidTwice: as many workers as count are broken, and agree on a payout that nobody asked for.
	PaidTwice
	// HiddenEntry: a worker leaves the last entry out of a history.
	HiddenEntry
	// RepeatedEntry: a worker shows an entry twice.
	RepeatedEntry
	// AlteredFill: a worker tells one side of a trade another fee.
	AlteredFill
	// AlteredBalance: a worker shows a unit more than there is.
	AlteredBalance
)

// plant does what the world's own course does not.
func (w *World) plant() {
	if w.options.Fault == PaidTwice {
		w.payTwice()
	}
}

// payTwice has two broken workers register and agree on a commit. The true workers stop when they see it.
func (w *World) payTwice() {
	w.calm = true
	var broken []keys.Pair
	for i := range int(w.plan.threshold) {
		pair := mustPair(keys.Ed25519, secretOf(w.seed, "broken %d", i))
		machine, err := newMachine(w.seed, w.plan.workers+1+i)
		w.must(err)
		w.register(machine, pair)
		broken = append(broken, pair)
	}
	w.until("the broken workers are registered", boundCommits, func() bool { return len(w.registered()) >= w.plan.workers+len(broken) })
	for _, t := range w.traders {
		t.session = nil
		w.until(t.name+" has a session", boundSession, t.reenter)
	}
	w.allAnswered()
	for _, t := range w.traders {
		w.until(t.name+" has read everything", boundCommits, t.readAnywhere)
	}
	for _, s := range w.sites {
		w.must(s.end()) // they would stop by themselves
		s.downUntil = w.now().Add(time.Hour)
	}
	w.until("a commit is due", boundCommits, func() bool { return w.at().get(wire.StorageCheckpoint(w.committed())) != nil })
	k := w.dueCommit(0)
	amount := scale.U128From(1_000_000)
	k.Outbox = []wire.OutboxMessage{{To: w.mallory.account(), Asset: ksm, Amount: amount}}
	k.Payouts = []wire.Payout{{First: ksm, Second: amount}}
	k.StateRoot[0] ^= 1
	digest := k.Digest()
	var votes []wire.Vote
	for _, pair := range broken {
		votes = append(votes, wire.Vote{Worker: pair.Public(), Signature: pair.Sign(digest[:])})
	}
	call, err := wire.CallCommit(&k, votes)
	w.must(err)
	before := w.committed()
	bare := extrinsic.Bare(call)
	encoded, err := bare.Encode()
	w.must(err)
	w.must(w.at().submit(encoded))
	w.block()
	if w.committed() != before+1 {
		w.failf("sim: the broken workers' commit was not accepted")
	}
	w.must(w.auditor.Payouts())
}

// tell is a statement as it reaches the auditor.
func (w *World) tell(st *auditor.Statement) {
	switch w.options.Fault {
	case HiddenEntry:
		if n := len(st.Entries); n > 1 {
			st.Entries = append(st.Entries[:n-2:n-2], st.Entries[n-1])
		}
	case RepeatedEntry:
		if n := len(st.Entries); n > 0 {
			st.Entries = append(st.Entries, st.Entries[n-1])
		}
	case AlteredFill:
		for _, encoded := range st.Fills {
			const feeAt = 8 + 8 + 8 + 4 + 1 + 1 + 8 + 8 + 16 + 16
			encoded[feeAt] ^= 1
		}
	case AlteredBalance:
		for _, encoded := range st.Leaves {
			const availableAt = 1 + 32 + 4
			encoded[availableAt] ^= 1
		}
	}
}

// dueCommit is a commit of the checkpoint that is due, or of one so far beyond it, as the chain knows it: with the last
// root and without payouts.
func (w *World) dueCommit(ahead uint64) wire.Commit {
	index := w.committed() + ahead
	checkpoint, _ := stored(w, wire.CheckpointCodec, wire.StorageCheckpoint(index))
	last, _ := stored(w, wire.LastCommitCodec, wire.StorageLastCommit())
	return wire.Commit{Instance: w.instance, Epoch: w.epoch(), Checkpoint: index, Number: checkpoint.Number, BlockHash: checkpoint.BlockHash,
		PreviousRoot: last.StateRoot, Inbox: checkpoint.Inbox, StateRoot: last.StateRoot, OutboxStart: last.Outbox}
}

// units is an amount for the auditor.
func units(v uint64) *big.Int { return new(big.Int).SetUint64(v) }
