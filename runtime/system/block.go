package system

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// BlockHashCount is for how many blocks System.BlockHash keeps their hashes, and so
// the longest that a mortal extrinsic can live.
var BlockHashCount = frame.NewConstant(module, "BlockHashCount", scale.U32, 4_096,
	"Maximum number of block number to block hash mappings to keep (oldest pruned first).")

var _ = frame.NewConstant(module, "SS58Prefix", scale.U16, frame.SS58Prefix,
	"The designated SS58 prefix of this chain.")

// extrinsicIndexKey is Substrate's well-known key of the running extrinsic's index.
var extrinsicIndexKey = []byte(":extrinsic_index")

// Initialize starts a block.
func Initialize(c *frame.Context, h *header.Header) {
	c.SetPhase(frame.InInitialization())
	setExtrinsicIndex(c, 0)
	number.Set(c, h.Number)
	parentHash.Set(c, h.ParentHash)
	digest.Set(c, h.Digest)
	blockHash.Set(c, h.Number-1, h.ParentHash)
	// Block 0 stays: its hash is in what every extrinsic signs.
	if h.Number > BlockHashCount+1 {
		blockHash.Remove(c, h.Number-1-BlockHashCount)
	}
	frame.ClearEvents(c)
	extrinsicCount.Remove(c)
	eventCount.Remove(c)
	blockWeight.Remove(c)
	AddWeight(c, weightLimits.BaseBlock)
}

// ExtrinsicIndex is the index of the next extrinsic of the block.
func ExtrinsicIndex(c *frame.Context) uint32 {
	raw, exists := c.Host.Get(extrinsicIndexKey)
	if !exists {
		return 0
	}
	return scale.NewDecoder(raw).U32()
}

func setExtrinsicIndex(c *frame.Context, index uint32) {
	var e scale.Encoder
	e.U32(index)
	c.Host.Set(extrinsicIndexKey, e.Encoded())
}

// NoteApplied keeps an extrinsic for the extrinsics root, records how it ended and goes
// on to the next index.
func NoteApplied(c *frame.Context, index uint32, encoded []byte, result frame.DispatchResult, info frame.DispatchInfo) {
	extrinsics.Append(c, encoded)
	info.Weight = info.Weight.Plus(BaseExtrinsic(info.Class))
	if result.Failed() {
		extrinsicFailed.Deposit(c, failure{Error: result.Error, Info: info})
	} else {
		extrinsicSuccess.Deposit(c, info)
	}
	setExtrinsicIndex(c, index+1)
}

// Finalize ends the block: what lived only while it was built is removed, so it
// never reaches the trie, and the header is completed with the roots.
func Finalize(c *frame.Context) header.Header {
	body := extrinsics.Get(c)
	extrinsics.Remove(c)
	c.Host.Clear(extrinsicIndexKey)
	blockLength.Remove(c)
	extrinsicCount.Set(c, uint32(len(body)))
	eventCount.Set(c, frame.EventCount(c))
	return header.Header{
		ParentHash:     parentHash.Get(c),
		Number:         number.Get(c),
		ExtrinsicsRoot: c.Host.OrderedRoot(body),
		Digest:         digest.Get(c),
		StateRoot:      c.Host.StorageRoot(),
	}
}
