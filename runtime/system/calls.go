package system

import (
	"slices"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// remark is the arguments of both remark calls.
type remark struct{ Remark []byte }

var remarkCodec = scale.Struct("", "",
	scale.Field("remark", scale.Bytes(extrinsic.MaxSize), func(r *remark) *[]byte { return &r.Remark }).TypeNamed("Vec<u8>"))

// Pallet is the pallet as a runtime of this version composes it; event is the type
// of the runtime's events.
func Pallet(version frame.RuntimeVersion, event *scale.Type) frame.Pallet {
	m := *module
	m.Storage = append(slices.Clone(m.Storage), frame.EventsItem(event))
	m.Constants = append(slices.Clone(m.Constants), metadata.ConstantOf("Version", "The version of the runtime.", frame.RuntimeVersionCodec, version))
	return frame.Pallet{Module: &m, Calls: calls(), OnRuntimeUpgrade: onRuntimeUpgrade}
}

func calls() []frame.Call {
	return []frame.Call{
		frame.NewCall(0, "remark", "Make some on-chain remark. It changes nothing.",
			remarkCodec, frame.Weight{}, remarkCall).Weighed(weighRemark),
		frame.NewCall(7, "remark_with_event", "Make some on-chain remark and emit an event with its hash.",
			remarkCodec, frame.Weight{}, remarkWithEvent).Weighed(weighRemark),
		frame.NewCall(20, "schedule_upgrade", "Root: let the runtime of a higher spec version make the blocks from a number on.",
			upgradeFields, weightUpgrade, scheduleUpgrade),
		frame.NewCall(21, "cancel_upgrade", "Root: let the present runtime go on.",
			scale.Unit, weightUpgrade, cancelUpgrade),
	}
}

func remarkCall(_ *frame.Context, origin frame.Origin, _ *remark) error {
	_, err := origin.EnsureSigned()
	return err
}

func remarkWithEvent(c *frame.Context, origin frame.Origin, args *remark) error {
	sender, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	remarkedEvent.Deposit(c, remarked{Sender: sender, Hash: c.Host.Blake2_256(args.Remark)})
	return nil
}
