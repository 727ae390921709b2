package system

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Index of the pallet.
const Index = 0

var module = frame.NewModule("System", Index, "frame_system")

// MaxExtrinsics bounds the extrinsics of a block; their base weight allows fewer.
const MaxExtrinsics = 1 << 16

// maxStoredExtrinsic bounds an extrinsic with its length prefix, in bytes.
const maxStoredExtrinsic = extrinsic.MaxSize + 4

var (
	accounts = frame.NewMap(module, "Account", frame.Blake2_128Concat(scale.AccountIDCodec), accountInfoCodec, frame.Default,
		"The full account information for a particular account ID.")
	extrinsicCount = frame.NewValue(module, "ExtrinsicCount", scale.U32, frame.Optional,
		"How many extrinsics the block has; known when it is finalised.")
	blockWeight = frame.NewValue(module, "BlockWeight", classWeightsCodec, frame.Default,
		"The weight of the current block, by class.")
	blockLength = frame.NewValue(module, "AllExtrinsicsLen", scale.U32, frame.Optional,
		"Bytes of the current block's extrinsics so far.")
	blockHash = frame.NewMap(module, "BlockHash", frame.Twox64Concat(scale.U32), scale.HashCodec, frame.Default,
		"Hashes of the last BlockHashCount blocks, and of block 0, by number.")
	extrinsics = frame.NewList(module, "Extrinsics", scale.Bytes(maxStoredExtrinsic), MaxExtrinsics,
		"The extrinsics of the current block, only while it is built.")
	number = frame.NewValue(module, "Number", scale.U32, frame.Default,
		"The number of the current block.")
	parentHash = frame.NewValue(module, "ParentHash", scale.HashCodec, frame.Default,
		"The hash of the block before.")
	digest = frame.NewValue(module, "Digest", header.DigestCodec, frame.Default,
		"The digest of the current block.")
	eventCount = frame.NewValue(module, "EventCount", scale.U32, frame.Default,
		"How many events the block has; known when it is finalised.")
	lastRuntimeUpgrade = frame.NewValue(module, "LastRuntimeUpgrade", runtimeInfoCodec, frame.Optional,
		"The spec version and name that last ran.")
)

// runtimeInfo is which runtime last ran.
type runtimeInfo struct {
	SpecVersion uint32
	SpecName    string
}

var runtimeInfoCodec = scale.Struct("frame_system::LastRuntimeUpgradeInfo", "",
	scale.Field("spec_version", scale.CompactU32, func(r *runtimeInfo) *uint32 { return &r.SpecVersion }),
	scale.Field("spec_name", scale.Str(frame.MaxNameBytes), func(r *runtimeInfo) *string { return &r.SpecName }),
)

// Number is the number of the current block.
func Number(c *frame.Context) uint32 { return number.Get(c) }

// ParentHash is the hash of the block before the current one.
func ParentHash(c *frame.Context) scale.Hash { return parentHash.Get(c) }

// BlockHash is the hash of an earlier block among the last BlockHashCount, or of block 0.
func BlockHash(c *frame.Context, n uint32) (hash scale.Hash, known bool) { return blockHash.Find(c, n) }
