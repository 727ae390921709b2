package contract

import (
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// TestSecretsThatOpenTwice: an id whose expiry has passed may open a session again. In the block of that expiry, and of the same epoch,
// the new session has the tags of the one that has just ended. To take those out later must not take the new session's: a replica that
// was restored in between would take commands that the others do not know (I5).
func TestSecretsThatOpenTwice(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	secret := [32]byte{0xab}
	tr.linkWith(secret, w.time+2_000)
	w.block()
	tr.send(dummy)
	for range 2 {
		w.block()
	}
	if !tr.isOpen() {
		t.Fatal("the session is not open")
	}
	w.block() // it expires, and the tags of the first session are forgotten as well
	if tr.isOpen() || len(w.c.closed) != 0 {
		t.Fatal("the session has not ended, or its tags are not forgotten")
	}
	tr.linkWith(secret, w.time+1_000)
	w.block()
	w.time += 500 // the next block is of its expiry
	tr.linkWith(secret, w.time+10*hour)
	w.block()
	if !tr.isOpen() {
		t.Fatal("the secret does not open a session again")
	}
	twin := w.restore(w.snapshot())
	placed := limit(1, wire.Sell, 100, 4)
	tr.send(placed)
	messages := append([]wire.InboxMessage{{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time + 500, Epoch: w.epoch}}}, w.pending...)
	commit := w.block()
	for i := range messages {
		if err := twin.Apply(&messages[i]); err != nil {
			t.Fatal(err)
		}
	}
	theirs, err := twin.EndCheckpoint(commit.BlockHash)
	if err != nil {
		t.Fatal(err)
	}
	if theirs.StateRoot != commit.StateRoot {
		t.Error("a restored replica takes a command that the others do not know")
	}
	if available, _ := tr.balance(base); available == 1_000_000 {
		t.Error("the new session's command is not known")
	}
}
