package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/runtime/timestamp"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Inbox is where other pallets put their messages to the contract.
type Inbox struct{}

// HasRoom reports whether the block takes one more message.
func (Inbox) HasRoom(c *frame.Context) bool { return room(c) > 0 }

// Push adds the message and gives its number: the inbox's count with it. The caller
// has asked HasRoom.
func (Inbox) Push(c *frame.Context, message *wire.InboxMessage) (number uint64) {
	f := openInbox(c)
	f.add(c, message)
	f.close(c)
	return f.inbox.Count
}

// openingRoom is for the Block message and, in the first checkpoint, the markets of
// genesis.
var openingRoom = 1 + uint64(maxMarkets)

// room is how many more messages the block takes, after those that open it.
func room(c *frame.Context) uint64 {
	used := openingRoom
	if block, is := openBlock.Find(c); is {
		used = inbox.Get(c).Count - block.Before
	}
	return wire.MaxBlockMessages - min(used, wire.MaxBlockMessages)
}

// folder holds the inbox while messages are added, so that a batch reads and writes
// it once.
type folder struct {
	inbox   wire.Inbox
	encoder scale.Encoder
}

// openInbox starts adding messages; a block's first opens the checkpoint.
func openInbox(c *frame.Context) *folder {
	f := &folder{inbox: inbox.Get(c)}
	if !openBlock.Exists(c) {
		f.openCheckpoint(c)
	}
	return f
}

// openCheckpoint puts the Block message before the first other of the block. The
// first checkpoint goes on with the markets of genesis.
func (f *folder) openCheckpoint(c *frame.Context) {
	now, number := timestamp.Now(c), system.Number(c)
	openBlock.Set(c, opened{Number: number, Before: f.inbox.Count})
	lastCheckpointTime.Set(c, now)
	f.add(c, &wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{
		Number: number, Parent: system.ParentHash(c), Timestamp: now, Epoch: advanceEpoch(c, now),
	}})
	listed := genesisMarkets.Get(c)
	if len(listed) == 0 {
		return
	}
	for _, id := range listed {
		f.add(c, &wire.InboxMessage{Kind: wire.MessageMarket, Market: markets.Get(c, id)})
	}
	genesisMarkets.Remove(c)
}

// add folds one message into the inbox (I5) and appends it to those of the block.
func (f *folder) add(c *frame.Context, message *wire.InboxMessage) {
	f.encoder.Reset()
	wire.InboxMessageCodec.Encode(&f.encoder, message)
	if err := f.encoder.Err(); err != nil {
		panic("confidential: a message has no encoding: " + err.Error())
	}
	encoded := f.encoder.Encoded()
	c.Host.Append(blockMessages.StorageKey(), encoded)
	preimage := f.inbox.FoldPreimage(c.Host.Blake2_256(encoded))
	f.inbox = wire.Inbox{Count: f.inbox.Count + 1, Hash: c.Host.Blake2_256(preimage[:])}
}

// close stores the inbox.
func (f *folder) close(c *frame.Context) { inbox.Set(c, f.inbox) }

// onInitialize enters the checkpoint of the block before, whose hash is known now.
func onInitialize(c *frame.Context) frame.Weight {
	if pending, is := pendingCheckpoint(c); is {
		checkpoints.Set(c, pending.Index, pending)
		checkpointCount.Set(c, pending.Index+1)
		blockMessages.Remove(c)
		openBlock.Remove(c)
	}
	return weightInitialize
}

// pendingCheckpoint is the block before as a checkpoint that is not entered yet.
func pendingCheckpoint(c *frame.Context) (checkpoint wire.Checkpoint, is bool) {
	block, is := openBlock.Find(c)
	if !is || block.Number >= system.Number(c) {
		return checkpoint, false
	}
	return wire.Checkpoint{
		Index: checkpointCount.Get(c), Number: block.Number, BlockHash: system.ParentHash(c), Inbox: inbox.Get(c),
	}, true
}

// onFinalize makes a block without messages a checkpoint when the heartbeat is due.
func onFinalize(c *frame.Context) {
	if openBlock.Exists(c) || timestamp.Now(c)-lastCheckpointTime.Get(c) < heartbeat.Get(c) {
		return
	}
	openInbox(c).close(c)
}

// findCheckpoint is a checkpoint without a commit. One that is not entered yet also
// counts: the pool may ask about a commit before the next block starts.
func findCheckpoint(c *frame.Context, index uint64) (checkpoint wire.Checkpoint, exists bool) {
	if checkpoint, exists = checkpoints.Find(c, index); exists {
		return checkpoint, true
	}
	checkpoint, exists = pendingCheckpoint(c)
	return checkpoint, exists && checkpoint.Index == index
}

// instance is what this chain's commits, keys and evidence are bound to: the hash of
// header 0, and the one contract there is.
func instance(c *frame.Context) wire.Instance {
	genesis, _ := system.BlockHash(c, 0)
	return wire.Instance{Genesis: genesis}
}
