package confidential

import (
	"bytes"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func key(epoch uint32, fill byte) wire.ContractKey {
	k := wire.ContractKey{Epoch: epoch}
	copy(k.Public[:], bytes.Repeat([]byte{fill}, len(k.Public)))
	return k
}

func TestKeyNeedsTheThreshold(t *testing.T) {
	w := newWorld(t, 3, 2)
	first := key(0, 1)
	if invalid := w.announce(first, w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	if contractKeys.Exists(w.c, 0) {
		t.Fatal("one vote of two was enough")
	}
	if invalid := w.announce(first, w.workers[2]); invalid != nil {
		t.Fatal(invalid)
	}
	if !bytes.Equal(contractKeys.Get(w.c, 0), first.Public[:]) || keyVotes.Exists(w.c, 0) {
		t.Fatal("two votes were not enough")
	}
	if invalid := w.announce(key(1, 2), w.workers...); invalid != nil || !contractKeys.Exists(w.c, 1) {
		t.Fatal("the next epoch's key:", invalid)
	}
	w.end()
}

func TestKeyRefusals(t *testing.T) {
	w := newWorld(t, 3, 2)
	announced := key(1, 1)
	if invalid := w.announce(announced, w.workers[0], w.workers[1]); invalid != nil {
		t.Fatal(invalid)
	}
	if invalid := w.announce(key(0, 1), w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	cases := []struct {
		name  string
		key   wire.ContractKey
		votes []wire.Vote
		want  *refusal
	}{
		{"announced", announced, votes(announced.Digest(instance(w.c)), w.workers[2]), refuseStale},
		{"an epoch too far", key(2, 1), nil, refuseFuture},
		{"the last epoch there can be", key(1<<32-1, 1), nil, refuseFuture},
		{"no vote", key(0, 1), nil, refuseVotes},
		{"a vote that is counted", key(0, 1), votes2(w, key(0, 1), 0), refuseKnown},
		{"a second key of the same worker", key(0, 2), votes2(w, key(0, 2), 0), refuseRevote},
		{"a signature over another key", key(0, 1), votes2(w, key(0, 3), 1), refuseSignature},
		{"another network's signature", key(0, 1), votes(announced.Digest(wire.Instance{Genesis: scale.Hash{1}}), w.workers[1]), refuseSignature},
		{"a stranger", key(0, 1), votes(announced.Digest(instance(w.c)), newPair(t, "stranger")), refuseWorker},
	}
	for _, test := range cases {
		if invalid := w.announceVotes(test.key, test.votes); invalid != test.want.validity {
			t.Errorf("%s: invalid as %v, not %v", test.name, invalid, test.want.validity)
		}
		err := announceKey(w.c, frame.None(), &announcement{Key: test.key, Votes: test.votes})
		if err != test.want.failure {
			t.Errorf("%s: fails with %v", test.name, err)
		}
	}
	if err := announceKey(w.c, frame.Signed(alice), &announcement{}); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	// One worker's nonsense does not keep the others from agreeing.
	if invalid := w.announce(key(0, 2), w.workers[1], w.workers[2]); invalid != nil || contractKeys.Get(w.c, 0)[0] != 2 {
		t.Fatal(invalid)
	}
	w.end()
}

func votes2(w *world, k wire.ContractKey, worker int) []wire.Vote {
	return votes(k.Digest(instance(w.c)), w.workers[worker])
}

// messageEpoch is the epoch that the block's Block message carries.
func (w *world) messageEpoch() uint32 {
	w.t.Helper()
	w.mustSubmit(command(1))
	return blockMessages.Get(w.c)[0].Block.Epoch
}

func TestEpochsStartWithAnAnnouncedKey(t *testing.T) {
	w := newWorld(t, 1, 1)
	if epoch := w.messageEpoch(); epoch != 0 || epochs.Get(w.c) != (wire.Epoch{StartedAt: w.time}) {
		t.Fatalf("%+v", epochs.Get(w.c))
	}
	w.next()
	w.mustSend(w.draft(), w.workers[0])
	w.time += testEpoch
	w.next()
	if w.messageEpoch() != 0 {
		t.Fatal("an epoch started without a key")
	}
	w.next()
	if invalid := w.announce(key(1, 1), w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	if w.messageEpoch() != 1 || epochs.Get(w.c) != (wire.Epoch{Index: 1, StartedAt: w.time}) {
		t.Fatalf("%+v", epochs.Get(w.c))
	}
	if invalid := w.announce(key(2, 2), w.workers[0]); invalid != nil {
		t.Fatal(invalid)
	}
	w.next()
	if w.messageEpoch() != 1 {
		t.Fatal("the epoch was too short")
	}
	w.time += testEpoch
	w.next()
	if w.messageEpoch() != 2 || contractKeys.Exists(w.c, 0) || !contractKeys.Exists(w.c, 1) {
		t.Fatal("the keys of the last two epochs, and no others, are kept")
	}
	w.next()
	// Every checkpoint is committed in the epoch of its own Block message.
	for _, epoch := range []uint32{0, 1, 1, 2} { // the first checkpoint has its commit
		k := w.draft()
		if k.Epoch != epoch {
			t.Fatalf("checkpoint %d lies in epoch %d", k.Checkpoint, k.Epoch)
		}
		wrong := k
		wrong.Epoch++
		w.expectRefused("the wrong epoch", wrong, votes(wrong.Digest(), w.workers[0]), refuseEpoch)
		w.mustSend(k, w.workers[0])
	}
	started := 0
	for range epochStarts.All(w.c) {
		started++
	}
	if w.committed() != checkpointCount.Get(w.c) || started != 1 {
		t.Fatalf("%d epoch starts are kept", started)
	}
	w.end()
}

func TestEpochDuration(t *testing.T) {
	w := newWorld(t, 0, 1)
	for _, ms := range []uint64{0, minEpochDuration - 1, maxEpochDuration + 1} {
		if err := w.root(16, scale.U64.Marshal(ms)); err != ErrEpochDuration {
			t.Fatal(err)
		}
	}
	w.mustRoot(16, scale.U64.Marshal(minEpochDuration))
	if epochDuration.Get(w.c) != minEpochDuration {
		t.Fatal("the duration was not set")
	}
	if err := setEpochDuration(w.c, frame.Signed(alice), new(uint64)); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
}
