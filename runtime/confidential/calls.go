package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Pallet is the pallet as a runtime composes it.
func Pallet() frame.Pallet {
	return frame.Pallet{
		Module: module,
		Calls: []frame.Call{
			frame.NewCall(0, "submit", "Put sealed envelopes into the inbox of the confidential contract.",
				batchCodec, frame.Weight{}, submit).Weighed(weighSubmit),
			frame.NewCall(1, "commit", "Bare: workers' votes for the commit of the checkpoint that is due.",
				commitCodec, frame.Weight{}, commit).Weighed(weighCommit).AsOperational().AsBare(validateCommit),
			frame.NewCall(2, "announce_key", "Bare: workers' votes for the contract key of this epoch or the next.",
				announcementCodec, frame.Weight{}, announceKey).Weighed(weighAnnouncement).AsOperational().AsBare(validateKey),
			frame.NewCall(3, "register_worker", "Register a worker by evidence of the program that holds its key.",
				registrationCodec, weightRegister, registerWorker),
			frame.NewCall(4, "announce_snapshot", "Bare: workers' votes for the snapshot of an epoch that they published.",
				snapshotCodec, frame.Weight{}, announceSnapshot).Weighed(weighSnapshot).AsOperational().AsBare(validateSnapshot),
			frame.NewCall(10, "set_market", "Root: list a market, change it or halt it.",
				listingCodec, weightMarket, setMarket),
			frame.NewCall(11, "set_threshold", "Root: set how many workers must vote for the same bytes.",
				thresholdCodec, weightSet, setThreshold),
			frame.NewCall(12, "remove_worker", "Root: take a worker out, and its machine off the list of those allowed.",
				removalCodec, weightRemove, removeWorker),
			frame.NewCall(13, "allow_measurement", "Root: allow a program, or withdraw it with the workers that run it.",
				allowanceCodec("measurement"), weightAllow, allowMeasurement),
			frame.NewCall(14, "allow_platform", "Root: allow a machine, or withdraw it with the worker that runs on it.",
				allowanceCodec("platform"), weightAllow, allowPlatform),
			frame.NewCall(15, "resolve_discrepancy", "Root: let commits go on, with the commit given or with new votes.",
				resolutionCodec, weightResolve, resolveDiscrepancy),
			frame.NewCall(16, "set_epoch_duration", "Root: set how many milliseconds an epoch lasts.",
				durationCodec, weightSet, setEpochDuration),
			frame.NewCall(17, "sweep_fees", "Root: have the contract pay out the fees of trading in an asset.",
				sweepCodec, weightSweep, sweepFees),
		},
		OnInitialize: onInitialize,
		OnFinalize:   onFinalize,
		TryState:     tryState,
	}
}

var (
	thresholdCodec = scale.Struct("", "",
		scale.Field("threshold", scale.U32, func(threshold *uint32) *uint32 { return threshold }))
	durationCodec = scale.Struct("", "",
		scale.Field("ms", scale.U64, func(ms *uint64) *uint64 { return ms }))
)

// setThreshold may ask for more workers than are registered: commits then wait.
func setThreshold(c *frame.Context, origin frame.Origin, args *uint32) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	if *args == 0 || *args > maxWorkers {
		return ErrThreshold
	}
	threshold.Set(c, *args)
	return nil
}

func setEpochDuration(c *frame.Context, origin frame.Origin, args *uint64) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	if *args < minEpochDuration || *args > maxEpochDuration {
		return ErrEpochDuration
	}
	epochDuration.Set(c, *args)
	return nil
}
