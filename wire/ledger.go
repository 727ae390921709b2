package wire

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// LeafVersion is the only version of Leaf.
	LeafVersion = 1
	// TreeDepth is the number of levels above the leaves.
	TreeDepth = 32
	// LeafSize is the length of an encoded Leaf in bytes.
	LeafSize = 1 + 32 + 4 + 16 + 16 + 32
)

// Leaf is one account's balance of one asset.
type Leaf struct {
	Version   uint8
	Account   AccountID
	Asset     uint32
	Available U128
	Held      U128     // by open orders
	Blinding  [32]byte // hides the rest from whoever sees only hashes
}

// LeafCodec is the codec of Leaf.
var LeafCodec = scale.Struct("bitcloak_wire::Leaf", "One account's balance of one asset in the contract's ledger.",
	scale.Field("version", scale.U8, func(v *Leaf) *uint8 { return &v.Version }),
	scale.Field("account", scale.AccountIDCodec, func(v *Leaf) *AccountID { return &v.Account }),
	scale.Field("asset", scale.U32, func(v *Leaf) *uint32 { return &v.Asset }),
	scale.Field("available", scale.U128Codec, func(v *Leaf) *U128 { return &v.Available }),
	scale.Field("held", scale.U128Codec, func(v *Leaf) *U128 { return &v.Held }),
	scale.Field("blinding", scale.Bytes32, func(v *Leaf) *[32]byte { return &v.Blinding }),
)

const (
	leafTag  = "bitcloak/leaf/v1"
	nodeTag  = "bitcloak/node/v1"
	stateTag = "bitcloak/state/v1"
)

// Hash is the leaf's place in the tree.
func (v *Leaf) Hash() Hash {
	var preimage [len(leafTag) + LeafSize]byte
	b := append(preimage[:0], leafTag...)
	b = append(b, v.Version)
	b = append(b, v.Account[:]...)
	b = appendU32(b, v.Asset)
	b = appendU64(appendU64(b, v.Available.Lo), v.Available.Hi)
	b = appendU64(appendU64(b, v.Held.Lo), v.Held.Hi)
	b = append(b, v.Blinding[:]...)
	return hashing.Blake2_256(b)
}

// NodeHash is the parent of two hashes of the tree.
func NodeHash(left, right *Hash) Hash {
	var preimage [len(nodeTag) + 64]byte
	at := copy(preimage[:], nodeTag)
	at += copy(preimage[at:], left[:])
	copy(preimage[at:], right[:])
	return hashing.Blake2_256(preimage[:])
}

// StateRoot binds the root of the leaves and the rest of the contract's state.
func StateRoot(leaves, remainder Hash) Hash { return tagged(stateTag, leaves[:], remainder[:]) }

// EmptySubtrees is, at [n], the root of a tree of n levels without leaves. It is
// computed anew, 32 hashes, so that starting the runtime does not pay for it.
func EmptySubtrees() (empty [TreeDepth + 1]Hash) {
	for level := range TreeDepth {
		empty[level+1] = NodeHash(&empty[level], &empty[level])
	}
	return empty
}

// LeafProof shows that a leaf belongs to a state root.
type LeafProof struct {
	Leaf      Leaf
	Index     uint32 // of the leaf, in order of first use
	Siblings  []Hash // from the leaf upwards; trailing empty subtrees are left out
	Remainder Hash
}

// LeafProofCodec is the codec of LeafProof.
var LeafProofCodec = scale.Struct("bitcloak_wire::LeafProof", "Shows that a leaf belongs to a state root.",
	scale.Field("leaf", LeafCodec, func(v *LeafProof) *Leaf { return &v.Leaf }),
	scale.Field("index", scale.U32, func(v *LeafProof) *uint32 { return &v.Index }),
	scale.Field("siblings", scale.Vec(scale.HashCodec, TreeDepth), func(v *LeafProof) *[]Hash { return &v.Siblings }),
	scale.Field("remainder", scale.HashCodec, func(v *LeafProof) *Hash { return &v.Remainder }),
)

// Verify tells whether the proof's leaf belongs to root. A leaf has exactly one
// proof: other lengths of siblings are refused.
func (p *LeafProof) Verify(root Hash) bool {
	given := len(p.Siblings)
	if p.Leaf.Version != LeafVersion || given > TreeDepth {
		return false
	}
	empty := EmptySubtrees()
	if given > 0 && p.Siblings[given-1] == empty[given-1] {
		return false
	}
	hash := p.Leaf.Hash()
	for level := range TreeDepth {
		sibling := &empty[level]
		if level < given {
			sibling = &p.Siblings[level]
		}
		if p.Index>>level&1 == 0 {
			hash = NodeHash(&hash, sibling)
		} else {
			hash = NodeHash(sibling, &hash)
		}
	}
	return StateRoot(hash, p.Remainder) == root
}
