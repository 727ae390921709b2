package store

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// formatVersion names the layout of the records here; a change of it is a change of this number.
const formatVersion = 1

// Bounds of what is read back. They are far above what consensus allows, and keep a damaged length from reserving memory.
const (
	maxHeaderBytes    = 1 << 20
	maxExtrinsics     = 1 << 20
	maxExtrinsicBytes = 64 << 20
	maxMessagesBytes  = 256 << 20
)

// Head says where the chain stands.
type Head struct {
	Height      uint64     // last CometBFT height committed; 0 before the first
	Number      uint32     // latest Substrate block
	Hash        scale.Hash // its hash: the AppHash
	StateRoot   scale.Hash
	MadeAt      uint64 // CometBFT height that made it; 0 for genesis
	Timestamp   uint64 // its time, ms since 1970: heartbeats count from here
	OldestState uint32 // number of the oldest block whose state is kept, beside genesis
	Checkpoints uint64 // how many checkpoints there are
	First       uint32 // oldest block kept beside genesis, where state sync began; 0: all are. It is in Origin's record
}

// Finalized is the number of the latest block that CometBFT has committed to: the latest one, for a CometBFT block names the block
// that it makes, and is only then voted for (spec/blocks.md).
func (h Head) Finalized() uint32 { return h.Number }

var headCodec = scale.Struct("Head", "",
	scale.Field("height", scale.U64, func(h *Head) *uint64 { return &h.Height }),
	scale.Field("number", scale.U32, func(h *Head) *uint32 { return &h.Number }),
	scale.Field("hash", scale.HashCodec, func(h *Head) *scale.Hash { return &h.Hash }),
	scale.Field("state_root", scale.HashCodec, func(h *Head) *scale.Hash { return &h.StateRoot }),
	scale.Field("made_at", scale.U64, func(h *Head) *uint64 { return &h.MadeAt }),
	scale.Field("timestamp", scale.U64, func(h *Head) *uint64 { return &h.Timestamp }),
	scale.Field("oldest_state", scale.U32, func(h *Head) *uint32 { return &h.OldestState }),
	scale.Field("checkpoints", scale.U64, func(h *Head) *uint64 { return &h.Checkpoints }),
)

// blockRecord is a header as encoded, and what its body must hash to.
type blockRecord struct {
	Header   []byte
	BodyHash scale.Hash // blake2_256 of the encoded body
}

var blockCodec = scale.Struct("Block", "",
	scale.Field("header", scale.Bytes(maxHeaderBytes), func(b *blockRecord) *[]byte { return &b.Header }),
	scale.Field("body_hash", scale.HashCodec, func(b *blockRecord) *scale.Hash { return &b.BodyHash }),
)

var bodyCodec = scale.Vec(scale.Bytes(maxExtrinsicBytes), maxExtrinsics)

// Checkpoint is a block's messages to the confidential contract (spec/wire.md, section 2).
type Checkpoint struct {
	Index    uint64
	Number   uint32
	Hash     scale.Hash // of the block
	Messages []byte     // SCALE Vec<InboxMessage>, as Confidential.BlockMessages holds it
}

var checkpointCodec = scale.Struct("Checkpoint", "",
	scale.Field("index", scale.U64, func(c *Checkpoint) *uint64 { return &c.Index }),
	scale.Field("number", scale.U32, func(c *Checkpoint) *uint32 { return &c.Number }),
	scale.Field("hash", scale.HashCodec, func(c *Checkpoint) *scale.Hash { return &c.Hash }),
	scale.Field("messages", scale.Bytes(maxMessagesBytes), func(c *Checkpoint) *[]byte { return &c.Messages }),
)
