package confidential

import (
	"bytes"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// TestI5MessagesFoldInOrder folds the messages a second time, as a worker does.
func TestI5MessagesFoldInOrder(t *testing.T) {
	w := newWorld(t, 0, 1)
	w.mustSubmit(command(1), command(2))
	w.deposit(bob, ksm, 100)
	w.mustSubmit(command(3))
	messages := blockMessages.Get(w.c)
	kinds := []uint8{wire.MessageBlock, wire.MessageMarket, wire.MessageMarket,
		wire.MessageEnvelope, wire.MessageEnvelope, wire.MessageDeposit, wire.MessageEnvelope}
	if len(messages) != len(kinds) {
		t.Fatalf("%d messages", len(messages))
	}
	folded := wire.Inbox{}
	for i, message := range messages {
		if message.Kind != kinds[i] {
			t.Fatalf("message %d is of kind %d", i, message.Kind)
		}
		folded = folded.Fold(wire.InboxMessageCodec.Marshal(message))
	}
	if folded != inbox.Get(w.c) {
		t.Fatal("the messages do not fold to the inbox")
	}
	if block := messages[0].Block; block != (wire.Block{Number: 1, Parent: blockHash(0), Timestamp: w.time}) {
		t.Fatalf("%+v", block)
	}
	if messages[1].Market.ID != 3 || messages[2].Market.ID != 7 {
		t.Fatal("the markets of genesis are out of order")
	}
	if envelope := messages[4].Envelope; envelope.Sender != alice || !bytes.Equal(envelope.Bytes, command(2)) {
		t.Fatal("the second envelope is another")
	}
	w.next()
	if blockMessages.Len(w.c) != 0 {
		t.Fatal("the messages of the block before are still there")
	}
	w.mustSubmit(command(4))
	if len(blockMessages.Get(w.c)) != 2 {
		t.Fatal("only the first checkpoint lists the markets of genesis")
	}
}

func TestBadEnvelopesAreSkipped(t *testing.T) {
	w := newWorld(t, 0, 1)
	w.mustSubmit(command(1))
	before := inbox.Get(w.c)
	wrongClass := command(9)
	wrongClass[0] = 3
	opening := make([]byte, wire.OpeningEnvelopeSize)
	opening[0] = wire.ClassOpening
	w.mustSubmit(nil, command(1)[:255], append(command(1), 0), wrongClass, make([]byte, 100_000), opening, command(2))
	messages := blockMessages.Get(w.c)
	after := inbox.Get(w.c)
	if after.Count != before.Count+2 || !bytes.Equal(messages[len(messages)-2].Envelope.Bytes, opening) ||
		!bytes.Equal(messages[len(messages)-1].Envelope.Bytes, command(2)) {
		t.Fatal("exactly the opening and the command are taken")
	}
	w.mustSubmit([]byte{1, 2, 3})
	if inbox.Get(w.c) != after {
		t.Fatal("garbage changed the inbox")
	}
}

func TestGarbageAloneMakesNoCheckpoint(t *testing.T) {
	w := newWorld(t, 0, 1)
	w.mustSubmit(command(1)) // so that no heartbeat is due
	w.next()
	w.mustSubmit([]byte("garbage"))
	w.next()
	if checkpointCount.Get(w.c) != 1 {
		t.Fatal("a block with nothing but garbage became a checkpoint")
	}
}

func TestSubmitRefuses(t *testing.T) {
	w := newWorld(t, 0, 1)
	if err := w.submit(); err != ErrNoEnvelopes {
		t.Fatal(err)
	}
	call, err := wire.CallSubmit([][]byte{command(1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.dispatch(frame.Root(), call); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	tooMany := scale.NewEncoder([]byte{Index, 0})
	tooMany.Compact(wire.MaxSubmitEnvelopes + 1)
	tooMany.Raw(make([]byte, wire.MaxSubmitEnvelopes+1))
	d := scale.NewDecoder(tooMany.Encoded())
	if w.calls.Decode(d); d.Err() == nil {
		t.Fatal("a batch above its bound decodes")
	}
}

// TestBlockTakesBoundedMessages fills a block to its last message.
func TestBlockTakesBoundedMessages(t *testing.T) {
	w := newWorld(t, 0, 1)
	if room(w.c) != wire.MaxBlockMessages-openingRoom {
		t.Fatal("no room is kept for the messages that open the first checkpoint")
	}
	batch := make([][]byte, wire.MaxSubmitEnvelopes)
	for i := range batch {
		batch[i] = command(byte(i))
	}
	w.mustSubmit(batch...)
	for room(w.c) >= wire.MaxSubmitEnvelopes {
		w.mustSubmit(batch...)
	}
	if err := w.submit(batch...); err != ErrInboxFull {
		t.Fatal(err)
	}
	w.mustSubmit(batch[:room(w.c)]...)
	if room(w.c) != 0 || (Inbox{}).HasRoom(w.c) || blockMessages.Len(w.c) != wire.MaxBlockMessages {
		t.Fatalf("%d messages", blockMessages.Len(w.c))
	}
	if err := w.submit(command(1)); err != ErrInboxFull {
		t.Fatal(err)
	}
	market := testMarket(7)
	if err := w.root(10, wire.MarketCodec.Marshal(market)); err != ErrInboxFull {
		t.Fatal(err)
	}
	w.mustSubmit([]byte("garbage takes no room"))
	w.next()
	w.mustSubmit(command(1))
}

func TestCheckpointsAndHeartbeat(t *testing.T) {
	w := newWorld(t, 1, 1)
	w.mustSubmit(command(1))
	w.next() // checkpoint 0
	want := wire.Checkpoint{Index: 0, Number: 1, BlockHash: blockHash(1), Inbox: inbox.Get(w.c)}
	if got := checkpoints.Get(w.c, 0); got != want {
		t.Fatalf("%+v", got)
	}
	// A commit is no message: its block is no checkpoint.
	w.mustSend(w.draft(), w.workers[0])
	for range testHeartbeat/blockTime - 1 {
		w.next()
	}
	if checkpointCount.Get(w.c) != 1 {
		t.Fatal("a checkpoint before the heartbeat")
	}
	w.end() // ten blocks after the first: due
	messages := blockMessages.Get(w.c)
	if len(messages) != 1 || messages[0].Kind != wire.MessageBlock || messages[0].Block.Timestamp != w.time {
		t.Fatalf("%d messages at the heartbeat", len(messages))
	}
	w.begin()
	if checkpointCount.Get(w.c) != 2 || checkpoints.Get(w.c, 1).Number != w.number-1 {
		t.Fatal("the heartbeat's block is no checkpoint")
	}
}

// TestPoolKnowsTheCheckpointOfTheHead: the block after the head is not begun by its
// hooks when the pool asks.
func TestPoolKnowsTheCheckpointOfTheHead(t *testing.T) {
	w := newWorld(t, 1, 1)
	w.mustSubmit(command(1))
	if _, exists := findCheckpoint(w.c, 0); exists {
		t.Fatal("a block is a checkpoint before it ends")
	}
	w.end()
	w.c.Host.Begin()
	w.initializeOnly()
	expected, exists := findCheckpoint(w.c, 0)
	if !exists {
		t.Fatal("the pool does not know the head's checkpoint")
	}
	if _, more := findCheckpoint(w.c, 1); more {
		t.Fatal("there is no other")
	}
	commit := w.draft()
	if _, refused := checkCommit(w.c, &commit, votes(commit.Digest(), w.workers[0])); refused != nil {
		t.Fatal(refused.failure)
	}
	w.c.Host.Rollback()
	w.begin()
	if entered, _ := findCheckpoint(w.c, 0); entered != expected {
		t.Fatalf("%+v was entered, the pool took it for %+v", entered, expected)
	}
}
