package confidential

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// published is a snapshot of the epoch's first checkpoint.
func (w *world) published(epoch uint32) wire.Snapshot {
	w.t.Helper()
	first, started := epochStarts.Find(w.c, epoch)
	if !started {
		w.t.Fatalf("epoch %d has not started", epoch)
	}
	return wire.Snapshot{Epoch: epoch, Checkpoint: first, StateRoot: scale.Hash{1}, Root: hashing.Blake2_256(scale.U32.Marshal(epoch))}
}

// publish applies an announcement with the votes of these workers.
func (w *world) publish(snapshot wire.Snapshot, by ...keys.Pair) *frame.TransactionValidityError {
	w.t.Helper()
	return w.publishVotes(snapshot, votes(snapshot.Digest(instance(w.c)), by...))
}

func (w *world) publishVotes(snapshot wire.Snapshot, list []wire.Vote) *frame.TransactionValidityError {
	w.t.Helper()
	call, err := wire.CallAnnounceSnapshot(&snapshot, list)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.bare(call)
}

// commitAll commits to every checkpoint that is entered.
func (w *world) commitAll() {
	w.t.Helper()
	for index, _ := due(w.c); checkpoints.Exists(w.c, index); index, _ = due(w.c) {
		w.mustSend(w.draft(), w.workers...)
	}
}

// startCommitted starts epoch 0 and commits to its first checkpoint.
func (w *world) startCommitted() {
	w.t.Helper()
	w.mustSubmit(command(1))
	w.next()
	w.commitAll()
}

// nextEpoch starts the next epoch and commits to its first checkpoint.
func (w *world) nextEpoch() {
	w.t.Helper()
	next := epochs.Get(w.c).Index + 1
	if invalid := w.announce(key(next, byte(next)), w.workers...); invalid != nil {
		w.t.Fatal(invalid)
	}
	w.time += testEpoch
	w.next()
	w.startCommitted()
	if epochs.Get(w.c).Index != next {
		w.t.Fatalf("epoch %d has not started", next)
	}
}

func TestSnapshotNeedsTheThreshold(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.startCommitted()
	first := w.published(0)
	if invalid := w.publish(first, w.workers[0]); invalid != nil || snapshots.Exists(w.c) {
		t.Fatalf("one vote of two: %v", invalid)
	}
	if invalid := w.publish(first, w.workers[2]); invalid != nil {
		t.Fatal(invalid)
	}
	if snapshots.Get(w.c) != first || snapshotVotes.Exists(w.c, 0) {
		t.Fatal("two votes were not enough, or stay")
	}
	w.nextEpoch()
	w.nextEpoch()
	// That of the epoch before is still heard, until a later one is announced.
	for _, epoch := range []uint32{1, 2} {
		if invalid := w.publish(wire.Snapshot{Epoch: epoch, Checkpoint: uint64(epoch)}, w.workers...); invalid != nil || snapshots.Get(w.c).Epoch != epoch {
			t.Fatalf("epoch %d: %v", epoch, invalid)
		}
	}
	w.end()
}

