package frame

import (
	"math/bits"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Weight is what running something costs: time in picoseconds on the reference
// machine, and bytes of storage proof.
type Weight struct {
	RefTime   uint64
	ProofSize uint64
}

// Units of RefTime.
const (
	Microsecond uint64 = 1_000_000
	Millisecond        = 1_000 * Microsecond
	Second             = 1_000 * Millisecond
)

// Costs of storage access. Time: with a warm trie of 100,000 accounts, reading one
// takes 2 to 3 microseconds, writing one 5 to 8 with its share of the state root
// (package runtime, BenchmarkApplyTransfers, on a busy machine); the rest is reserve.
// Proof: the nodes to one leaf of a trie of a million keys.
const (
	readTime      = 4 * Microsecond
	writeTime     = 10 * Microsecond
	readProofSize = 2_048
)

// WeightCodec is sp_weights' Weight, two compact integers.
var WeightCodec = scale.Struct("sp_weights::weight_v2::Weight", "",
	scale.Field("ref_time", scale.CompactU64, func(w *Weight) *uint64 { return &w.RefTime }),
	scale.Field("proof_size", scale.CompactU64, func(w *Weight) *uint64 { return &w.ProofSize }),
)

// Work is the weight of computing for so many picoseconds, without storage.
func Work(picoseconds uint64) Weight { return Weight{RefTime: picoseconds} }

// Access is the weight of reading and writing so many storage keys.
func Access(reads, writes uint64) Weight {
	return Weight{
		RefTime:   saturatingAdd(saturatingMul(reads, readTime), saturatingMul(writes, writeTime)),
		ProofSize: saturatingMul(saturatingAdd(reads, writes), readProofSize),
	}
}

// Plus is w + o; at the limit of 64 bits it stays there.
func (w Weight) Plus(o Weight) Weight {
	return Weight{
		RefTime:   saturatingAdd(w.RefTime, o.RefTime),
		ProofSize: saturatingAdd(w.ProofSize, o.ProofSize),
	}
}

// Times is n times w; at the limit of 64 bits it stays there.
func (w Weight) Times(n uint64) Weight {
	return Weight{RefTime: saturatingMul(w.RefTime, n), ProofSize: saturatingMul(w.ProofSize, n)}
}

// Within reports whether neither part exceeds the limit's.
func (w Weight) Within(limit Weight) bool {
	return w.RefTime <= limit.RefTime && w.ProofSize <= limit.ProofSize
}

func saturatingAdd(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return ^uint64(0)
	}
	return sum
}

func saturatingMul(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return ^uint64(0)
	}
	return low
}
