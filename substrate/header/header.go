// Package header is the Substrate block header with 32-bit numbers and
// BLAKE2b-256 (sp_runtime::generic::Header<u32, BlakeTwo256>): its encoding,
// its hash, and its shape in Substrate's JSON-RPC.
//
// A block's hash is the hash of its encoded header, so the codec here decides
// what a block is called; it accepts exactly one encoding for each header.
package header

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Bounds of what a decoder accepts. Kusama's longest digests carry an authority
// set: 40 bytes for each of some 1,000 authorities.
const (
	MaxDigestItems     = 64
	MaxDigestItemBytes = 128 << 10
)

// Header says what a block is: what it builds on, its state and its extrinsics.
type Header struct {
	ParentHash     scale.Hash
	Number         uint32
	StateRoot      scale.Hash
	ExtrinsicsRoot scale.Hash
	Digest         []DigestItem
}

// Kinds of DigestItem, by their index in the encoding.
const (
	DigestOther                     = 0
	DigestConsensus                 = 4
	DigestSeal                      = 5
	DigestPreRuntime                = 6
	DigestRuntimeEnvironmentUpdated = 8
)

// DigestItem is a note in a header. Engine belongs to Consensus, Seal and
// PreRuntime, Data to these and to Other.
type DigestItem struct {
	Kind   uint8
	Engine [4]byte
	Data   []byte
}

// PreRuntime is what a block's author states before the block executes.
func PreRuntime(engine [4]byte, data []byte) DigestItem {
	return DigestItem{Kind: DigestPreRuntime, Engine: engine, Data: data}
}

var (
	engineField = scale.Field("", scale.Bytes4, func(d *DigestItem) *[4]byte { return &d.Engine }).
			TypeNamed("ConsensusEngineId")
	dataField = scale.Field("", scale.Bytes(MaxDigestItemBytes), func(d *DigestItem) *[]byte { return &d.Data }).
			TypeNamed("Vec<u8>")
)

// ItemCodec encodes one digest item, as RPC shows it.
var ItemCodec = scale.Enum("sp_runtime::generic::digest::DigestItem",
	func(d *DigestItem) *uint8 { return &d.Kind },
	scale.Variant(DigestPreRuntime, "PreRuntime", "", engineField, dataField),
	scale.Variant(DigestConsensus, "Consensus", "", engineField, dataField),
	scale.Variant(DigestSeal, "Seal", "", engineField, dataField),
	scale.Variant(DigestOther, "Other", "", dataField),
	scale.Variant[DigestItem](DigestRuntimeEnvironmentUpdated, "RuntimeEnvironmentUpdated", ""))

// DigestCodec encodes a header's digest.
var DigestCodec = scale.Struct("sp_runtime::generic::digest::Digest", "",
	scale.Field("logs", scale.Vec(ItemCodec, MaxDigestItems), func(d *[]DigestItem) *[]DigestItem { return d }).
		TypeNamed("Vec<DigestItem>"))

// Codec encodes a header.
var Codec = scale.Struct("sp_runtime::generic::header::Header", "",
	scale.Field("parent_hash", scale.HashCodec, func(h *Header) *scale.Hash { return &h.ParentHash }).
		TypeNamed("Hash::Output"),
	scale.Field("number", scale.CompactU32, func(h *Header) *uint32 { return &h.Number }).
		TypeNamed("Number"),
	scale.Field("state_root", scale.HashCodec, func(h *Header) *scale.Hash { return &h.StateRoot }).
		TypeNamed("Hash::Output"),
	scale.Field("extrinsics_root", scale.HashCodec, func(h *Header) *scale.Hash { return &h.ExtrinsicsRoot }).
		TypeNamed("Hash::Output"),
	scale.Field("digest", DigestCodec, func(h *Header) *[]DigestItem { return &h.Digest }).
		TypeNamed("Digest"),
).WithParams(scale.TypeParam{Name: "Number", Type: scale.U32.Type}, scale.TypeParam{Name: "Hash"})

// Hash is the block's hash: BLAKE2b-256 of the encoded header. It panics if the
// header has no encoding, which no decoded one lacks.
func (h *Header) Hash() scale.Hash {
	e := scale.NewEncoder(make([]byte, 0, usualSize))
	Codec.Encode(e, h)
	if e.Err() != nil {
		panic(e.Err())
	}
	return scale.Hash(hashing.Blake2_256(e.Encoded()))
}

// usualSize, in bytes, holds a header with a few short digest items.
const usualSize = 256

// PreRuntimeData is the data of the first pre-runtime item of engine, or ok = false.
func (h *Header) PreRuntimeData(engine [4]byte) (data []byte, ok bool) {
	for i := range h.Digest {
		if item := &h.Digest[i]; item.Kind == DigestPreRuntime && item.Engine == engine {
			return item.Data, true
		}
	}
	return nil, false
}
