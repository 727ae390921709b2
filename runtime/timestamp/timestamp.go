package timestamp

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Index of the pallet.
const Index = 1

const setIndex = 0

var module = frame.NewModule("Timestamp", Index, "pallet_timestamp")

var now = frame.NewValue(module, "Now", scale.U64, frame.Default,
	"The current time, in milliseconds since 1970.")

// minimumPeriod is the least that time rises from block to block.
var minimumPeriod = frame.NewConstant(module, "MinimumPeriod", scale.U64, 1,
	"The minimum period between blocks, in milliseconds.")

// errNotRising is why a block's author must not reuse a time.
var errNotRising = frame.NewError(module, 0, "NotRising",
	"The time is not after that of the block before; propose a later one.")

type set struct{ Now uint64 }

var setCodec = scale.Struct("", "",
	scale.Field("now", scale.CompactU64, func(s *set) *uint64 { return &s.Now }).TypeNamed("T::Moment"))

var weightSet = frame.Work(2 * frame.Microsecond).Plus(frame.Access(1, 1))

// Pallet is the pallet as a runtime composes it.
func Pallet() frame.Pallet {
	return frame.Pallet{
		Module: module,
		Calls: []frame.Call{
			frame.NewCall(setIndex, "set", "Set the current time: an inherent, the first extrinsic of a block.",
				setCodec, weightSet, setTime).AsInherent(),
		},
	}
}

func setTime(c *frame.Context, origin frame.Origin, args *set) error {
	if err := origin.EnsureNone(); err != nil {
		return err
	}
	if previous := now.Get(c); args.Now < previous || args.Now-previous < minimumPeriod {
		return errNotRising
	}
	now.Set(c, args.Now)
	return nil
}

// Now is the time of the block, in milliseconds since 1970; before the inherent of a
// block, that of the block before.
func Now(c *frame.Context) uint64 { return now.Get(c) }

// EncodeSet is the encoded call `set`.
func EncodeSet(milliseconds uint64) []byte {
	e := scale.NewEncoder([]byte{Index, setIndex})
	setCodec.Encode(e, &set{Now: milliseconds})
	return e.Encoded()
}

// DecodeSet reads back what EncodeSet writes.
func DecodeSet(call []byte) (milliseconds uint64, ok bool) {
	if len(call) < 2 || call[0] != Index || call[1] != setIndex {
		return 0, false
	}
	args, err := setCodec.Unmarshal(call[2:])
	return args.Now, err == nil
}
