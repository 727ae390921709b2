package confidential

import (
	"fmt"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

// replace registers a new key on the machine of the worker with this index.
func (w *world) replace(index int) keys.Pair {
	w.t.Helper()
	fresh := newPair(w.t, fmt.Sprint("fresh ", index, w.number))
	if err := w.register(fresh, index); err != nil {
		w.t.Fatal(err)
	}
	return fresh
}

func TestAMachineComesBackWithANewKey(t *testing.T) {
	w := newWorld(t, 2, 1)
	lost := w.workers[0].Public()
	fresh := w.replace(0)
	if workers.Exists(w.c, lost) || workers.Get(w.c, fresh.Public()).Platform != testPlatform(0) || !workers.Exists(w.c, w.workers[1].Public()) {
		t.Fatal("the machine's old worker is still there, or another went")
	}
	w.check() // one worker a platform
	if err := w.register(w.workers[0], 0); err != ErrRetired {
		t.Errorf("the lost key: %v", err)
	}
	if err := w.register(fresh, 0); err != ErrRegistered {
		t.Errorf("the new key: %v", err)
	}
	if err := w.register(w.workers[0], 5); err != ErrRetired {
		t.Errorf("the lost key on another machine: %v", err)
	}
	w.end()
}

// TestAFullListTakesAMachineBack: nobody is added.
func TestAFullListTakesAMachineBack(t *testing.T) {
	w := newWorld(t, int(maxWorkers), 1)
	if err := w.register(newPair(t, "one too many"), int(maxWorkers)); err != ErrTooManyWorkers {
		t.Fatal(err)
	}
	w.replace(3)
	w.end()
}

// TestOneVoteAMachineAcrossReplacement: a machine that changes its key while votes are
// counted has one vote for the checkpoint, not two.
func TestOneVoteAMachineAcrossReplacement(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft()
	w.mustSend(k, w.workers[0])
	fresh := w.replace(0)
	if len(commitVotes.Get(w.c)) != 0 {
		t.Fatal("the lost key's vote is still counted")
	}
	if invalid := w.send(k, w.workers[0]); invalid != refuseWorker.validity {
		t.Fatalf("the lost key votes: %v", invalid)
	}
	w.mustSend(k, fresh)
	if w.committed() != 0 {
		t.Fatal("one machine made two votes")
	}
	w.mustSend(k, w.workers[1])
	if w.committed() != 1 {
		t.Fatal("two machines' votes do not count")
	}
	w.end()
}

// TestNoDissentAcrossReplacement: nor one for a commit and, by a new key, one against it.
func TestNoDissentAcrossReplacement(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft()
	w.mustSend(k, w.workers[0], w.workers[1])
	fresh := w.replace(0) // in the block that accepted the commit
	if invalid := w.send(altered(k), fresh); invalid != refuseLate.validity {
		t.Fatalf("in the same block: %v", invalid)
	}
	w.next()
	later := w.replace(1)
	if invalid := w.send(altered(k), later); invalid != refuseLate.validity {
		t.Fatalf("in a later block: %v", invalid)
	}
	if err := w.dispatch(frame.None(), commitCall(t, altered(k), later)); err != refuseLate.failure {
		t.Fatalf("dispatch: %v", err)
	}
	// Who was there is heard.
	w.mustSend(altered(k), w.workers[2])
	w.expectHalt(ReasonConflict, w.workers[2])
	w.end()
}

// TestKeyAndSnapshotVotesGoWithTheKey.
func TestKeyAndSnapshotVotesGoWithTheKey(t *testing.T) {
	w := newWorld(t, 3, 2)
	w.startCommitted()
	published := w.published(0)
	if invalid := w.announce(key(1, 1), w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	if invalid := w.publish(published, w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	fresh := w.replace(0)
	if len(keyVotes.Get(w.c, 1)) != 0 || len(snapshotVotes.Get(w.c, 0)) != 0 {
		t.Fatal("votes of the lost key are still counted")
	}
	if invalid := w.announce(key(1, 1), fresh); invalid != nil || contractKeys.Exists(w.c, 1) {
		t.Fatalf("the new key's vote: %v", invalid)
	}
	if invalid := w.publish(published, fresh); invalid != nil || snapshots.Exists(w.c) {
		t.Fatalf("the new key's vote: %v", invalid)
	}
	w.end()
}

// TestAFaultyMachineDoesNotGetAwayWithANewKey: governance decided about the key that was at
// fault, and meanwhile the machine has another.
func TestAFaultyMachineDoesNotGetAwayWithANewKey(t *testing.T) {
	w, right, wrong := disagreement(t)
	faulty := w.workers[1].Public()
	fresh := w.replace(1)
	w.mustRoot(removeWorkerIndex, faulty[:])
	w.mustRoot(resolveIndex, discard)
	if workers.Exists(w.c, fresh.Public()) || !retired.Exists(w.c, fresh.Public()) {
		t.Fatal("the machine is still there")
	}
	if err := w.register(newPair(t, "a third key"), 1); err != ErrPlatform {
		t.Fatal(err)
	}
	w.expectRefused("its new key", wrong, votes(wrong.Digest(), fresh), refuseWorker)
	w.mustSend(right, w.workers[0], w.workers[2])
	w.end()
}

func commitCall(t *testing.T, k wire.Commit, by ...keys.Pair) []byte {
	t.Helper()
	call, err := wire.CallCommit(&k, votes(k.Digest(), by...))
	if err != nil {
		t.Fatal(err)
	}
	return call
}

// TestRetiredKeysAreChecked breaks it behind the pallet's back.
func TestRetiredKeysAreChecked(t *testing.T) {
	w := newWorld(t, 1, 1)
	w.end()
	retired.Set(w.c, w.workers[0].Public(), testPlatform(0))
	if err := tryState(w.c); err != ErrWorkers {
		t.Fatal(err)
	}
}
