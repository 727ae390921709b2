package system

import (
	"math"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Limits of a block. Normal calls leave a quarter to operational ones, so that
// commits of the confidential contract always fit; mandatory ones are not limited.
// The base weight bounds the number of extrinsics: 20,000 a block.
const (
	maxBlockTime   = 2 * frame.Second
	maxNormalTime  = maxBlockTime / 4 * 3
	maxBlockBytes  = 5 << 20
	maxNormalBytes = maxBlockBytes / 4 * 3

	// baseBlockTime is what starting and ending a block costs.
	baseBlockTime = 500 * frame.Microsecond
	// baseExtrinsicTime is what an extrinsic costs beside its call: decoding, one
	// signature check (60 microseconds of it), nonce, fee, events.
	baseExtrinsicTime = 100 * frame.Microsecond
)

// perClass is frame_support's PerDispatchClass.
type perClass[T any] struct{ Normal, Operational, Mandatory T }

func (p *perClass[T]) of(class frame.Class) *T {
	switch class {
	case frame.Normal:
		return &p.Normal
	case frame.Operational:
		return &p.Operational
	default:
		return &p.Mandatory
	}
}

func perClassCodec[T any](of scale.Codec[T]) scale.Codec[perClass[T]] {
	return scale.Struct("frame_support::dispatch::PerDispatchClass", "",
		scale.Field("normal", of, func(p *perClass[T]) *T { return &p.Normal }),
		scale.Field("operational", of, func(p *perClass[T]) *T { return &p.Operational }),
		scale.Field("mandatory", of, func(p *perClass[T]) *T { return &p.Mandatory }),
	).WithParams(scale.TypeParam{Name: "T", Type: of.Type})
}

var classWeightsCodec = perClassCodec(frame.WeightCodec)

// classLimits are the limits of one class; an absent limit is none.
type classLimits struct {
	BaseExtrinsic frame.Weight
	MaxExtrinsic  scale.Optional[frame.Weight] // of one call
	MaxTotal      scale.Optional[frame.Weight] // of the class in a block
	Reserved      scale.Optional[frame.Weight] // room in the block that other classes must leave
}

// blockLimits is frame_system's BlockWeights.
type blockLimits struct {
	BaseBlock frame.Weight
	MaxBlock  frame.Weight
	PerClass  perClass[classLimits]
}

var classLimitsCodec = scale.Struct("frame_system::limits::WeightsPerClass", "",
	scale.Field("base_extrinsic", frame.WeightCodec, func(l *classLimits) *frame.Weight { return &l.BaseExtrinsic }),
	scale.Field("max_extrinsic", scale.Option(frame.WeightCodec), func(l *classLimits) *scale.Optional[frame.Weight] { return &l.MaxExtrinsic }),
	scale.Field("max_total", scale.Option(frame.WeightCodec), func(l *classLimits) *scale.Optional[frame.Weight] { return &l.MaxTotal }),
	scale.Field("reserved", scale.Option(frame.WeightCodec), func(l *classLimits) *scale.Optional[frame.Weight] { return &l.Reserved }),
)

var blockLimitsCodec = scale.Struct("frame_system::limits::BlockWeights", "",
	scale.Field("base_block", frame.WeightCodec, func(l *blockLimits) *frame.Weight { return &l.BaseBlock }),
	scale.Field("max_block", frame.WeightCodec, func(l *blockLimits) *frame.Weight { return &l.MaxBlock }),
	scale.Field("per_class", perClassCodec(classLimitsCodec), func(l *blockLimits) *perClass[classLimits] { return &l.PerClass }),
)

var blockLengthCodec = scale.Struct("frame_system::limits::BlockLength", "",
	scale.Field("max", perClassCodec(scale.U32), func(l *perClass[uint32]) *perClass[uint32] { return l }))

// unlimitedProof: blocks of a chain of its own need no storage proof.
func atMost(time uint64) frame.Weight {
	return frame.Weight{RefTime: time, ProofSize: math.MaxUint64}
}

var weightLimits = frame.NewConstant(module, "BlockWeights", blockLimitsCodec, blockLimits{
	BaseBlock: frame.Work(baseBlockTime),
	MaxBlock:  atMost(maxBlockTime),
	PerClass: perClass[classLimits]{
		Normal: classLimits{
			BaseExtrinsic: frame.Work(baseExtrinsicTime),
			MaxExtrinsic:  scale.Some(atMost(maxNormalTime - baseExtrinsicTime - baseBlockTime)),
			MaxTotal:      scale.Some(atMost(maxNormalTime)),
			Reserved:      scale.Some(frame.Weight{}),
		},
		Operational: classLimits{
			BaseExtrinsic: frame.Work(baseExtrinsicTime),
			MaxExtrinsic:  scale.Some(atMost(maxBlockTime - maxNormalTime - baseExtrinsicTime - baseBlockTime)),
			MaxTotal:      scale.Some(atMost(maxBlockTime)),
			Reserved:      scale.Some(atMost(maxBlockTime - maxNormalTime)),
		},
		Mandatory: classLimits{BaseExtrinsic: frame.Work(baseExtrinsicTime)},
	},
}, "The weight limits of a block and of the classes of calls in it.")

var lengthLimits = frame.NewConstant(module, "BlockLength", blockLengthCodec, perClass[uint32]{
	Normal: maxNormalBytes, Operational: maxBlockBytes, Mandatory: maxBlockBytes,
}, "The maximum length of a block, in bytes, by class of calls.")