func TestSnapshotRefusals(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.startCommitted()
	w.nextEpoch()
	w.nextEpoch()
	w.mustSubmit(command(7)) // a checkpoint without a commit
	w.next()
	good := w.published(2)
	if invalid := w.publish(good, w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	change := func(edit func(*wire.Snapshot)) wire.Snapshot {
		s := good
		edit(&s)
		return s
	}
	signed := func(s wire.Snapshot, by ...keys.Pair) []wire.Vote { return votes(s.Digest(instance(w.c)), by...) }
	other := change(func(s *wire.Snapshot) { s.Root[0]++ })
	future := change(func(s *wire.Snapshot) { s.Epoch = 3 })
	old := change(func(s *wire.Snapshot) { s.Epoch, s.Checkpoint = 0, 0 })
	later := change(func(s *wire.Snapshot) { s.Checkpoint++ })
	uncommitted := change(func(s *wire.Snapshot) { s.Epoch, s.Checkpoint = 1, 3 })
	cases := []struct {
		name     string
		snapshot wire.Snapshot
		votes    []wire.Vote
		want     *refusal
	}{
		{"an epoch to come", future, signed(future, w.workers[1]), refuseFuture},
		{"an epoch before the last", old, signed(old, w.workers[1]), refuseStale},
		{"another checkpoint of the epoch", later, signed(later, w.workers[1]), refuseCheckpoint},
		{"beyond the last commit", uncommitted, signed(uncommitted, w.workers[1]), refuseFuture},
		{"no vote", good, nil, refuseVotes},
		{"a vote that is counted", good, signed(good, w.workers[0]), refuseKnown},
		{"a second snapshot of the same worker", other, signed(other, w.workers[0]), refuseRevote},
		{"a signature over another", good, signed(other, w.workers[1]), refuseSignature},
		{"another network's", good, votes(good.Digest(wire.Instance{Genesis: scale.Hash{1}}), w.workers[1]), refuseSignature},
		{"a stranger", good, signed(good, newPair(t, "stranger")), refuseWorker},
	}
	for _, test := range cases {
		if invalid := w.publishVotes(test.snapshot, test.votes); invalid != test.want.validity {
			t.Errorf("%s: invalid as %v, not %v", test.name, invalid, test.want.validity)
		}
		if err := announceSnapshot(w.c, frame.None(), &snapshotArguments{Snapshot: test.snapshot, Votes: test.votes}); err != test.want.failure {
			t.Errorf("%s: fails with %v", test.name, err)
		}
	}
	if err := announceSnapshot(w.c, frame.Signed(alice), &snapshotArguments{}); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	if invalid := w.publish(good, w.workers[1]); invalid != nil || snapshots.Get(w.c) != good {
		t.Fatal(invalid)
	}
	again := change(func(s *wire.Snapshot) { s.Epoch, s.Checkpoint = 1, 1 })
	for _, snapshot := range []wire.Snapshot{good, again} {
		if invalid := w.publish(snapshot, w.workers[2]); invalid != refuseStale.validity {
			t.Errorf("after the announcement of epoch 2, that of %d: %v", snapshot.Epoch, invalid)
		}
	}
	w.end()
}

// TestDifferentSnapshotsDoNotHalt: one worker's nonsense is named, and neither commits nor
// the others' snapshot wait for it.
func TestDifferentSnapshotsDoNotHalt(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.startCommitted()
	right := w.published(0)
	wrong := right
	wrong.Root[3]++
	if invalid := w.publish(wrong, w.workers[1]); invalid != nil {
		t.Fatal(invalid)
	}
	if invalid := w.publish(right, w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	wantEvent(w, 11, disputeCodec, dispute{Epoch: 0, Workers: [][32]byte{w.workers[1].Public(), w.workers[0].Public()}})
	if discrepancies.Exists(w.c) {
		t.Fatal("commits are halted")
	}
	w.mustSubmit(command(2))
	w.next()
	w.commitAll()
	if invalid := w.publish(right, w.workers[2]); invalid != nil || snapshots.Get(w.c) != right {
		t.Fatalf("two of three agree: %v", invalid)
	}
	w.end()
}

// TestSnapshotVotesHaveOnePlaceEach in the pool, whoever sends them and with what else.
func TestSnapshotVotesHaveOnePlaceEach(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.startCommitted()
	right := w.published(0)
	wrong := right
	wrong.Root[3]++
	validate := func(s wire.Snapshot, by ...keys.Pair) frame.ValidTransaction {
		args := &snapshotArguments{Snapshot: s, Votes: votes(s.Digest(instance(w.c)), by...)}
		valid, invalid := validateSnapshot(w.c, args)
		if invalid != nil {
			t.Fatal(invalid)
		}
		return valid
	}
	one, same, two := validate(right, w.workers[0]), validate(wrong, w.workers[0]), validate(right, w.workers[1])
	if len(one.Provides) != 1 || string(one.Provides[0]) != string(same.Provides[0]) || string(one.Provides[0]) == string(two.Provides[0]) {
		t.Fatal("a worker has two places, or two workers one")
	}
	if joined := validate(right, w.workers[0], w.workers[1]); joined.Priority >= one.Priority {
		t.Fatal("votes that anybody joined keep a worker's out")
	}
	w.end()
}
