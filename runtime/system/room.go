package system

import (
	"math"

	"github.com/bitcloak/bitcloak/runtime/frame"
)

// BaseExtrinsic is what every extrinsic weighs beside its call.
func BaseExtrinsic(class frame.Class) frame.Weight {
	return weightLimits.PerClass.of(class).BaseExtrinsic
}

// MaxBlockWeight is the most that a block may weigh.
func MaxBlockWeight() frame.Weight { return weightLimits.MaxBlock }

// MaxBlockLength is the most bytes that extrinsics of the class may fill a block to.
func MaxBlockLength(class frame.Class) uint32 { return *lengthLimits.of(class) }

// CheckLimits refuses a call that no block has room for.
func CheckLimits(info frame.DispatchInfo, length uint32) *frame.TransactionValidityError {
	limit := weightLimits.PerClass.of(info.Class).MaxExtrinsic
	if limit.Some && !info.Weight.Within(limit.Value) || length > MaxBlockLength(info.Class) {
		return frame.InvalidExhausts
	}
	return nil
}

// TakeRoom takes an extrinsic's weight and length from the room left in the block,
// or refuses it and takes nothing.
func TakeRoom(c *frame.Context, info frame.DispatchInfo, length uint32) *frame.TransactionValidityError {
	if invalid := CheckLimits(info, length); invalid != nil {
		return invalid
	}
	bytes := uint64(blockLength.Get(c)) + uint64(length)
	if info.Class != frame.Mandatory && bytes > uint64(MaxBlockLength(info.Class)) {
		return frame.InvalidExhausts
	}
	used := blockWeight.Get(c)
	limits := weightLimits.PerClass.of(info.Class)
	class := used.of(info.Class)
	*class = class.Plus(info.Weight).Plus(limits.BaseExtrinsic)
	if limits.MaxTotal.Some && !class.Within(limits.MaxTotal.Value) {
		return frame.InvalidExhausts
	}
	total := used.Normal.Plus(used.Operational).Plus(used.Mandatory)
	if limits.Reserved.Some && !total.Within(weightLimits.MaxBlock) && !class.Within(limits.Reserved.Value) {
		return frame.InvalidExhausts
	}
	blockWeight.Set(c, used)
	blockLength.Set(c, uint32(min(bytes, math.MaxUint32)))
	return nil
}

// AddWeight counts weight that hooks used; it always fits.
func AddWeight(c *frame.Context, weight frame.Weight) {
	used := blockWeight.Get(c)
	used.Mandatory = used.Mandatory.Plus(weight)
	blockWeight.Set(c, used)
}
